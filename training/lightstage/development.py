"""What a camera or a colourist makes of the sensor's picture: saturation, tone curve, sharpening, eight bits."""

from enum import StrEnum

import numpy as np
from scipy.ndimage import gaussian_filter

from ...runtime.arrays import AnyFloatArray, Float32Array
from ...runtime.transfer import LUMINANCE, srgb_from_linear


class Tone(StrEnum):
    """Shape of the curve over the encoded picture."""

    PLAIN = "plain"
    CONTRAST = "contrast"
    """A filmic S."""
    RAISED_BLACK = "raised black"
    GAMMA = "gamma"
    SHOULDER = "shoulder"
    """Highlights roll off instead of clipping."""


def saturated(linear: AnyFloatArray, amount: float) -> AnyFloatArray:
    """Colour away from its luminance by a factor; 0 is black and white."""
    luminance = (linear @ LUMINANCE.astype(np.float32))[..., None]
    result: AnyFloatArray = luminance + (linear - luminance) * np.float32(amount)
    return result


def toned(linear: AnyFloatArray, tone: Tone, amount: float) -> Float32Array:
    """(h, w, 3) encoded picture, at least 0.

    Args:
        linear: (h, w, 3) scene-linear.
        tone: the curve.
        amount: 0 leaves the sRGB curve alone; a gamma's logarithm.
    """
    strength = np.float32(amount)
    if tone is Tone.SHOULDER:
        knee = np.float32(0.55)
        above: AnyFloatArray = np.maximum(linear - knee, 0.0) / (1 - knee)
        linear = np.clip(linear, 0.0, knee) + (1 - knee) * above / (1 + strength * above)
    encoded: Float32Array = srgb_from_linear(linear)
    if tone is Tone.CONTRAST:
        clipped = np.minimum(encoded, 1.0)
        curved: Float32Array = encoded + strength * (clipped * clipped * (3 - 2 * clipped) - clipped)
        return curved
    if tone is Tone.RAISED_BLACK:
        return strength + (1 - strength) * encoded
    if tone is Tone.GAMMA:
        bent: Float32Array = np.power(encoded, np.float32(np.exp(amount))).astype(np.float32)
        return bent
    return encoded


def sharpened(encoded: Float32Array, amount: float, radius: float) -> Float32Array:
    """Unsharp mask: bright and dark halos along edges.

    Args:
        encoded: (h, w, 3).
        amount: of the difference that is added.
        radius: of the blur, pixels.
    """
    luma = encoded.mean(axis=-1)
    halo = luma - gaussian_filter(luma, radius, truncate=2.5)
    result: Float32Array = encoded + np.float32(amount) * halo[..., None]
    return result


def quantised(encoded: Float32Array) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """(h, w, 3) codes of eight bits."""
    return np.clip(encoded * 255.0 + 0.5, 0, 255).astype(np.uint8)
