"""A neutral studio as a world: a soft grey room with a large window of light on each side of the camera.

Made here from a formula, and packed into the file: no photograph, no licence to carry along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

if TYPE_CHECKING:
    from ...runtime.arrays import Float32Array
    from ...runtime.encoding import Encoding

NAME = "Relight Neutral"
HEIGHT, WIDTH = 128, 256
TARGET_SHADING = 0.7
"""Radiance that a white card beside the face, turned to the camera, sends back: skin then sits in the middle."""

STRENGTHS = (0.1, 10.0)
"""Least and most of the world's strength when it is levelled to a plate."""

WINDOWS = (
    # direction towards it (x right of the camera, y away from it, z up), radiance, sharpness of its edge
    ((-0.72, -0.62, 0.50), (1.00, 0.97, 0.92), 9.0),
    ((0.85, -0.45, 0.25), (0.42, 0.45, 0.50), 7.0),
    ((0.35, 0.85, 0.55), (0.55, 0.57, 0.60), 14.0),
)
"""Key from the camera's left, fill from its right, and an edge light from behind."""

CEILING, HORIZON, FLOOR = 0.26, 0.14, 0.07


def neutral_radiance() -> Float32Array:
    """(HEIGHT, WIDTH, 3) float32 equirectangular radiance in Blender's layout, for a camera that looks along +Y."""
    import numpy as np

    from ...runtime.light.equirectangular import map_directions
    from ...runtime.light.harmonics import irradiance_from_harmonics, project_environment

    directions = map_directions(HEIGHT, WIDTH)
    z = directions[..., 2:]
    radiance = np.where(z > 0, HORIZON + (CEILING - HORIZON) * z, HORIZON + (HORIZON - FLOOR) * z)
    radiance = np.repeat(radiance, 3, axis=-1)
    for direction, colour, sharpness in WINDOWS:
        axis = np.array(direction) / np.linalg.norm(direction)
        # A von Mises-Fisher lobe: a window seen through a silk, without an edge that would ring.
        lobe = np.exp(sharpness * (directions @ axis - 1.0))
        radiance = radiance + 6.0 * lobe[..., None] * np.array(colour)
    towards_camera = np.array([[0.0, -1.0, 0.0]])
    shading = irradiance_from_harmonics(project_environment(radiance), towards_camera).mean() / np.pi
    scaled: Float32Array = (radiance * (TARGET_SHADING / shading)).astype(np.float32)
    return scaled


def ensure_neutral_world(scene: Any) -> bool:
    """Give the scene the neutral world; the file's own where it has one already. Returns whether it is new."""
    world = bpy.data.worlds.get(NAME)
    is_new = world is None
    if is_new:
        from .world_image import world_of_map

        world = world_of_map(NAME, neutral_radiance())
    scene.world = world
    return is_new


def level_neutral_world(world: Any, encoding: Encoding) -> None:
    """Make the studio as bright as the plate's own light: a white card beside the face, turned to the camera, stays.

    Args:
        world: the neutral one.
        encoding: of the plate's frame.
    """
    import numpy as np

    from ...runtime.light.harmonics import irradiance_from_harmonics
    from ...runtime.transfer import luminance
    from .world_image import background

    towards_camera = np.array([[0.0, 0.0, 1.0]])
    card = float(luminance(irradiance_from_harmonics(encoding.light, towards_camera) / np.pi)[0])
    if card > 0.0:
        background(world).inputs["Strength"].default_value = float(np.clip(card / TARGET_SHADING, *STRENGTHS))


def is_plain(world: Any | None) -> bool:
    """Whether a world is none, or one colour, as a new file's: nothing an artist has set up."""
    if world is None:
        return True
    if not world.use_nodes or world.node_tree is None:
        return True
    return all(node.bl_idname in PLAIN_NODES for node in world.node_tree.nodes) and world.animation_data is None


PLAIN_NODES = frozenset({"ShaderNodeBackground", "ShaderNodeOutputWorld"})
