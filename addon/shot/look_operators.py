"""Placing a studio look around the head, its presets in Blender's own preset system, and its panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bl_operators.presets import AddPresetBase

from .analysed_shot import active_relight_node, analyse_frame, current_moment, relight_node_of
from .frame_walk import reporting_errors
from .head_empty import head_empty
from .look_rig import build_rig, look_rig, remove_rig, use_world_light
from .look_settings import LAMPS

SUBDIRECTORY = "chiaro/looks"
MENU = "CHIARO_MT_looks"
FIRST_LOOK = "rembrandt.py"


class PlaceLook(bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Places the lamps."""

    bl_idname = "chiaro.place_look"
    bl_label = "Place Studio Look"
    bl_description = (
        "Place the look's lamps around the person's head, turned as the face looks on this frame; Rembrandt where no "
        "look is chosen yet"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender's way

    def execute(self, context: Any) -> set[str]:
        """Find the head and place the lamps."""
        return reporting_errors(self, lambda: self._place(context))

    def _place(self, context: Any) -> set[str]:
        scene = context.scene
        if not any(getattr(scene.chiaro_look, name).use for name in LAMPS):
            relight_node_of(scene)
            return choose_first_look()
        pose = _known_head(scene)
        if pose is None:
            pose = analyse_frame(active_relight_node(context), current_moment(context)).world_from_head
        build_rig(scene, pose)
        use_world_light(scene, use=scene.chiaro_look.use_world)
        return {"FINISHED"}


def choose_first_look() -> set[str]:
    """The look for an artist who has chosen none; choosing it places it."""
    folders = bpy.utils.preset_paths(SUBDIRECTORY)
    path = next(path for path in (Path(folder) / FIRST_LOOK for folder in folders) if path.exists())
    done: set[str] = bpy.ops.script.execute_preset(filepath=str(path), menu_idname=MENU)
    return done


def _known_head(scene: Any) -> Any | None:
    """(4, 4) pose of the Empty on the head, which the artist may have corrected by hand."""
    import numpy as np

    empty = head_empty(scene)
    return None if empty is None else np.array(empty.matrix_world.normalized(), np.float64)


class RemoveLook(bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Takes the lamps away."""

    bl_idname = "chiaro.remove_look"
    bl_label = "Remove Studio Look"
    bl_description = "Take the look's lamps away and let the world light the person again"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender's way

    @classmethod
    def poll(cls, context: Any) -> bool:
        """There is a look."""
        return look_rig(context.scene) is not None

    def execute(self, context: Any) -> set[str]:
        """Remove."""
        remove_rig(context.scene)
        use_world_light(context.scene, use=True)
        return {"FINISHED"}


class LookMenu(bpy.types.Menu):  # type: ignore[misc]  # bpy ships no types
    """The looks there are: ours and the artist's own."""

    bl_idname = MENU
    bl_label = "Studio Look"
    bl_description = "Light the person as photographers do: choosing a look places its lamps around the head"
    preset_subdir = SUBDIRECTORY
    preset_operator = "script.execute_preset"

    def draw(self, _context: Any) -> None:
        """As Blender draws presets, with a capital letter for each."""
        folders = bpy.utils.preset_paths(SUBDIRECTORY)
        self.path_menu(
            folders,
            self.preset_operator,
            filter_ext=".py".__eq__,
            display_name=bpy.path.display_name,
        )

    @staticmethod
    def reset_cb(context: Any, _filepath: str) -> None:
        """A look names the lamps it has; those it does not name are out."""
        for name in LAMPS:
            getattr(context.scene.chiaro_look, name).use = False

    @staticmethod
    def post_cb(context: Any, _filepath: str) -> None:
        """Choosing a look places it."""
        if bpy.ops.chiaro.place_look.poll():
            bpy.ops.chiaro.place_look("EXEC_DEFAULT", True)


class AddLookPreset(AddPresetBase, bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Adds or removes a look."""

    bl_idname = "chiaro.look_preset_add"
    bl_label = "Add Studio Look"
    bl_description = "Keep the lamps' settings as a look of your own, or remove the look that was chosen last"
    preset_menu = MENU
    preset_subdir = SUBDIRECTORY
    preset_defines = ["look = bpy.context.scene.chiaro_look"]  # noqa: RUF012 - Blender's way
    preset_values = [*(f"look.{name}" for name in LAMPS), "look.use_world"]  # noqa: RUF012 - Blender's way


def look_title(scene: Any) -> str:
    """The look that stands, as its file is called; an invitation where none does."""
    if look_rig(scene) is None:
        return "Choose a Look"
    return str(bpy.path.display_name(bpy.types.CHIARO_MT_looks.bl_label, has_ext=False))


def draw_look(layout: Any, scene: Any) -> None:
    """Presets, lamps, and the buttons that place them."""
    row = layout.row(align=True)
    row.menu(MENU, text=look_title(scene))
    if look_rig(scene) is None:
        return
    row.operator("chiaro.look_preset_add", text="", icon="ADD")
    row.operator("chiaro.look_preset_add", text="", icon="REMOVE").remove_active = True
    for name in LAMPS:
        _draw_lamp(layout, scene.chiaro_look.bl_rna.properties[name].name, getattr(scene.chiaro_look, name))
    row = layout.row(align=True)
    row.operator("chiaro.place_look", text="Place Again", icon="FILE_REFRESH")
    row.operator("chiaro.remove_look", text="Remove", icon="X")


def _draw_lamp(layout: Any, label: str, lamp: Any) -> None:
    box = layout.box()
    row = box.row()
    row.prop(lamp, "use", text=label)
    if not lamp.use:
        return
    row.prop(lamp, "colour", text="")
    column = box.column(align=True)
    column.use_property_split = False
    angles = column.row(align=True)
    angles.prop(lamp, "yaw")
    angles.prop(lamp, "pitch")
    for name in ("distance", "size", "level"):
        column.prop(lamp, name)
