"""Whether two neighbouring frames show the same head in the same shot: nothing is carried over a cut."""

from collections.abc import Sequence

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..crop import box_reduced
from ..encoding import Encoding

FURTHEST_MOVE = 0.5
"""Of the box's centre between two frames, in half sizes."""
LARGEST_GROWTH = 1.25
LEAST_OVERLAP = 0.8
"""Of the two mattes, intersection over union. Neighbouring frames of the light stage have 0.95 and more, different
people in the same crop 0.82 and less."""
LEAST_LIKENESS = 0.7
"""Correlation of brightness or of albedo over both persons: 0.92 and more in neighbouring frames, 0.6 and less for
different people. One of the two is enough: a lamp that goes on changes the brightness, and no albedo."""
CELLS = 32
"""Along each side of the maps that are compared: what moves by some pixels hardly changes them."""


def continues(before: Encoding, present: Encoding) -> bool:
    """Whether a frame goes on from the one before it.

    Both must have a luminance; without it there is nothing to tell by, and the answer is no.
    """
    if before.luminance is None or present.luminance is None or before.matte.shape != present.matte.shape:
        return False
    return _same_place(before, present) and _alike(before, present)


def unbroken(window: Sequence[Encoding]) -> Sequence[Encoding]:
    """The frames of a window since its last cut.

    Args:
        window: the oldest first, the present one last; at least one.
    """
    first = len(window) - 1
    while first > 0 and continues(window[first - 1], window[first]):
        first -= 1
    return window[first:]


def _same_place(before: Encoding, present: Encoding) -> bool:
    if (before.crop.plate_width, before.crop.plate_height) != (present.crop.plate_width, present.crop.plate_height):
        return False
    old, new = before.box, present.box
    moved = float(np.hypot(new.centre_x - old.centre_x, new.centre_y - old.centre_y))
    grown = abs(float(np.log(new.half_size / old.half_size)))
    return moved <= FURTHEST_MOVE * old.half_size and grown <= float(np.log(LARGEST_GROWTH))


def _alike(before: Encoding, present: Encoding) -> bool:
    old_matte, new_matte = _cells(before.matte), _cells(present.matte)
    union = np.maximum(old_matte, new_matte)
    if not union.any() or float(np.minimum(old_matte, new_matte).sum() / union.sum()) < LEAST_OVERLAP:
        return False
    if correlation(_pigment(before), _pigment(present), union) >= LEAST_LIKENESS:
        return True
    return correlation(_brightness(before), _brightness(present), union) >= LEAST_LIKENESS


def _pigment(encoding: Encoding) -> Float32Array:
    return _cells(np.sqrt(np.maximum(encoding.albedo, 0)).mean(axis=2))


def _brightness(encoding: Encoding) -> Float32Array:
    return _cells(encoding.luminance if encoding.luminance is not None else np.zeros_like(encoding.matte))


def _cells(image: Float32Array) -> Float32Array:
    return box_reduced(image, max(1, image.shape[0] // CELLS))


def correlation(first: Float32Array, second: Float32Array, weight: Float32Array) -> float:
    """Weighted correlation, −1 to 1; two images without any contrast are alike."""
    total = float(weight.sum())
    one, other = (_centred(image, weight, total) for image in (first, second))
    variances = [float((image * image * weight).sum()) / total for image in (one, other)]
    if max(variances) < 1e-8:
        return 1.0
    covariance = float((one * other * weight).sum()) / total
    return covariance / max(float(np.sqrt(variances[0] * variances[1])), 1e-12)


def _centred(image: Float32Array, weight: Float32Array, total: float) -> Float64Array:
    values = image.astype(np.float64)
    centred: Float64Array = values - float((values * weight).sum()) / total
    return centred
