"""Pixels that a march through the field missed between others that it met, taken from these."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float32Array
from ..field.render import FieldView
from .seam import closed


def without_gaps(found: FieldView, reach: int) -> FieldView:
    """The field with what is missing in gaps up to twice the reach wide: the mean of what was met around each pixel.

    A learned surface that turns away may lie between two steps of a ray, while the rays beside it met it.

    Args:
        found: as marched.
        reach: pixels.
    """
    met = found.alpha > 0
    gap = np.flatnonzero((closed(met.astype(np.float32), reach) > 0) & ~met)
    if not gap.size:
        return found
    around = _around(gap, met.shape, 2 * reach)
    weight = met.reshape(-1)[around].astype(np.float32)
    weight /= np.maximum(weight.sum(axis=0), np.float32(1))
    return FieldView(**{name: _filled(values, gap, around, weight) for name, values in vars(found).items()})


def _around(pixel: NDArray[np.intp], shape: tuple[int, ...], reach: int) -> NDArray[np.intp]:
    """(K, N) flat pixels of the square around each of N; at the border its own rows and columns again."""
    row, column = np.divmod(pixel, shape[1])
    steps = np.arange(-reach, reach + 1)
    rows = np.clip(row + steps[:, None], 0, shape[0] - 1)
    columns = np.clip(column + steps[:, None], 0, shape[1] - 1)
    square: NDArray[np.intp] = (rows[:, None] * shape[1] + columns[None]).reshape(-1, pixel.size)
    return square


def _filled(
    values: Float32Array, gap: NDArray[np.intp], around: NDArray[np.intp], weight: Float32Array
) -> Float32Array:
    """(h, w) or (h, w, C) with the weighted mean of what is around in the gap's pixels."""
    flat = values.reshape(values.shape[0] * values.shape[1], -1)
    result = flat.copy()
    result[gap] = np.einsum("kn,knc->nc", weight, flat[around])
    return result.reshape(values.shape)
