"""An estimated light without the colours that nothing in the plate speaks for."""

import numpy as np

from ..arrays import AnyFloatArray, Float64Array
from .equirectangular import map_directions, solid_angles
from .harmonics import COSINE_LOBE, basis

CALM = 0.03
"""How much the colour of what is not seen weighs against the irradiance of what is, relative to its mean."""

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def calmed_light(coefficients: AnyFloatArray, towards_camera: AnyFloatArray) -> Float64Array:
    """The light nearest to one colour that lights surfaces which face the camera as the given light does.

    A face tells of the light that falls on what the camera sees of it; the harmonics say just as loudly what comes from
    behind, where an estimate is a guess, and often a gaudy one. Ridge regression of the irradiance on normals that face
    the camera, towards the light's own luminance in its mean colour.

    Args:
        coefficients: (9, 3) radiance harmonics, world axes.
        towards_camera: (3,) unit vector from the person to the camera, world axes.

    Returns:
        (9, 3) radiance harmonics, world axes.
    """
    light = np.asarray(coefficients, np.float64)
    normals = map_directions(24, 48)
    weight = np.maximum(normals @ np.asarray(towards_camera, np.float64), 0.0) * solid_angles(24, 48)
    design = (basis(normals) * COSINE_LOBE).reshape(-1, len(COSINE_LOBE))
    seen = design.T @ (design * weight.reshape(-1, 1))
    mean_colour = light[0] / max(float(light[0] @ LUMINANCE), 1e-9)
    prior = np.outer(light @ LUMINANCE, mean_colour)
    ridge = CALM * float(np.trace(seen)) / len(seen) * np.eye(len(seen))
    calmed: Float64Array = np.linalg.solve(seen + ridge, seen @ light + ridge @ prior)
    return calmed
