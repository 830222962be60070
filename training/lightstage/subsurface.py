"""Subsurface softness of skin: light that enters at one point and leaves near by, red further than blue."""

import numba
import numpy as np

from ...runtime.arrays import Float32Array
from .parts import PartClass
from .rasterise import BytesArray
from .surface_maps import SurfaceMaps

VARIANCES = np.array([0.0064, 0.0484, 0.187, 0.567, 1.99, 7.41])
WEIGHTS = np.array(
    [
        [0.233, 0.455, 0.649],
        [0.100, 0.336, 0.344],
        [0.118, 0.198, 0.0],
        [0.113, 0.007, 0.007],
        [0.358, 0.004, 0.0],
        [0.078, 0.0, 0.0],
    ]
)
"""Sum-of-Gaussians fit to the diffusion profile of skin: variances in mm² and weights of red, green, blue (d'Eon and
Luebke, "Advanced Techniques for Realistic Real-Time Skin Rendering", GPU Gems 3, figure 14-13)."""

TAPS = 4
"""Texels on each side; the widest Gaussian ends within four of two millimetres."""
_SOFT = (int(PartClass.SKIN), int(PartClass.LIPS), int(PartClass.BROWS))


def profile_taps(millimetres_per_pixel: float, softness: float) -> Float32Array:
    """(TAPS + 1, 3) weights of a pixel and its neighbours to one side; both sides and the middle add up to one.

    Args:
        millimetres_per_pixel: width of a pixel at the surface.
        softness: factor on all widths.
    """
    # Each Gaussian integrated over a pixel: its variance grows by that of the box.
    variances = VARIANCES * softness**2 + millimetres_per_pixel**2 / 12.0
    distance = np.arange(TAPS + 1) * millimetres_per_pixel
    gaussians = np.exp(-(distance[:, None] ** 2) / (2.0 * variances)) * millimetres_per_pixel
    gaussians /= np.sqrt(2.0 * np.pi * variances)
    gaussians /= gaussians[0] + 2.0 * gaussians[1:].sum(axis=0)
    taps: Float32Array = (gaussians @ WEIGHTS / WEIGHTS.sum(axis=0)).astype(np.float32)
    return taps


def soften(shading: Float32Array, maps: SurfaceMaps, softness: float) -> Float32Array:
    """Blur the light on skin, separably in the picture, not across edges of depth.

    Jimenez, Sundstedt and Gutierrez, "Screen-Space Perceptual Rendering of Human Skin" (ACM TAP 2009).

    Args:
        shading: (h, w, 3).
        maps: what the camera sees.
        softness: factor on the widths of the profile.
    """
    inside = maps.matte > 0
    if not inside.any():
        return shading
    distance = float(np.median(maps.depth[inside]))
    millimetres = 2000.0 * maps.tangent * distance / shading.shape[0]
    taps = profile_taps(millimetres, softness)
    across = _blurred(shading, maps.depth, maps.parts, taps, 0)
    return _blurred(across, maps.depth, maps.parts, taps, 1)


@numba.njit(cache=True, fastmath=True)
def _blurred(
    shading: Float32Array, depth: Float32Array, parts: BytesArray, taps: Float32Array, axis: int
) -> Float32Array:
    """One direction of the blur; weight that falls on other parts or other depths stays in place."""
    rows, columns = depth.shape
    result = shading.copy()
    for row in range(rows):
        for column in range(columns):
            if parts[row, column] not in _SOFT:
                continue
            here = depth[row, column]
            for k in range(-TAPS, TAPS + 1):
                y, x = (row, column + k) if axis == 0 else (row + k, column)
                if k == 0 or y < 0 or x < 0 or y >= rows or x >= columns or parts[y, x] not in _SOFT:
                    continue
                near = 1.0 - abs(depth[y, x] - here) / 0.01
                if near <= 0.0:
                    continue
                for c in range(3):
                    result[row, column, c] += near * taps[abs(k), c] * (shading[y, x, c] - shading[row, column, c])
    return result
