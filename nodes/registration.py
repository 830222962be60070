"""Registers the compositor nodes with Blender, and takes them away without a trace."""

import bpy

from . import add_menu, handlers
from .engine import ENGINE
from .lamp_switches import SwitchLamp
from .mix_wiring import wire_for_files
from .node_settings import ExcludedLamp
from .relight_node import RelightNode

CLASSES = (ExcludedLamp, SwitchLamp, RelightNode)


def register() -> None:
    """Register node, menu entry and handlers; the engine is loaded by the first frame that needs it."""
    for registered in CLASSES:
        bpy.utils.register_class(registered)
    add_menu.register()
    handlers.register()
    if hasattr(bpy.data, "scenes"):  # Not while Blender starts: the file's load event follows.
        handlers.prepare_file()


def unregister() -> None:
    """Undo `register`; nodes in open files stay and come back with the next registration."""
    handlers.unregister()
    wire_for_files()
    add_menu.unregister()
    for registered in reversed(CLASSES):
        bpy.utils.unregister_class(registered)
    ENGINE.release()
    handlers.remove_prepared()
