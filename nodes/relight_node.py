"""The Relight compositor node."""

from __future__ import annotations

from typing import Any

import bpy

from .inner_tree import copy_inner_tree, create_inner_tree, remove_inner_tree
from .node_face import draw_face
from .node_settings import NODE_PROPERTIES
from .relight_nodes import RELIGHT_NODE, all_relight_nodes
from .status import BOARD


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

    def draw_buttons(self, context: Any, layout: Any) -> None:
        """What was found, properties and the status."""
        draw_face(self, context, layout)

    def _shares(self, tree: Any) -> bool:
        return any(node.node_tree == tree and node.as_pointer() != self.as_pointer() for node in all_relight_nodes())

    @staticmethod
    def _prepare() -> None:
        from .handlers import prepare_file

        prepare_file()
