"""Measures of an estimated light, given as nine spherical harmonics."""

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float64Array
from ...runtime.transfer import LUMINANCE

DIRECTED = 0.15
"""Share of one single lamp's directedness below which light has no dominant direction to speak of."""


def relative_error(predicted: AnyFloatArray, true: AnyFloatArray) -> float:
    """Norm of the difference of harmonics (9, 3) over the norm of the truth."""
    return float(np.linalg.norm(predicted - true) / max(float(np.linalg.norm(true)), 1e-12))


def scale_free_error(predicted: AnyFloatArray, true: AnyFloatArray) -> float:
    """The same after the best common factor: the part of the error that is not brightness."""
    factor = float((predicted * true).sum()) / max(float((predicted * predicted).sum()), 1e-12)
    return relative_error(predicted * factor, true)


def order_one(harmonics: AnyFloatArray) -> Float64Array:
    """(3,) vector x, y, z of the first-order harmonics' luminance: it points to where most light comes from."""
    luminance = np.asarray(harmonics, np.float64) @ LUMINANCE.astype(np.float64)
    vector: Float64Array = luminance[[3, 1, 2]]
    return vector


def directedness(harmonics: AnyFloatArray) -> float:
    """Length of `order_one` over that of one distant lamp with the same mean radiance: 0 all around, 1 one lamp."""
    mean = float(np.asarray(harmonics[0], np.float64) @ LUMINANCE.astype(np.float64))
    return float(np.linalg.norm(order_one(harmonics))) / max(float(np.sqrt(3.0)) * mean, 1e-12)


def dominant_angle(predicted: AnyFloatArray, true: AnyFloatArray) -> float:
    """Degrees between the dominant directions of two lights; NaN where the true one has none (see DIRECTED)."""
    if directedness(true) < DIRECTED:
        return float("nan")
    ours, theirs = order_one(predicted), order_one(true)
    cosine = ours @ theirs / max(float(np.linalg.norm(ours) * np.linalg.norm(theirs)), 1e-12)
    return float(np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0))))
