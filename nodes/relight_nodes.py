"""Finding the Relight nodes of a scene, also inside node groups."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy

from .blender_versions import compositor_tree

RELIGHT_NODE = "ChiaroRelightNode"


@dataclass(frozen=True)
class GroupUse:
    """A group node on the way down to a node.

    Attributes:
        tree: the tree the group node is in.
        node: the group node.
    """

    tree: Any
    node: Any


@dataclass(frozen=True)
class FoundNode:
    """A Relight node and where it is.

    Attributes:
        tree: the tree it is in.
        node: the node.
        path: the group nodes that lead to it, outermost first; empty in the scene's own tree.
    """

    tree: Any
    node: Any
    path: tuple[GroupUse, ...] = ()

    @property
    def key(self) -> int:
        """Identifies the node within the session: its inner tree is its own."""
        return int(self.node.node_tree.session_uid)


def relight_nodes(scene: Any) -> list[FoundNode]:
    """All unmuted Relight nodes of a scene's compositor, each once."""
    tree = compositor_tree(scene)
    if tree is None:
        return []
    return list({found.key: found for found in _nodes_below(tree, ())}.values())


def _nodes_below(tree: Any, path: tuple[GroupUse, ...]) -> Iterator[FoundNode]:
    for node in tree.nodes:
        if node.mute:
            continue
        if node.bl_idname == RELIGHT_NODE:
            if node.node_tree:
                yield FoundNode(tree, node, path)
        elif is_group(node):
            yield from _nodes_below(node.node_tree, (*path, GroupUse(tree, node)))


def is_group(node: Any) -> bool:
    """Whether a node is a filled node group (the Relight node, one inside, is not treated as such)."""
    return node.bl_idname != RELIGHT_NODE and getattr(node, "node_tree", None) is not None


def all_relight_nodes() -> list[Any]:
    """All Relight nodes of the file, used by a scene or not."""
    trees = {tree.session_uid: tree for tree in bpy.data.node_groups}
    for scene in bpy.data.scenes:
        tree = compositor_tree(scene)
        if tree is not None:
            trees[tree.session_uid] = tree
    return [node for tree in trees.values() for node in tree.nodes if node.bl_idname == RELIGHT_NODE and node.node_tree]


def evaluated_node(tree: Any, node: Any, depsgraph: Any) -> Any:
    """The node with the values that keyframes and drivers give it on the depsgraph's frame."""
    return tree.evaluated_get(depsgraph).nodes[node.name]
