"""The entry in the compositor's Add menu."""

from typing import Any

import bpy

from .relight_nodes import RELIGHT_NODE


def draw_add_menu(menu: Any, context: Any) -> None:
    """Append Relight to the Add menu of compositor trees."""
    if context.space_data.tree_type != "CompositorNodeTree":
        return
    menu.layout.separator()
    operator = menu.layout.operator("node.add_node", text="Relight", icon="LIGHT_AREA")
    operator.type = RELIGHT_NODE
    operator.use_transform = True


def register() -> None:
    """Add the entry."""
    bpy.types.NODE_MT_add.append(draw_add_menu)


def unregister() -> None:
    """Remove the entry."""
    bpy.types.NODE_MT_add.remove(draw_add_menu)
