"""The crop's border: the person goes on beyond it, the network's knowledge does not."""

import numpy as np

from ..arrays import AnyFloatArray, Float32Array

FADED_BORDER = 0.08
"""Share of the crop's width, along each side, over which the matte fades to zero.

Shoulders and chest cross the border; relit up to it they would end in a hard edge. The fade turns that edge into a
soft passage from the relit person to the plate.
"""


def smoothstep(low: float, high: float, values: Float32Array) -> Float32Array:
    """0 below `low`, 1 above `high`, 3t² − 2t³ between."""
    t = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    eased: Float32Array = (t * t * (3 - 2 * t)).astype(np.float32, copy=False)
    return eased


def border_fade(size: int) -> Float32Array:
    """(size, size) factor for the matte: 1 inside, 0 along the crop's border."""
    along = _fade(np.arange(size) + 0.5, size)
    fade: Float32Array = along[:, None] * along[None, :]
    return fade


def border_fade_at(pixels: AnyFloatArray, size: int) -> Float32Array:
    """(...) the same factor at pixel coordinates (..., 2); zero outside the crop."""
    fade: Float32Array = _fade(pixels[..., 0], size) * _fade(pixels[..., 1], size)
    return fade


def _fade(coordinate: AnyFloatArray, size: int) -> Float32Array:
    to_edge = np.minimum(coordinate, size - coordinate).astype(np.float32)
    return smoothstep(0.0, FADED_BORDER * size, to_edge)
