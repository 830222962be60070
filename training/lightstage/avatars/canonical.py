"""Colours that can be given any tone: painted textures without their tone, and without most of their painted light."""

import numpy as np
from scipy.ndimage import binary_dilation, distance_transform_edt

from ....runtime.arrays import BoolArray, Float64Array
from ....runtime.transfer import LUMINANCE, srgb_from_linear
from ..camera_degradation import DECODED_BYTES
from ..skin import skin_albedo
from .atlas import Region
from .layout import Layout
from .material import CANONICAL_BLOOD, CANONICAL_MELANIN, CANONICAL_SKIN
from .regions import Regions, slow_part
from .topology import BytesArray, Chart

SKIN_FLATTENING = 0.75
"""How much of the slow variation of skin is taken for painted light; the rest is redness and shade of the skin."""
CALM_SPREAD = 0.07
"""Greatest deviation of the logarithm of luminance over blotches of skin; photographed highlights exceed it."""
HAIR_FLATTENING = 0.85
DARKEST = 0.004
SKIN_FLOOR = 0.02
"""Added to skin before its contrast is taken: very dark skin is painted with few levels."""
CANONICAL_LIPS = skin_albedo(CANONICAL_MELANIN + 0.1, CANONICAL_BLOOD + 0.7)
LIP_SHARE = 0.7
"""How far lips are brought to the colour of canonical ones: those of dark skin would be grey on pale skin."""
HAIR_FLOOR = 0.012
"""Added to hair's luminance before its contrast is taken: black hair is painted with few levels."""
SOLID_COVER = 0.995
COVERING = (Region.BROWS, Region.THIN_BROW, Region.BEARD, Region.THIN_HAIR)


def _canonical_skin(logarithm: Float64Array, mask: BoolArray, pure: BoolArray) -> Float64Array:
    """(H, W, 3) logarithm of skin of the canonical tone; `pure` is skin without lips or hair, within `mask`."""
    slow = np.stack([slow_part(logarithm[..., c], pure, 0.035) for c in range(3)], axis=-1)
    mean = slow[pure].mean(axis=0)
    flat = logarithm - SKIN_FLATTENING * (slow - mean) - mean
    # Blotches that are still strong are painted light too: photographs of faces under lamps. Pores stay.
    blotches = np.stack([slow_part(flat[..., c], pure, 0.008) for c in range(3)], axis=-1)
    spread = float(np.std((blotches @ LUMINANCE.astype(np.float64))[pure]))
    excess = 1.0 - min(1.0, CALM_SPREAD / max(spread, 1e-6))
    flat = np.where(pure[..., None], flat - excess * blotches, flat)
    return np.where(mask[..., None], flat + np.log(CANONICAL_SKIN), logarithm)


def strands(linear: Float64Array, mask: BoolArray, share: float) -> Float64Array:
    """(H, W) contrast of strands of hair around 1, without its painted highlights.

    Args:
        linear: (H, W, 3) as painted.
        mask: where there is hair.
        share: of the width; variation slower than this is taken for painted light.
    """
    logarithm = np.log(linear @ LUMINANCE.astype(np.float64) + HAIR_FLOOR)
    slow = slow_part(logarithm, mask, share)
    mean = slow[mask].mean() if mask.any() else 0.0
    contrast = logarithm - HAIR_FLATTENING * (slow - mean) - mean
    result: Float64Array = np.exp(np.clip(contrast, -1.0, 0.55))
    return result


def _unmixed(contrast: Float64Array, rooted: BoolArray, regions: Regions) -> Float64Array:
    """(H, W) contrast of strands, at the hairline that of the nearest texel that shows no skin."""
    core = rooted & (regions.cover > SOLID_COVER)
    if not core.any():
        return contrast
    rows, columns = distance_transform_edt(~core, return_distances=False, return_indices=True)
    result: Float64Array = contrast[rows, columns]
    return result


def _clean_borders(colour: Float64Array, classes: BytesArray) -> None:
    """Skin and cloth right beside something else take the colour a little further inside, in place.

    The textures are blurred where one thing meets another; given new colours, that blur would be a rim.
    """
    groups = (
        np.isin(classes, [int(r) for r in (Region.SKIN, Region.LIPS, *COVERING)]),
        classes == Region.CLOTHING,
    )
    hair = np.isin(classes, [int(r) for r in (Region.ROOTED, Region.THIN_HAIR)])
    width = max(1, len(colour) // 340)
    for group, other in zip(groups, (groups[1] | hair, groups[0] | hair), strict=True):
        beside = group & binary_dilation(other, iterations=width)
        rows, columns = distance_transform_edt(~(group & ~beside), return_distances=False, return_indices=True)
        colour[beside] = colour[rows[beside], columns[beside]]


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
    for chart in (Chart.HEAD, Chart.EAR, Chart.ARM, Chart.TORSO):
        mask = skin & (layout.chart == chart)
        pure = mask & (classes == Region.SKIN)
        if pure.any():
            out = np.where(mask[..., None], _canonical_skin(np.log(linear + SKIN_FLOOR), mask, pure), out)
    lips = classes == Region.LIPS
    if lips.any():
        out[lips] += LIP_SHARE * (np.log(CANONICAL_LIPS) - out[lips].mean(axis=0))
    colour = np.exp(out)
    colour[np.isin(classes, [int(r) for r in COVERING])] = CANONICAL_SKIN
    rooted = classes == Region.ROOTED
    if rooted.any():
        # As bright as skin, so that look-ups between the two stay between them.
        contrast = _unmixed(strands(linear, rooted, 0.012), rooted, regions)
        colour[rooted] = contrast[rooted][:, None] * CANONICAL_SKIN
    _clean_borders(colour, classes)
    alpha = np.where(np.isin(classes, [int(Region.ROOTED), *(int(r) for r in COVERING)]), regions.cover, 1.0)
    encoded = srgb_from_linear(np.clip(colour, 0.0, 1.0).astype(np.float32))
    codes = np.round(np.concatenate([encoded, alpha[..., None]], axis=-1) * 255.0).astype(np.uint8)
    return filled(codes, layout)


def filled(texels: BytesArray, layout: Layout) -> BytesArray:
    """Texels between charts take the value of the nearest one in a chart, so that look-ups at borders see no gap."""
    rows, columns = distance_transform_edt(layout.chart == 255, return_distances=False, return_indices=True)
    result: BytesArray = texels[rows, columns]
    return result
