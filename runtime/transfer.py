"""The sRGB transfer function (IEC 61966-2-1), both ways, on arrays."""

import numpy as np

from .arrays import AnyFloatArray, Float32Array


def srgb_from_linear(linear: AnyFloatArray) -> Float32Array:
    """Encode scene-linear values for display; clipped to 0..1 first."""
    clipped = np.clip(linear, 0.0, 1.0).astype(np.float32, copy=False)
    curve = np.float32(1.055) * np.power(clipped, np.float32(1 / 2.4)) - np.float32(0.055)
    encoded: Float32Array = np.where(clipped <= np.float32(0.0031308), clipped * np.float32(12.92), curve)
    return encoded


def linear_from_srgb(encoded: AnyFloatArray) -> Float32Array:
    """Decode display values 0..1 to scene-linear."""
    values = np.clip(encoded, 0.0, 1.0).astype(np.float32, copy=False)
    curve = np.power((values + np.float32(0.055)) / np.float32(1.055), np.float32(2.4))
    linear: Float32Array = np.where(values <= np.float32(0.04045), values / np.float32(12.92), curve)
    return linear


def luminance(linear: AnyFloatArray) -> Float32Array:
    """(..., 3) scene-linear Rec.709 to (...) relative luminance (ITU-R BT.709, item 3.2)."""
    weights = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    result: Float32Array = linear.astype(np.float32, copy=False) @ weights
    return result
