"""What a sensor does to the light: it saturates, counts photons through a colour filter array, and has noise."""

from enum import StrEnum

import numba
import numpy as np
from scipy.ndimage import gaussian_filter

from ...runtime.arrays import AnyFloatArray, Float32Array


class Grain(StrEnum):
    """How noise is correlated between pixels and channels."""

    NONE = "none"
    WHITE = "white"
    """Independent: footage that was reduced in size."""
    MOSAIC = "mosaic"
    """Through a Bayer filter and its interpolation: footage at the sensor's size."""
    SOFT = "soft"
    """Blurred: footage that was denoised or enlarged."""


MOSAIC_GAIN = np.array([1.5, 1.0, 1.7], np.float32)
"""White balance amplifies red and blue, and their noise."""


def _deviation(linear: AnyFloatArray, level: float) -> AnyFloatArray:
    """Standard deviation of shot noise (√signal) and read noise."""
    result: AnyFloatArray = np.sqrt(np.maximum(linear, 0) * np.float32(level**2) + np.float32((0.3 * level) ** 2))
    return result


@numba.njit(cache=True, fastmath=True)
def _demosaiced(picture: Float32Array) -> Float32Array:
    """Keep of each pixel the one channel that an RGGB filter passes, and interpolate the others bilinearly."""
    height, width = picture.shape[0], picture.shape[1]
    out = np.empty_like(picture)
    total = np.empty(3, np.float32)
    weight = np.empty(3, np.float32)
    for row in range(height):
        for column in range(width):
            total[:] = 0.0
            weight[:] = 0.0
            for dy in range(-1, 2):
                y = row + dy
                if y < 0 or y >= height:
                    continue
                for dx in range(-1, 2):
                    x = column + dx
                    if x < 0 or x >= width:
                        continue
                    channel = (y & 1) + (x & 1)
                    w = (2 - abs(dy)) * (2 - abs(dx))
                    total[channel] += w * picture[y, x, channel]
                    weight[channel] += w
            own = (row & 1) + (column & 1)
            for c in range(3):
                out[row, column, c] = picture[row, column, c] if c == own else total[c] / weight[c]
    return out


def exposed(linear: AnyFloatArray, grain: Grain, level: float, random: np.random.Generator) -> Float32Array:
    """A picture with the noise of a sensor.

    Args:
        linear: (h, w, 3) scene-linear Rec.709, 1 at the sensor's white.
        grain: correlation.
        level: relative noise of a white pixel.
        random: generator.
    """
    picture = np.ascontiguousarray(linear, np.float32)
    if grain is Grain.NONE:
        return picture
    noise = random.standard_normal(picture.shape, dtype=np.float32)
    if grain is Grain.MOSAIC:
        return _demosaiced(picture + noise * _deviation(picture, level) * MOSAIC_GAIN)
    if grain is Grain.SOFT:
        noise = gaussian_filter(noise, (1.0, 1.0, 0), truncate=2.5)
        noise *= np.float32(2.2)
    result: Float32Array = picture + noise * _deviation(picture, level)
    return result
