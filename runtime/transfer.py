"""The sRGB curve for display (IEC 61966-2-1), and luminance. The way back is in plate/colour.py."""

import numpy as np

from .arrays import AnyFloatArray, Float32Array

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
"""Rec.709 luminance weights."""


def srgb_from_linear(linear: AnyFloatArray) -> Float32Array:
    """Encode scene-linear values for display; clipped to 0..1 first."""
    clipped = np.clip(linear, 0.0, 1.0).astype(np.float32, copy=False)
    curve = np.float32(1.055) * np.power(clipped, np.float32(1 / 2.4)) - np.float32(0.055)
    encoded: Float32Array = np.where(clipped <= np.float32(0.0031308), clipped * np.float32(12.92), curve)
    return encoded


def luminance(linear: AnyFloatArray) -> Float32Array:
    """(..., 3) scene-linear Rec.709 to (...) relative luminance (ITU-R BT.709, item 3.2)."""
    result: Float32Array = linear.astype(np.float32, copy=False) @ LUMINANCE
    return result
