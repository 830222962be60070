"""Measures of maps: normals, depth, albedo, mattes and parts against the truth."""

import numpy as np

from ...runtime.arrays import AnyFloatArray, BoolArray
from ..lightstage.person import BytesArray

IntegerArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def mean_angle(predicted: AnyFloatArray, true: AnyFloatArray, inside: BoolArray) -> float:
    """Mean angle in degrees between unit vectors (h, w, 3) inside a mask; NaN where it is empty."""
    if not inside.any():
        return float("nan")
    cosine = np.einsum("nc,nc->n", predicted[inside], true[inside]).astype(np.float64)
    return float(np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0))).mean())


def extent(depth: AnyFloatArray, inside: BoolArray) -> float:
    """How deep something is, in the unit of `depth`: 1st to 99th percentile inside a mask; NaN where it is empty."""
    if not inside.any():
        return float("nan")
    near, far = np.percentile(depth[inside], [1.0, 99.0])
    return float(far - near)


def scaled_depth_error(predicted: AnyFloatArray, true: AnyFloatArray, inside: BoolArray) -> float:
    """RMSE of a depth map after the best factor, in the unit of `true`; NaN where the mask is empty.

    A picture does not tell how large a head is; the factor makes up for it.

    Args:
        predicted: (h, w) along the axis.
        true: (h, w) along the axis.
        inside: (h, w) where both are known.
    """
    if not inside.any():
        return float("nan")
    ours, theirs = predicted[inside].astype(np.float64), true[inside].astype(np.float64)
    factor = float(ours @ theirs) / max(float(ours @ ours), 1e-12)
    return float(np.sqrt(np.mean((factor * ours - theirs) ** 2)))


def intersection_over_union(first: BoolArray, second: BoolArray) -> float:
    """Of two masks; 1 where both are empty."""
    union = int(np.count_nonzero(first | second))
    return float(np.count_nonzero(first & second)) / union if union else 1.0


def confusion(predicted: BytesArray, true: BytesArray, inside: BoolArray, classes: int) -> IntegerArray:
    """(classes, classes) counts of pixels by true class (rows) and predicted class (columns) inside a mask."""
    joint = true[inside].astype(np.int64) * classes + predicted[inside].astype(np.int64)
    counts: IntegerArray = np.bincount(joint, minlength=classes * classes).reshape(classes, classes)
    return counts


def class_unions(counts: IntegerArray) -> AnyFloatArray:
    """(classes,) intersection over union of each class; NaN for one that is in neither."""
    hit = np.diag(counts).astype(np.float64)
    union = counts.sum(axis=0) + counts.sum(axis=1) - np.diag(counts)
    result: AnyFloatArray = np.where(union > 0, hit / np.maximum(union, 1), np.nan)
    return result
