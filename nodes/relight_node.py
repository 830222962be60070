"""The Relight compositor node."""

from __future__ import annotations

import textwrap
from typing import Any

import bpy

from .inner_tree import copy_inner_tree, create_inner_tree, remove_inner_tree
from .node_settings import NODE_PROPERTIES
from .relight_nodes import RELIGHT_NODE, all_relight_nodes
from .status import BOARD, Level

LETTER_WIDTH = 6.5
"""Mean width of a letter in the node editor at zoom 1, in the units of Node.width."""


class RelightNode(bpy.types.CompositorNodeCustomGroup):  # type: ignore[misc]  # bpy ships no types
    """Relights the person in a plate with the scene's own light, seen by the scene's own camera."""

    bl_idname = RELIGHT_NODE
    bl_label = "Relight"
    bl_description = "Relight the person in a plate with the scene's world and lamps, seen by the scene's camera"
    bl_icon = "LIGHT_AREA"
    bl_width_default = 240.0
    __annotations__ = NODE_PROPERTIES

    def init(self, _context: Any) -> None:
        """A new node gets an inner tree and images of its own."""
        self.node_tree = create_inner_tree()
        self._prepare()

    def copy(self, _original: Any) -> None:
        """A copied node shares the original's inner tree until it gets its own."""
        if self.node_tree is not None:
            self.node_tree = copy_inner_tree(self.node_tree)
        self._prepare()

    def free(self) -> None:
        """The inner tree and its images go with the node."""
        tree = self.node_tree
        if tree is None or self._shares(tree):
            return
        BOARD.forget(tree.session_uid)
        remove_inner_tree(tree)

    def draw_label(self) -> str:
        """The node's title."""
        return self.bl_label

    def draw_buttons(self, _context: Any, layout: Any) -> None:
        """Properties and the status."""
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "plate_camera")
        row = layout.row(heading="Light", align=True)
        row.prop(self, "use_world", toggle=True)
        row.prop(self, "use_lamps", toggle=True)
        collection = layout.row()
        collection.active = self.use_lamps
        collection.prop(self, "lamp_collection", text="Lamps in")
        sliders = layout.column(align=True)
        sliders.use_property_split = False
        sliders.prop(self, "strength")
        sliders.prop(self, "own_light_removal")
        self._draw_person(layout)
        self._draw_status(layout)

    def _draw_person(self, layout: Any) -> None:
        layout.prop(self, "use_box")
        if not self.use_box:
            layout.prop(self, "person")
            return
        column = layout.column(align=True)
        column.prop(self, "box_centre")
        column.prop(self, "box_size")
        column.prop(self, "box_roll")

    def _draw_status(self, layout: Any) -> None:
        evaluated = BOARD.get(self.node_tree.session_uid) if self.node_tree else None
        if evaluated is None:
            return
        status = evaluated.status
        column = layout.box().column(align=True)
        column.alert = status.level is Level.ERROR
        letters = max(16, int(self.width / LETTER_WIDTH) - 4)
        for sentence in status.lines:
            icon = status.level.value
            for line in textwrap.wrap(sentence, letters):
                column.label(text=line, icon=icon)
                icon = "BLANK1"

    def _shares(self, tree: Any) -> bool:
        return any(node.node_tree == tree and node.as_pointer() != self.as_pointer() for node in all_relight_nodes())

    @staticmethod
    def _prepare() -> None:
        from .handlers import prepare_file

        prepare_file()
