"""Values of some pixels, put back into an image."""

import numpy as np
from numpy.typing import NDArray

from .arrays import Float32Array


def scattered(
    values: Float32Array, pixel: NDArray[np.intp], size: tuple[int, ...], elsewhere: float | Float32Array = 0.0
) -> Float32Array:
    """(h, w, ...) with values (N, ...) at flat pixels (N,), and `elsewhere` in all others.

    Args:
        values: (N, ...) of the pixels.
        pixel: (N,) flat indices.
        size: (h, w).
        elsewhere: what stands in the other pixels, broadcast to (...).
    """
    image = np.empty((int(np.prod(size)), *values.shape[1:]), np.float32)
    image[:] = elsewhere
    image[pixel] = values
    return image.reshape(*size, *values.shape[1:])
