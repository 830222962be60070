"""Shadows on what is painted: its depth is known to some pixels only, so its outline throws shadows in specks."""

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..gbuffer import Painted
from ..view.seam import closed

SPECK = 3
"""Half the width, in pixels of a view of 256, up to which a shadow on a painted surface is none."""


def without_specks(visibility: Float32Array, lit: BoolArray, painted: Painted | None) -> Float32Array:
    """A lamp's visibility without the small shadows on painted points; broad ones keep their edges.

    Args:
        visibility: (n,) 0..1 of the lit pixels, row by row.
        lit: (h, w).
        painted: where the surface is painted; None where it is nowhere.

    Returns:
        (n,) 0..1, at least the visibility; the same where nothing is painted.
    """
    if painted is None:
        return visibility
    image = np.ones(lit.shape, np.float32)
    image[lit] = visibility
    filled = closed(image, max(1, round(SPECK * lit.shape[1] / 256)))[lit]
    result: Float32Array = visibility + painted.share[lit] * (filled - visibility)
    return result
