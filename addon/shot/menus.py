"""Where an artist finds it all: a menu in the compositor's header and Add menu, and in the editors that show plates."""

from __future__ import annotations

from typing import Any

import bpy

from .look_operators import MENU as LOOK_MENU
from .look_operators import draw_look

COMPOSITOR_TREE = "CompositorNodeTree"
SIDEBAR = "Relight"


class ShotMenu(bpy.types.Menu):  # type: ignore[misc]  # bpy ships no types
    """All of it."""

    bl_idname = "CHIARO_MT_shot"
    bl_label = "Relight"
    bl_description = "Relight the person in a plate, and place CG in the same light and space"

    def draw(self, _context: Any) -> None:
        """From the plate to the files."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("chiaro.relight_plate", icon="OUTLINER_OB_CAMERA")
        layout.separator()
        layout.menu(LOOK_MENU, text="Studio Look", icon="LIGHT_AREA")
        layout.operator("chiaro.plate_world", icon="WORLD")
        layout.separator()
        layout.operator("chiaro.head_empty", icon="EMPTY_ARROWS")
        layout.operator("chiaro.head_mesh", icon="MESH_MONKEY")
        layout.separator()
        layout.operator("chiaro.pass_output", icon="OUTPUT")
        layout.operator("chiaro.part_mattes", icon="IMAGE_RGB_ALPHA")


class ShotPanel(bpy.types.Panel):  # type: ignore[misc]  # bpy ships no types
    """The compositor's sidebar."""

    bl_idname = "CHIARO_PT_shot"
    bl_label = "Shot"
    bl_space_type = "NODE_EDITOR"
    bl_region_type = "UI"
    bl_category = SIDEBAR
    bl_order = 1

    @classmethod
    def poll(cls, context: Any) -> bool:
        """In the compositor."""
        return bool(context.space_data.tree_type == COMPOSITOR_TREE)

    def draw(self, _context: Any) -> None:
        """The same in the same order as the menu."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("chiaro.relight_plate", icon="OUTLINER_OB_CAMERA")
        column = layout.column(align=True)
        column.label(text="Head")
        column.operator("chiaro.head_empty", icon="EMPTY_ARROWS")
        column.operator("chiaro.head_mesh", icon="MESH_MONKEY")
        column = layout.column(align=True)
        column.label(text="CG Light")
        column.operator("chiaro.plate_world", icon="WORLD")
        column = layout.column(align=True)
        column.label(text="Output")
        column.operator("chiaro.pass_output", icon="OUTPUT")
        column.operator("chiaro.part_mattes", icon="IMAGE_RGB_ALPHA")


class LookPanel(bpy.types.Panel):  # type: ignore[misc]  # bpy ships no types
    """Studio looks in the compositor's sidebar."""

    bl_idname = "CHIARO_PT_look"
    bl_label = "Studio Look"
    bl_space_type = "NODE_EDITOR"
    bl_region_type = "UI"
    bl_category = SIDEBAR
    bl_order = 2

    @classmethod
    def poll(cls, context: Any) -> bool:
        """In the compositor."""
        return bool(context.space_data.tree_type == COMPOSITOR_TREE)

    def draw(self, context: Any) -> None:
        """Presets and lamps."""
        draw_look(self.layout, context.scene)


class LookViewportPanel(bpy.types.Panel):  # type: ignore[misc]  # bpy ships no types
    """Studio looks beside the lamps themselves."""

    bl_idname = "CHIARO_PT_look_viewport"
    bl_label = "Studio Look"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = SIDEBAR

    def draw(self, context: Any) -> None:
        """Presets and lamps."""
        draw_look(self.layout, context.scene)


def draw_header(header: Any, context: Any) -> None:
    """The menu in the compositor's header."""
    if context.space_data.tree_type == COMPOSITOR_TREE:
        header.layout.menu(ShotMenu.bl_idname)


def draw_add_menu(menu: Any, context: Any) -> None:
    """Relight Plate in the compositor's Add menu."""
    if context.space_data.tree_type == COMPOSITOR_TREE:
        menu.layout.operator_context = "INVOKE_DEFAULT"
        menu.layout.operator("chiaro.relight_plate", icon="OUTLINER_OB_CAMERA")


def draw_plate_menu(menu: Any, _context: Any) -> None:
    """Relight Plate for the image or clip on show."""
    menu.layout.separator()
    menu.layout.operator_context = "INVOKE_DEFAULT"
    menu.layout.operator("chiaro.relight_plate", icon="OUTLINER_OB_CAMERA")


PLACES = (
    ("NODE_MT_editor_menus", draw_header),
    ("NODE_MT_add", draw_add_menu),
    ("CLIP_MT_clip", draw_plate_menu),
    ("IMAGE_MT_image", draw_plate_menu),
)
"""Blender's menus, and what is drawn at their end."""


def add_entries() -> None:
    """Draw ours in Blender's menus."""
    for name, draw in PLACES:
        getattr(bpy.types, name).append(draw)


def remove_entries() -> None:
    """Take them away."""
    for name, draw in PLACES:
        getattr(bpy.types, name).remove(draw)
