"""Images as planes, (C, h, w): a value per pixel then scales all channels at full speed, and so does every filter."""

import numpy as np

from ..arrays import Float32Array

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of Rec.709's red, green and blue."""


def planes(image: Float32Array) -> Float32Array:
    """(h, w, C) to (C, h, w), copied."""
    result: Float32Array = np.ascontiguousarray(np.moveaxis(image, -1, 0), dtype=np.float32)
    return result


def luminance(image: Float32Array) -> Float32Array:
    """(h, w) of planes (3, h, w)."""
    total = image[0] * np.float32(LUMINANCE[0])
    total += image[1] * np.float32(LUMINANCE[1])
    total += image[2] * np.float32(LUMINANCE[2])
    weighted: Float32Array = total
    return weighted


def least_channel(image: Float32Array) -> Float32Array:
    """(...) of planes (3, ...)."""
    least: Float32Array = np.minimum(np.minimum(image[0], image[1]), image[2])
    return least


def largest_channel(image: Float32Array) -> Float32Array:
    """(...) of planes (3, ...)."""
    largest: Float32Array = np.maximum(np.maximum(image[0], image[1]), image[2])
    return largest
