"""What a field says of a surface, without the weave of its planes.

A tri-plane's features are as fine as its texels, and along a plane's axis nothing of them changes: what is read from
them has dots and stripes a texel wide. Nothing true of a surface that no plate ever showed is as fine as that.
"""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float32Array
from .seam import LARGEST_STEP


def smoothed(values: Float32Array, pixel: NDArray[np.intp], depth: Float32Array, reach: int) -> Float32Array:
    """Mean over the surface around each pixel: along rows, then along columns, never across an edge of depth.

    Neighbours count in pairs, one on either side, so that what changes evenly stays as it is, also beside an edge.

    Args:
        values: (N, C) of some pixels of a picture; the others do not count.
        pixel: (N,) flat indices.
        depth: (h, w) metres.
        reach: pixels to each side.
    """
    height, width = depth.shape
    row, column = (index + reach for index in np.divmod(pixel, width))
    # Nobody is in the pixels that have no values: their place in the list is one past its end.
    place = np.full((height + 2 * reach, width + 2 * reach), pixel.size, np.intp)
    place[row, column] = np.arange(pixel.size)
    steps = np.append(depth.reshape(-1)[pixel] * np.float32(height / (256 * LARGEST_STEP)), np.float32(np.inf))
    for down, across in ((0, 1), (1, 0)):
        total, count = values.copy(), np.ones((pixel.size, 1), np.float32)
        for offset in range(1, reach + 1):
            before = place[row - offset * down, column - offset * across]
            after = place[row + offset * down, column + offset * across]
            paired = np.abs(steps[before] - steps[:-1]) < offset
            paired &= np.abs(steps[after] - steps[:-1]) < offset
            here = np.flatnonzero(paired)
            total[here] += values[before[here]] + values[after[here]]
            count[here] += 2
        values = total / count
    return values
