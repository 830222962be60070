"""What a field says of a surface, without the weave of its planes.

A tri-plane's features are as fine as its texels, and along a plane's axis nothing of them changes: what is read from
them has dots and stripes a texel wide. Nothing true of a surface that no plate ever showed is as fine as that.
"""

import numpy as np

from ..arrays import BoolArray, Float32Array
from .seam import LARGEST_STEP


def smoothed(maps: Float32Array, depth: Float32Array, there: BoolArray, reach: int) -> Float32Array:
    """Mean over the surface around each pixel: along rows, then along columns, never across an edge of depth.

    Neighbours count in pairs, one on either side, so that what changes evenly stays as it is, also beside an edge.

    Args:
        maps: (h, w, C).
        depth: (h, w) metres.
        there: (h, w) which pixels have maps; the others neither count nor change.
        reach: pixels to each side.
    """
    rows, columns = _extent(there)
    result = maps.copy()
    inner, inside = result[rows, columns], there[rows, columns]
    steps = depth[rows, columns] * np.float32(depth.shape[0] / (256 * LARGEST_STEP))
    inner[:] = _averaged(inner, steps, inside, reach)
    across = _averaged(inner.swapaxes(0, 1), steps.T, inside.T, reach)
    inner[:] = across.swapaxes(0, 1)
    return result


def _averaged(maps: Float32Array, steps: Float32Array, there: BoolArray, reach: int) -> Float32Array:
    """Mean along the second axis; depth is counted in the largest steps between neighbours on one surface."""
    total, count = maps.copy(), np.ones(there.shape, np.float32)
    for offset in range(1, min(reach, (maps.shape[1] - 1) // 2) + 1):
        before, here, after = slice(None, -2 * offset), slice(offset, -offset), slice(2 * offset, None)
        paired = there[:, before] & there[:, here] & there[:, after]
        paired &= np.abs(steps[:, before] - steps[:, here]) < offset
        paired &= np.abs(steps[:, after] - steps[:, here]) < offset
        total[:, here] += (maps[:, before] + maps[:, after]) * paired[..., None]
        count[:, here] += 2 * paired
    mean: Float32Array = total / count[..., None]
    return mean


def _extent(there: BoolArray) -> tuple[slice, slice]:
    """Rows and columns that hold all of a mask; empty where there is nothing."""
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not rows.size:
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
