"""What the portrait network is shown: the crop at a steady exposure, sRGB-encoded, with coordinate maps.

Training passes its samples through these same functions.
"""

import numpy as np

from .arrays import AnyFloatArray, Float32Array
from .crop import box_reduced
from .transfer import LUMINANCE, srgb_from_linear

DARKEST_MEAN = 0.04
BRIGHTEST_MEAN = 0.5
"""Mean linear luminance of the crop's middle is brought between these two; ordinary exposures are left alone."""


def exposure_gain(crop_linear: AnyFloatArray) -> float:
    """The factor that brings the mean luminance of the crop's central square half between the two bounds.

    Args:
        crop_linear: (h, w, 3) scene-linear Rec.709.
    """
    height, width = crop_linear.shape[:2]
    middle = crop_linear[height // 4 : height - height // 4, width // 4 : width - width // 4]
    mean = float((middle.reshape(-1, 3).mean(axis=0, dtype=np.float64) * LUMINANCE).sum())
    mean = max(mean, 1e-6)
    return float(np.clip(mean, DARKEST_MEAN, BRIGHTEST_MEAN)) / mean


def coordinate_maps(height: int, width: int) -> Float32Array:
    """(2, h, w) x (right) and y (down) of the pixel centres, −1 to 1 across the crop."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2.0 - 1.0
    y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2.0 - 1.0
    maps: Float32Array = np.stack(np.broadcast_arrays(x[None, :], y[:, None])).astype(np.float32)
    return maps


def input_luminance(colour: AnyFloatArray) -> Float32Array:
    """(h / 2, w / 2) brightness of the network's input, sRGB-encoded: what the picture's motion is found by.

    Args:
        colour: (3, h, w) the first channels of the input.
    """
    weights = np.asarray(LUMINANCE, np.float32)
    return box_reduced(np.einsum("c,chw->hw", weights, colour), 2)


def network_input(crop_linear: AnyFloatArray) -> tuple[Float32Array, float]:
    """Make the network's input from a crop.

    Args:
        crop_linear: (h, w, 3) scene-linear Rec.709; numbers that are not finite count as black.

    Returns:
        The plate (1, 5, h, w) float32: sRGB-encoded colour after the exposure gain, then x and y; and the gain.
    """
    crop_linear = np.nan_to_num(crop_linear, nan=0.0, posinf=1.0, neginf=0.0)
    gain = exposure_gain(crop_linear)
    height, width = crop_linear.shape[:2]
    colour = srgb_from_linear(crop_linear * np.float32(gain)).transpose(2, 0, 1)
    plate = np.concatenate([colour, coordinate_maps(height, width)])[None]
    return np.ascontiguousarray(plate), gain
