"""An environment map from spherical harmonics: the inverse of their projection, without negative light."""

import numpy as np

from ..arrays import AnyFloatArray, Float32Array
from ..errors import LightError
from .equirectangular import map_directions
from .harmonics import HARMONICS, basis, project_environment

STEPS = 80
"""More would sharpen light that no map without negative radiance can have into points."""


def map_of_harmonics(coefficients: AnyFloatArray, *, height: int = 64, steps: int = STEPS) -> Float32Array:
    """A smooth map of radiance whose harmonics are the given ones, as nearly as a map without negative light can.

    Harmonics of a strong light beside darkness are negative opposite to it when they are simply evaluated. The
    projected Landweber iteration m ← max(0, m + Yᵀ (L − P m)) finds the nearest light that is not (Bertero and Boccacci
    1998, "Introduction to Inverse Problems in Imaging", section 6.2): P projects a map on the harmonics, and since they
    are orthonormal a step of one is stable.

    Args:
        coefficients: (9, 3) radiance harmonics, world axes.
        height: rows of the map; it has twice as many columns.
        steps: iterations.

    Returns:
        (height, 2 · height, 3) float32 radiance, Blender's layout (row 0 is +Z, u = 0.5 looks to +X).

    Raises:
        LightError: the coefficients are not nine finite rows.
    """
    wanted = np.asarray(coefficients, np.float64)
    if wanted.shape != (HARMONICS, 3) or not np.isfinite(wanted).all():
        raise LightError(
            f"A map cannot be made of harmonics of shape {wanted.shape}; nine rows of three finite numbers are "
            "expected: analyse the frame again."
        )
    functions = basis(map_directions(height, 2 * height))
    radiance = np.maximum(functions @ wanted, 0.0)
    for _ in range(steps):
        radiance += functions @ (wanted - project_environment(radiance))
        np.maximum(radiance, 0.0, out=radiance)
    result: Float32Array = radiance.astype(np.float32)
    return result
