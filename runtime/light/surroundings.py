"""The small environment that the network sees around a person, as a map of the world."""

import numpy as np

from ..arrays import AnyFloatArray, Float32Array
from ..crop import sample_bilinear
from .equirectangular import map_coordinates, map_directions

HEIGHT = 64
CAMERA_FROM_MAP = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
"""The network's map has its axes turned round: its +X looks to the camera (+z), its +Z is the camera's up (+y)."""


def surroundings_map(
    environment: Float32Array, world_from_crop: AnyFloatArray, *, height: int = HEIGHT
) -> Float32Array:
    """Turn the network's environment into world axes.

    Args:
        environment: (h, w, 3) radiance, see `Encoding.environment`.
        world_from_crop: (3, 3) rotation of the crop's camera.
        height: rows of the result.

    Returns:
        (height, 2 · height, 3) float32 radiance, world axes, Blender's layout.
    """
    rows, columns = environment.shape[:2]
    world_from_map = np.asarray(world_from_crop, np.float64) @ CAMERA_FROM_MAP
    u, v = map_coordinates(map_directions(height, 2 * height) @ world_from_map)
    # One column more at each side, as a map goes on around.
    around = np.pad(environment, ((0, 0), (1, 1), (0, 0)), mode="wrap")
    return sample_bilinear(around, np.stack([u * columns + 1.0, v * rows], axis=-1))
