"""Colours that can be given any tone: painted textures without their tone, and without most of their painted light."""

import numpy as np
from scipy.ndimage import distance_transform_edt

from ....runtime.arrays import BoolArray, Float64Array
from ....runtime.transfer import LUMINANCE, srgb_from_linear
from ..camera_degradation import DECODED_BYTES
from .atlas import Region
from .layout import Layout
from .material import CANONICAL_GREY, CANONICAL_SKIN
from .regions import Regions, slow_part
from .topology import BytesArray, Chart

SKIN_FLATTENING = 0.75
"""How much of the slow variation of skin is taken for painted light; the rest is redness and shade of the skin."""
HAIR_FLATTENING = 0.85
DARKEST = 0.004
HAIR_FLOOR = 0.012
"""Added to hair's luminance before its contrast is taken: black hair is painted with few levels."""
COVERING = (Region.BROWS, Region.THIN_BROW, Region.BEARD, Region.THIN_HAIR)


def _canonical_skin(logarithm: Float64Array, mask: BoolArray, pure: BoolArray) -> Float64Array:
    """(H, W, 3) logarithm of skin of the canonical tone; `pure` is skin without lips or hair, within `mask`."""
    result = logarithm.copy()
    for c in range(3):
        slow = slow_part(logarithm[..., c], pure, 0.035)
        mean = slow[pure].mean()
        flat = logarithm[..., c] - SKIN_FLATTENING * (slow - mean)
        result[..., c] = np.where(mask, flat - mean + np.log(CANONICAL_SKIN[c]), logarithm[..., c])
    return result


def strands(linear: Float64Array, mask: BoolArray, share: float) -> Float64Array:
    """(H, W) contrast of strands of hair around CANONICAL_GREY, without its painted highlights.

    Args:
        linear: (H, W, 3) as painted.
        mask: where there is hair.
        share: of the width; variation slower than this is taken for painted light.
    """
    logarithm = np.log(linear @ LUMINANCE.astype(np.float64) + HAIR_FLOOR)
    slow = slow_part(logarithm, mask, share)
    mean = slow[mask].mean() if mask.any() else 0.0
    contrast = logarithm - HAIR_FLATTENING * (slow - mean) - mean
    result: Float64Array = CANONICAL_GREY * np.exp(np.clip(contrast, -1.1, 0.9))
    return result


def canonical_colour(srgb: BytesArray, regions: Regions, layout: Layout) -> BytesArray:
    """(H, W, 4) uint8 sRGB and alpha of an atlas (see `atlas.Atlas`).

    Args:
        srgb: (H, W, 3) uint8 as painted.
        regions: of the texels.
        layout: of the texels.
    """
    linear = DECODED_BYTES[srgb].astype(np.float64)
    classes = regions.classes
    skin = np.isin(classes, [int(r) for r in (Region.SKIN, Region.LIPS, *COVERING)])
    out = np.log(np.maximum(linear, DARKEST))
    for charts in ((Chart.HEAD,), (Chart.EAR,), (Chart.ARM,)):
        mask = skin & np.isin(layout.chart, charts)
        pure = mask & (classes == Region.SKIN)
        if pure.any():
            out = _canonical_skin(out, mask, pure)
    colour = np.exp(out)
    colour[np.isin(classes, [int(r) for r in COVERING])] = CANONICAL_SKIN
    rooted = classes == Region.ROOTED
    if rooted.any():
        colour[rooted] = strands(linear, rooted, 0.025)[rooted][:, None]
    alpha = np.where(np.isin(classes, [int(Region.ROOTED), *(int(r) for r in COVERING)]), regions.cover, 1.0)
    encoded = srgb_from_linear(np.clip(colour, 0.0, 1.0).astype(np.float32))
    codes = np.round(np.concatenate([encoded, alpha[..., None]], axis=-1) * 255.0).astype(np.uint8)
    return filled(codes, layout)


def filled(texels: BytesArray, layout: Layout) -> BytesArray:
    """Texels between charts take the value of the nearest one in a chart, so that look-ups at borders see no gap."""
    rows, columns = distance_transform_edt(layout.chart == 255, return_distances=False, return_indices=True)
    result: BytesArray = texels[rows, columns]
    return result
