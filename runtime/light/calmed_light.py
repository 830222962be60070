"""An estimated light as a map, without the colours that nothing in the plate speaks for.

A face tells of the light that falls on what the camera sees of it. The harmonics say just as loudly what comes from
behind, where an estimate is a guess, and where a channel falls to nothing before the others it leaves gaudy fringes.
"""

import numpy as np

from ..arrays import AnyFloatArray, Float32Array, Float64Array
from .equirectangular import map_directions, solid_angles
from .harmonics import COSINE_LOBE, basis
from .harmonics_map import map_of_harmonics

CALM = 0.004
"""How much a change of colour across the map weighs against the irradiance that it explains, relative to its mean."""

HEIGHT = 64
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def calmed_map(
    coefficients: AnyFloatArray, towards_camera: AnyFloatArray, surroundings: Float32Array | None = None
) -> Float32Array:
    """A map that lights surfaces which face the camera as the harmonics do, in colours that change smoothly.

    The map of the luminance, times a colour that is linear in the direction: four numbers per channel, fitted to the
    irradiance on normals that face the camera by ridge regression towards one colour.

    Args:
        coefficients: (9, 3) radiance harmonics, world axes.
        towards_camera: (3,) unit vector from the person to the camera, world axes.
        surroundings: (64, 128, 3) radiance of any level, world axes, see `surroundings_map`; where it is known, it
            takes the place of the luminance's map, colours and all, and windows and lamps are where they are.

    Returns:
        (64, 128, 3) float32 radiance, never negative, Blender's layout.

    Raises:
        LightError: the coefficients are not nine finite rows of three.
    """
    light = np.asarray(coefficients, np.float64)
    if surroundings is None:
        surroundings = map_of_harmonics(np.outer(light @ LUMINANCE, np.ones(3)) if light.shape == (9, 3) else light)
    directions = map_directions(HEIGHT, 2 * HEIGHT)
    tilts = np.concatenate([np.ones((HEIGHT, 2 * HEIGHT, 1)), directions], axis=-1)
    functions, solid = basis(directions), solid_angles(HEIGHT, 2 * HEIGHT)[..., None]
    design, weight = _facing(towards_camera)
    radiance = np.empty((HEIGHT, 2 * HEIGHT, 3), np.float32)
    for channel in range(3):
        shapes = surroundings[..., channel, None] * tilts
        shape_harmonics = np.einsum("hwk,hws->ks", functions, shapes * solid)
        colour = _ridge(design @ shape_harmonics, design @ light[:, channel : channel + 1], weight)
        radiance[..., channel] = np.maximum(shapes @ colour[:, 0], 0.0)
    return radiance


def _facing(towards_camera: AnyFloatArray) -> tuple[Float64Array, Float64Array]:
    """(n, 9) irradiance per harmonic on normals all around, and (n,) how much the camera sees of each."""
    normals = map_directions(24, 48).reshape(-1, 3)
    weight = np.maximum(normals @ np.asarray(towards_camera, np.float64), 0.0)
    weight *= np.repeat(solid_angles(24, 48), 48, axis=0)[:, 0]
    return basis(normals) * COSINE_LOBE, weight / weight.sum()


def _ridge(design: Float64Array, wanted: Float64Array, weight: Float64Array) -> Float64Array:
    """(4, 1) factors of the shapes for (n, 1) irradiance; the first, the light's brightness, is not held back."""
    normal = design.T @ (design * weight[:, None])
    penalty = CALM * normal[0, 0] * np.diag([0.0, 1.0, 1.0, 1.0])
    return np.asarray(np.linalg.solve(normal + penalty, design.T @ (wanted * weight[:, None])), np.float64)
