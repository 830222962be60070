"""Whether something on a node changes over time."""

from __future__ import annotations

import bpy

from .blender_versions import animation_curves
from .relight_nodes import FoundNode


def is_animated(found: FoundNode, path: str) -> bool:
    """Whether a property of a node is keyed or driven, or its tree is animated in strips, which may hold anything.

    Args:
        found: the node.
        path: from the node, such as "plate_light"; all properties whose path begins so count.
    """
    animation = found.tree.animation_data
    if animation is None:
        return False
    start = f'nodes["{bpy.utils.escape_identifier(found.node.name)}"].{path}'
    paths = [curve.data_path for curve in (*animation_curves(found.tree), *animation.drivers)]
    return bool(animation.nla_tracks) or any(path.startswith(start) for path in paths)
