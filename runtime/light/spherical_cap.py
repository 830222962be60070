"""Irradiance from a round source, part of which may have set below the surface's horizon."""

import numpy as np

from ..arrays import AnyFloatArray

_SMALLEST_SINE_SQUARED = 1e-10


def cap_cosine(cosine: AnyFloatArray, sine_squared: AnyFloatArray | float) -> AnyFloatArray:
    """The cosine factor of a uniform round source, clipped by the horizon.

    For a point source this is max(cos θ, 0); a source of angular radius σ keeps lighting a surface until θ = π/2 + σ.
    Closed form: Snyder, "Area Light Sources for Real-Time Graphics" (MSR-TR-96-11), the polygon-free sphere case; the
    arrangement with x and y follows Lagarde and de Rousiers, "Moving Frostbite to PBR" (2014), section 4.7.

    Args:
        cosine: (...) cosine of the angle between the normal and the direction of the source's centre.
        sine_squared: (...) or one number, sin² σ of the source's angular radius.

    Returns:
        (...) irradiance divided by that on a surface which faces the source.
    """
    plain = np.maximum(cosine, 0)
    sine_squared = np.clip(np.asarray(sine_squared, cosine.dtype), 0, 1 - 1e-6)
    crossing = (cosine * cosine < sine_squared) & (sine_squared > _SMALLEST_SINE_SQUARED)
    if not crossing.any():
        return plain
    result = plain.copy()
    chosen = np.broadcast_to(sine_squared, cosine.shape)[crossing]
    result[crossing] = _crossing_cosine(cosine[crossing], chosen)
    return result


def _crossing_cosine(cosine: AnyFloatArray, sine_squared: AnyFloatArray) -> AnyFloatArray:
    """The same where the horizon cuts the source: cos² θ < sin² σ."""
    sine_theta = np.sqrt(1 - cosine * cosine)
    cotangent = np.sqrt(1 / sine_squared - 1)
    y = np.clip(-cotangent * cosine / sine_theta, -1, 1)
    depth = sine_theta * np.sqrt(1 - y * y)
    projected = (cosine * np.arccos(y) - cotangent * depth) * sine_squared + np.arctan2(depth, cotangent)
    factor: AnyFloatArray = np.maximum(projected / (np.pi * sine_squared), 0)
    return factor
