"""Registers the shot's operators, looks, menus and handler, and takes them away without a trace."""

from pathlib import Path

import bpy

from .. import translations
from . import menus, pass_handler
from .head_empty import HeadEmpty
from .head_mesh import HeadMesh
from .look_operators import AddLookPreset, LookMenu, PlaceLook, RemoveLook
from .look_settings import Look, LookLamp
from .menus import LookPanel, LookViewportPanel, ShotMenu, ShotPanel
from .part_mattes import PartMattes
from .pass_output import PassOutput
from .plate_world import PlateWorld
from .relight_plate import RelightPlate

CLASSES = (
    LookLamp,
    Look,
    RelightPlate,
    HeadEmpty,
    HeadMesh,
    PlateWorld,
    PassOutput,
    PartMattes,
    PlaceLook,
    RemoveLook,
    AddLookPreset,
    LookMenu,
    ShotMenu,
    ShotPanel,
    LookPanel,
    LookViewportPanel,
)

PRESET_PARENT = str(Path(__file__).resolve().parents[1])
"""The folder that holds `presets`."""


def register() -> None:
    """Add everything."""
    for entry in CLASSES:
        bpy.utils.register_class(entry)
    bpy.types.Scene.chiaro_look = bpy.props.PointerProperty(
        type=Look, name="Studio Look", description="The lamps of the studio look around the person's head"
    )
    bpy.utils.register_preset_path(PRESET_PARENT)
    menus.add_entries()
    pass_handler.add_handler()
    translations.register()


def unregister() -> None:
    """Take everything away again."""
    translations.unregister()
    pass_handler.remove_handler()
    menus.remove_entries()
    bpy.utils.unregister_preset_path(PRESET_PARENT)
    del bpy.types.Scene.chiaro_look
    for entry in reversed(CLASSES):
        bpy.utils.unregister_class(entry)
