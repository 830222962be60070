"""The mean colour of what surrounds a point of the surface: the colour of the light that bounces onto it."""

import numba
import numpy as np

from ...runtime.arrays import Float32Array

CELL_METRES = 0.035
"""About as far as most light between the parts of a head travels: nose to cheek, hair to forehead, chin to neck."""
CELLS = 20
"""Along each side of the grid around the head's origin; what lies outside counts to its border."""


@numba.njit(cache=True, fastmath=True)
def surrounding_albedo(position: Float32Array, albedo: Float32Array) -> Float32Array:
    """Average albedo over a coarse grid in space, splatted and looked up linearly between cells.

    Args:
        position: (N, 3) metres, mesh axes.
        albedo: (N, 3) linear.

    Returns:
        (N, 3) linear.
    """
    grid = np.zeros((CELLS, CELLS, CELLS, 4), np.float32)
    result = np.empty_like(albedo)
    first, share = np.zeros(3, np.int64), np.zeros(3, np.float32)
    for splat in (True, False):
        for n in range(position.shape[0]):
            for k in range(3):
                place = position[n, k] / CELL_METRES + 0.5 * CELLS
                place = min(CELLS - 1.001, max(0.0, place))
                first[k] = int(place)
                share[k] = place - first[k]
            red = green = blue = total = 0.0
            for corner in range(8):
                i, j, k = corner & 1, (corner >> 1) & 1, corner >> 2
                weight = share[0] if i else 1.0 - share[0]
                weight *= share[1] if j else 1.0 - share[1]
                weight *= share[2] if k else 1.0 - share[2]
                x, y, z = first[0] + i, first[1] + j, first[2] + k
                if splat:
                    grid[x, y, z, 0] += weight * albedo[n, 0]
                    grid[x, y, z, 1] += weight * albedo[n, 1]
                    grid[x, y, z, 2] += weight * albedo[n, 2]
                    grid[x, y, z, 3] += weight
                else:
                    red += weight * grid[x, y, z, 0]
                    green += weight * grid[x, y, z, 1]
                    blue += weight * grid[x, y, z, 2]
                    total += weight * grid[x, y, z, 3]
            if not splat:
                inverse = 1.0 / max(total, 1e-9)
                result[n, 0], result[n, 1], result[n, 2] = red * inverse, green * inverse, blue * inverse
    return result
