"""Sums over squares of pixels."""

import numpy as np

from .arrays import Float32Array


def box_sum(image: Float32Array, radius: int) -> Float32Array:
    """Sum over the (2r + 1)² square around each pixel, cut off at the border.

    Args:
        image: (C, h, w) planes.
        radius: r, pixels.
    """
    padded = np.pad(image, ((0, 0), (radius, radius), (radius, radius)))
    return _running_sum(_running_sum(padded, 2 * radius + 1, 1), 2 * radius + 1, 2)


def _running_sum(image: Float32Array, length: int, axis: int) -> Float32Array:
    """Sums of `length` neighbours along an axis, from sums of 1, 2, 4, 8… of them.

    Unlike differences of a cumulative sum this loses no digits in single precision, and it is faster.
    """
    count = image.shape[axis] - length + 1
    total: Float32Array | None = None
    taken, size, power = 0, 1, image
    while True:
        if length & size:
            part = _cut(power, axis, taken, taken + count)
            total = part.copy() if total is None else np.add(total, part, out=total)
            taken += size
            if taken == length:
                return total
        power = _cut(power, axis, 0, power.shape[axis] - size) + _cut(power, axis, size, power.shape[axis])
        size *= 2


def _cut(image: Float32Array, axis: int, first: int, last: int) -> Float32Array:
    return image[:, first:last] if axis == 1 else image[:, :, first:last]
