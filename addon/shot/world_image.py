"""A world that shows an equirectangular image which the file carries inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

if TYPE_CHECKING:
    from ...runtime.arrays import Float32Array


def packed_map(name: str, radiance: Float32Array) -> Any:
    """An image datablock with these pixels, packed into the file.

    Args:
        name: of the datablock.
        radiance: (H, W, 3) float32 scene-linear Rec.709, row 0 at the top.
    """
    import numpy as np

    height, width = radiance.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=False, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = radiance[::-1]
    image.pixels.foreach_set(pixels.ravel())
    image.pack()
    return image


def world_of_map(name: str, radiance: Float32Array) -> Any:
    """A world lit by a map.

    Args:
        name: of the world and its image.
        radiance: (H, W, 3) float32 equirectangular radiance, world axes, Blender's layout.
    """
    world = bpy.data.worlds.new(name)
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    environment = nodes.new("ShaderNodeTexEnvironment")
    environment.image = packed_map(name, radiance)
    mapping, coordinates = nodes.new("ShaderNodeMapping"), nodes.new("ShaderNodeTexCoord")
    links.new(coordinates.outputs["Generated"], mapping.inputs["Vector"])
    links.new(mapping.outputs["Vector"], environment.inputs["Vector"])
    links.new(environment.outputs["Color"], background(world).inputs["Color"])
    for node, x in ((environment, -320), (mapping, -520), (coordinates, -720)):
        node.location = (x, 300)
    return world


def background(world: Any) -> Any:
    """The world's Background node."""
    return next(node for node in world.node_tree.nodes if node.bl_idname == "ShaderNodeBackground")
