"""A fingerprint of everything a shader node tree's result depends on, so that an unchanged world is not baked again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import bpy
import numpy as np

_WITHOUT_EFFECT = frozenset(
    {
        "name",
        "label",
        "location",
        "location_absolute",
        "width",
        "width_hidden",
        "height",
        "dimensions",
        "color",
        "use_custom_color",
        "parent",
        "select",
        "hide",
        "show_options",
        "show_preview",
        "show_texture",
        "warning_propagation",
        "color_tag",
        "debug_zone_body_lazy_function_graph",
        "debug_zone_lazy_function_graph",
        "internal_links",
        "inputs",
        "outputs",
    }
)
"""Properties of a node that no render sees."""

_DEEPEST = 6


def fingerprint_world(world: Any, depsgraph: Any, without: frozenset[tuple[str, str]] = frozenset()) -> str:
    """Hash a world's evaluated node values, links, images and the transforms its texture coordinates use.

    Args:
        world: the original world.
        depsgraph: evaluated on the frame.
        without: (node name, socket identifier) of inputs of the world's own tree whose values do not count.

    Returns:
        Hexadecimal; the same for the same light.
    """
    evaluated = world.evaluated_get(depsgraph)
    fingerprint = _Fingerprint(depsgraph)
    fingerprint.feed("color", tuple(evaluated.color))
    if evaluated.node_tree is not None:
        fingerprint.feed_tree(evaluated.node_tree, without)
    return fingerprint.hexdigest()


class _Fingerprint:
    """A hash that grows while node trees are walked."""

    def __init__(self, depsgraph: Any) -> None:
        self._depsgraph = depsgraph
        self._digest = hashlib.blake2b(digest_size=16)
        self._trees: set[int] = set()

    def hexdigest(self) -> str:
        return self._digest.hexdigest()

    def feed(self, *values: Any) -> None:
        self._digest.update(repr(values).encode())

    def feed_tree(self, tree: Any, without: frozenset[tuple[str, str]] = frozenset()) -> None:
        """Nodes and links of a tree; groups inside it once each."""
        if tree.session_uid in self._trees:
            return
        self._trees.add(tree.session_uid)
        for node in tree.nodes:
            self.feed(node.name, node.bl_idname, node.mute)
            self._feed_properties(node, 0)
            # A Value or RGB node keeps its number in its output.
            for socket in (*node.inputs, *node.outputs):
                if (node.name, socket.identifier) not in without:
                    self._feed_socket(socket)
        for link in tree.links:
            ends = (link.from_node.name, link.from_socket.identifier, link.to_node.name, link.to_socket.identifier)
            self.feed(ends, link.is_muted)

    def _feed_socket(self, socket: Any) -> None:
        value = getattr(socket, "default_value", None)
        if isinstance(value, bpy.types.bpy_struct):
            return
        is_vector = hasattr(value, "__len__") and not isinstance(value, str)
        self.feed(socket.identifier, tuple(value) if is_vector and value is not None else value)

    def _feed_properties(self, owner: Any, depth: int) -> None:
        """All values of a struct, colour ramps and curves inside it included."""
        if depth > _DEEPEST:
            return
        for definition in owner.bl_rna.properties:
            name = definition.identifier
            if name == "rna_type" or (depth == 0 and (name in _WITHOUT_EFFECT or name.startswith("bl_"))):
                continue
            value = getattr(owner, name, None)
            if definition.type == "POINTER":
                self._feed_pointer(name, value, depth)
            elif definition.type == "COLLECTION":
                for entry in value or ():
                    self._feed_properties(entry, depth + 1)
            elif getattr(definition, "is_array", False) and value is not None:
                self.feed(name, [tuple(row) if hasattr(row, "__len__") else row for row in value])
            else:
                self.feed(name, value)

    def _feed_pointer(self, name: str, value: Any, depth: int) -> None:
        if isinstance(value, bpy.types.NodeTree):
            self.feed_tree(value)
        elif isinstance(value, bpy.types.Image):
            self._feed_image(value)
        elif isinstance(value, bpy.types.Object):
            self.feed([tuple(row) for row in value.evaluated_get(self._depsgraph).matrix_world])
        elif isinstance(value, bpy.types.ID):
            self.feed(name, value.name_full)
        elif value is not None:
            self._feed_properties(value, depth + 1)

    def _feed_image(self, image: Any) -> None:
        """An image by its file's name, size and time; painted and generated ones by their pixels."""
        path = Path(bpy.path.abspath(image.filepath, library=image.library)) if image.filepath else None
        stamp = path.stat() if path is not None and path.is_file() else None
        self.feed(image.name_full, image.source, image.filepath, image.colorspace_settings.name, image.alpha_mode)
        sizes = [entry.packed_file.size for entry in image.packed_files if entry.packed_file]
        self.feed((stamp.st_size, stamp.st_mtime_ns) if stamp else None, sizes)
        if image.source in ("SEQUENCE", "MOVIE"):
            self.feed(self._depsgraph.scene_eval.frame_current)
        if image.is_dirty or image.source == "GENERATED":
            pixels = np.empty(len(image.original.pixels), np.float32)
            image.original.pixels.foreach_get(pixels)
            self._digest.update(pixels.tobytes())
