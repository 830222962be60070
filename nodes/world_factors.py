"""What multiplies and turns a world's light as a whole, so that a world with keys on these is rendered once.

The strength of the Background node is a factor on everything, and so is its colour where nothing is wired to it. The Z
rotation of a Mapping node turns everything, when all that depends on direction is looked up through it and nothing else
turns or scales the directions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

LOOKUPS = frozenset({"ShaderNodeTexEnvironment"})
POINTWISE = frozenset(
    {
        "NodeReroute",
        "ShaderNodeBrightContrast",
        "ShaderNodeClamp",
        "ShaderNodeCombineColor",
        "ShaderNodeGamma",
        "ShaderNodeHueSaturation",
        "ShaderNodeInvert",
        "ShaderNodeMath",
        "ShaderNodeMix",
        "ShaderNodeMixRGB",
        "ShaderNodeRGB",
        "ShaderNodeRGBCurve",
        "ShaderNodeRGBToBW",
        "ShaderNodeSeparateColor",
        "ShaderNodeValToRGB",
        "ShaderNodeValue",
        "ShaderNodeVectorMath",
    }
)
"""Nodes whose result depends on what is wired to them alone, and not on the direction."""

TURNING = {"POINT": 1.0, "VECTOR": 1.0, "TEXTURE": -1.0}
"""Types of Mapping nodes that rotate directions, and which way."""


@dataclass(frozen=True)
class WorldFactors:
    """What was taken out of a world.

    Attributes:
        gain: (red, green, blue) factors on its light, all above zero.
        rotation_z: radians by which the directions are turned, as in `turned_light`.
        sockets: (node name, socket identifier) of the inputs that these two stand for.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    rotation_z: float = 0.0
    sockets: frozenset[tuple[str, str]] = frozenset()


def world_factors(world: Any) -> WorldFactors:
    """Find the factors of an evaluated world; those of a world of another make are one, and no turn."""
    background = _background(world.node_tree) if world.use_nodes and world.node_tree is not None else None
    if background is None:
        return WorldFactors()
    gain, sockets = _gain(background)
    mapping = _only_mapping(background)
    if mapping is None:
        return WorldFactors(gain, 0.0, sockets)
    rotation = mapping.inputs["Rotation"]
    turn = TURNING[mapping.vector_type] * rotation.default_value[2]
    return WorldFactors(gain, turn, sockets | {(mapping.name, rotation.identifier)})


def _gain(background: Any) -> tuple[tuple[float, float, float], frozenset[tuple[str, str]]]:
    """Strength times colour, and the sockets that they come from; what is zero cannot be scaled, and stays out."""
    gain, sockets = (1.0, 1.0, 1.0), set()
    for name in ("Strength", "Color"):
        socket = background.inputs[name]
        if socket.is_linked:
            continue
        value = socket.default_value
        channels = (value,) * 3 if name == "Strength" else tuple(value)[:3]
        if all(0.0 < channel < math.inf for channel in channels):
            gain = (gain[0] * channels[0], gain[1] * channels[1], gain[2] * channels[2])
            sockets.add((background.name, socket.identifier))
    return gain, frozenset(sockets)


def _background(tree: Any) -> Any | None:
    """The Background node that alone makes the world's surface."""
    output = tree.get_output_node("CYCLES")
    if output is None or output.inputs["Volume"].is_linked:
        return None
    node = _source(output.inputs["Surface"])
    return node if node is not None and node.bl_idname == "ShaderNodeBackground" and not node.mute else None


def _source(socket: Any) -> Any | None:
    """The node that feeds a socket, through reroutes; None where there is none, or the link is muted."""
    while socket.is_linked:
        link = socket.links[0]
        if link.is_muted:
            return None
        if link.from_node.bl_idname != "NodeReroute":
            return link.from_node
        socket = link.from_node.inputs[0]
    return None


def _only_mapping(background: Any) -> Any | None:
    """The Mapping node through which all directions go, turned about Z alone."""
    upstream = _upstream(background)
    if upstream is None:
        return None
    lookups = [node for node in upstream if node.bl_idname in LOOKUPS]
    mappings = {node.name: node for node in (_source(lookup.inputs["Vector"]) for lookup in lookups) if node}
    if len(mappings) != 1 or any(_source(lookup.inputs["Vector"]) is None for lookup in lookups):
        return None
    (mapping,) = mappings.values()
    return mapping if mapping.bl_idname == "ShaderNodeMapping" and _turns_about_z(mapping) else None


def _upstream(background: Any) -> list[Any] | None:
    """All nodes the Background depends on, not looking behind lookups; None where one is not understood."""
    found: dict[str, Any] = {}
    waiting = [link for socket in background.inputs for link in socket.links]
    while waiting:
        link = waiting.pop()
        node = link.from_node
        if node.mute or link.is_muted or node.bl_idname not in LOOKUPS | POINTWISE:
            return None
        if node.name not in found:
            found[node.name] = node
            if node.bl_idname in POINTWISE:
                waiting += [link for socket in node.inputs for link in socket.links]
    return list(found.values())


def _turns_about_z(mapping: Any) -> bool:
    """Whether a Mapping node takes the world's directions and does nothing but turn them about Z."""
    if mapping.mute or mapping.vector_type not in TURNING:
        return False
    inputs = {socket.name: socket for socket in mapping.inputs if socket.enabled}
    if any(socket.is_linked for name, socket in inputs.items() if name != "Vector"):
        return False
    moved = "Location" in inputs and any(inputs["Location"].default_value)
    scaled = any(value != 1.0 for value in inputs["Scale"].default_value)
    x, y, z = inputs["Rotation"].default_value
    links = inputs["Vector"].links
    generated = bool(links) and not links[0].is_muted and _gives_directions(links[0])
    return generated and not (moved or scaled or x or y) and math.isfinite(z)


def _gives_directions(link: Any) -> bool:
    node = link.from_node
    return node.bl_idname == "ShaderNodeTexCoord" and not node.mute and link.from_socket.name == "Generated"
