"""What a field says of a surface, without the weave of its planes.

A tri-plane's features are as fine as its texels, and along a plane's axis nothing of them changes: what is read from
them has dots and stripes a texel wide. Nothing true of a surface that no plate ever showed is as fine as that.
"""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float32Array


def smoothed(
    values: Float32Array, pixel: NDArray[np.intp], depth: Float32Array, largest_step: Float32Array, reach: int
) -> Float32Array:
    """Mean over the surface around each pixel: along rows, then along columns, never across an edge of depth.

    Neighbours count in pairs, one on either side, so that what changes evenly stays as it is, also beside an edge.

    Args:
        values: (N, C) of some pixels of a picture; the others do not count.
        pixel: (N,) flat indices.
        depth: (h, w) metres.
        largest_step: (N,) metres of depth between neighbours in a view of 256 pixels up to which they lie on one
            surface; between two pixels the smaller of theirs.
        reach: pixels to each side.
    """
    height, width = depth.shape
    row, column = (index + reach for index in np.divmod(pixel, width))
    # Nobody is in the pixels that have no values: their place in the list is one past its end.
    place = np.full((height + 2 * reach, width + 2 * reach), pixel.size, np.intp)
    place[row, column] = np.arange(pixel.size)
    at, largest = np.append(depth.reshape(-1)[pixel], np.float32(np.inf)), np.append(largest_step, np.float32(0))
    largest *= np.float32(256 / height)
    for down, across in ((0, 1), (1, 0)):
        total, count = values.copy(), np.ones((pixel.size, 1), np.float32)
        for offset in range(1, reach + 1):
            before = place[row - offset * down, column - offset * across]
            after = place[row + offset * down, column + offset * across]
            here = np.flatnonzero(
                (np.abs(at[before] - at[:-1]) < offset * np.minimum(largest[before], largest[:-1]))
                & (np.abs(at[after] - at[:-1]) < offset * np.minimum(largest[after], largest[:-1]))
            )
            total[here] += values[before[here]] + values[after[here]]
            count[here] += 2
        values = total / count
    return values
