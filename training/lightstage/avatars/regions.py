"""What each texel of an avatar is: hair found by its colour, lips and brows by the landmarks, clothes by the rest.

The textures carry no such information, but their layout is common: the face lies at the same place on everybody, so
samples of skin, hair and clothes are known, and what is between them is decided by colour.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import (
    binary_closing,
    binary_dilation,
    binary_erosion,
    distance_transform_edt,
    gaussian_filter,
    label,
    zoom,
)
from skimage.color import rgb2lab
from skimage.draw import polygon

from ....runtime.arrays import BoolArray, Float32Array, Float64Array
from .atlas import Region
from .layout import LANDMARK_UV, MIDDLE, Layout
from .topology import BytesArray, Chart

CROWN = (0.250, 0.402, 0.012, 0.070)
"""u and v of texels at the top of the skull, left, right, upper and lower."""
CHEEKS = ((0.215, 0.275, 0.245, 0.300), (0.378, 0.438, 0.245, 0.300), (0.285, 0.368, 0.135, 0.160))
"""Texels of cheeks and forehead, as CROWN."""
TEMPLES = ((0.030, 0.090, 0.170, 0.280), (0.563, 0.623, 0.170, 0.280))
"""Texels of the back of the head, left and right, as CROWN."""
NECK = (0.250, 0.402, 0.470, 0.500)
BALD_DISTANCE = 16.0
"""CIE76 difference of crown and cheek below which there is no hair on a head."""
CLOTH_DISTANCE = 17.0
"""CIE76 difference from the skin beside it above which a texel of the neck is cloth."""


@dataclass(frozen=True)
class Regions:
    """The regions of an atlas.

    Attributes:
        classes: (H, W) uint8 `Region`.
        cover: (H, W) float32 0..1: how much of a texel's skin is hidden under hair, brow or beard.
    """

    classes: BytesArray
    cover: Float32Array


@dataclass(frozen=True)
class _Colours:
    """A cloud of colours.

    Attributes:
        mean: (3,) L*a*b*.
        precision: (3, 3) inverse covariance.
        offset: logarithm of the covariance's determinant.
    """

    mean: Float64Array
    precision: Float64Array
    offset: float


def _cloud(lab: Float64Array, least: float) -> _Colours:
    mean = np.median(lab, axis=0)
    spread = np.cov((lab - mean).T) + np.diag([4.0 * least**2, least**2, least**2])
    return _Colours(mean, np.linalg.inv(spread), float(np.linalg.slogdet(spread)[1]))


def _surprise(lab: Float64Array, colours: _Colours) -> Float64Array:
    """Negative log-likelihood, up to a constant, of colours (..., 3)."""
    difference = lab - colours.mean
    result: Float64Array = 0.5 * np.einsum("...a,ab,...b->...", difference, colours.precision, difference)
    return result + 0.5 * colours.offset


def _box(size: int, box: tuple[float, float, float, float]) -> tuple[slice, slice]:
    left, right, top, bottom = (round(edge * size) for edge in box)
    return slice(top, bottom), slice(left, right)


def _samples(lab: Float64Array, boxes: tuple[tuple[float, float, float, float], ...]) -> Float64Array:
    return np.concatenate([lab[_box(len(lab), box)].reshape(-1, 3) for box in boxes])


def _coordinates(size: int) -> tuple[Float64Array, Float64Array]:
    """U as a row and v as a column."""
    steps = (np.arange(size) + 0.5) / size
    return steps[None, :], steps[:, None]


def _filled(size: int, points: Float32Array) -> BoolArray:
    mask = np.zeros((size, size), bool)
    rows, columns = polygon(points[:, 1] * size, points[:, 0] * size, shape=mask.shape)  # type: ignore[no-untyped-call]  # scikit-image has no types there
    mask[rows, columns] = True
    return mask


def _step(low: float, high: float, value: Float64Array) -> Float64Array:
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    result: Float64Array = t * t * (3.0 - 2.0 * t)
    return result


def _large(mask: BoolArray, least: int) -> BoolArray:
    """Only the connected pieces of at least so many texels."""
    pieces, _ = label(mask)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    result: BoolArray = sizes[pieces] >= least
    return result


def _reaching_the_crown(mask: BoolArray) -> BoolArray:
    """Only the connected pieces that hold texels of the crown or of the back of the head."""
    size = len(mask)
    pieces, _ = label(mask)
    named = [np.unique(pieces[_box(size, box)]) for box in (CROWN, *TEMPLES)]
    kept = np.concatenate(named)
    result: BoolArray = np.isin(pieces, kept[kept > 0])
    return result


def _share_of_hair(lab: Float64Array, hair: BoolArray, skin: BoolArray) -> Float64Array:
    """(H, W) 0..1: how far colours have gone from the skin around them to the hair around them."""
    near = [np.stack([slow_part(lab[..., c], mask, 0.012) for c in range(3)], axis=-1) for mask in (skin, hair)]
    way = near[1] - near[0]
    gone = ((lab - near[0]) * way).sum(axis=-1) / np.maximum((way**2).sum(axis=-1), 25.0)
    result: Float64Array = _step(0.12, 0.8, gone)
    return result


def hair_cover(lab: Float64Array, layout: Layout) -> Float64Array:
    """(H, W) 0..1: hair that is painted on the head; zero on a bald head.

    Args:
        lab: (H, W, 3) CIE L*a*b* of the texture.
        layout: of the texels.
    """
    size = len(lab)
    crown, cheeks = _samples(lab, (CROWN,)), _samples(lab, CHEEKS)
    if np.linalg.norm(np.median(crown, axis=0) - np.median(cheeks, axis=0)) < BALD_DISTANCE:
        return np.zeros((size, size))
    u, v = _coordinates(size)
    smooth = np.stack([gaussian_filter(lab[..., c], size / 1024) for c in range(3)], axis=-1)
    head = layout.chart == Chart.HEAD
    away = np.abs(u - MIDDLE)
    # The face itself, and the neck under it, hold no hair of the head; a fringe may reach the brows.
    face = (v > 0.195) & (away < 0.105 + 0.035 * _step(0.30, 0.20, v)) | (v > 0.36) & (away < 0.17) | (v > 0.48)
    garment = (v > 0.38) & _nearer(smooth, _torso_colour(lab, layout), np.median(crown, axis=0))
    allowed = head & ~face & ~garment
    skin, hair = _cloud(cheeks, 5.0), _cloud(crown, 4.0)
    for _ in range(3):
        score = _surprise(smooth, skin) - _surprise(smooth, hair)
        likely = allowed & (score > 0.0)
        if likely.sum() < 500 or (allowed & ~likely).sum() < 500:
            break
        hair = _cloud(smooth[likely & (score > 2.0)], 4.0)
    cover = np.where(allowed, 1.0 / (1.0 + np.exp(-np.clip(0.8 * score, -30, 30))), 0.0)
    solid = _reaching_the_crown(binary_closing(cover > 0.5, iterations=max(1, size // 200)) & allowed)
    # Bands and bright locks inside the hair belong to it.
    solid = (solid | ~_large(head & ~solid, size * size // 350)) & head
    # Around the hairline the share of hair is read off the way from the skin's colour to the hair's.
    inside = binary_erosion(solid | ~head, iterations=max(1, size // 128), border_value=1) & head
    around = binary_dilation(solid, iterations=max(1, size // 85)) & allowed
    cover = np.where(inside, 1.0, np.where(around, _share_of_hair(smooth, solid, head & ~around), 0.0))
    # Blurred only after the border's values were carried outwards: a seam of the layout is no hairline.
    rows, columns = distance_transform_edt(~head, return_distances=False, return_indices=True)
    result: Float64Array = np.clip(gaussian_filter(cover[rows, columns], 0.7 * size / 1024), 0.0, 1.0) * head
    return result


def slow_part(values: Float64Array, mask: BoolArray, share: float) -> Float64Array:
    """(H, W) values blurred within a mask by a Gaussian whose deviation is a share of the width, at quarter size.

    Height and width are multiples of four.
    """
    height, width = values.shape

    def reduced(full: Float64Array) -> Float64Array:
        small = full.reshape(height // 4, 4, width // 4, 4).mean(axis=(1, 3))
        blurred: Float64Array = gaussian_filter(small, share * width / 4.0)
        return blurred

    weight = reduced(mask.astype(np.float64))
    small = reduced(np.where(mask, values, 0.0)) / np.maximum(weight, 1e-4)
    result: Float64Array = zoom(small, 4, order=1, mode="nearest", grid_mode=True)
    return result


def _skin_shade(lab: Float64Array, skin: BoolArray) -> Float64Array:
    """(H, W) L* of the skin around each texel, from skin texels only."""
    return slow_part(lab[..., 0], skin, 0.03)


def brow_cover(lab: Float64Array, shade: Float64Array) -> Float64Array:
    """(H, W) 0..1: dark texels of the two brows."""
    size = len(lab)
    strip = np.zeros((size, size))
    for points in (LANDMARK_UV[17:22], LANDMARK_UV[22:27]):
        upper, lower = points - np.array([0.0, 0.020]), points + np.array([0.0, 0.015])
        strip = np.maximum(strip, _filled(size, np.concatenate([upper, lower[::-1]]).astype(np.float32)))
    strip = gaussian_filter(strip, size * 0.004)
    dark = (shade - gaussian_filter(lab[..., 0], 0.6 * size / 1024)) / np.maximum(shade, 10.0)
    cover = strip * _step(0.05, 0.34, dark)
    solid = _large(gaussian_filter(cover, 1.5 * size / 1024) > 0.2, size * size // 7000)
    result: Float64Array = cover * binary_dilation(solid, iterations=max(1, size // 340))
    return result


def beard_cover(lab: Float64Array, shade: Float64Array, layout: Layout, lips: BoolArray) -> Float64Array:
    """(H, W) 0..1: dark texels of beard and moustache; zero where the lower face is as light as the upper."""
    size = len(lab)
    u, v = _coordinates(size)
    away = np.abs(u - MIDDLE)
    zone = (layout.chart == Chart.HEAD) & (v > 0.318) & (v < 0.462) & (away < 0.185)
    zone = zone & ~binary_dilation(lips, iterations=max(1, size // 200))
    upper = np.median(shade[_box(size, CHEEKS[2])])
    dark = (upper - gaussian_filter(lab[..., 0], 1.2 * size / 1024)) / max(float(upper), 10.0)
    cover = np.where(zone, _step(0.22, 0.52, dark), 0.0)
    solid = _large(gaussian_filter(cover, 2.0 * size / 1024) > 0.4, size * size // 100)
    if not solid.any():
        return np.zeros((size, size))
    result: Float64Array = cover * binary_dilation(solid, iterations=max(1, size // 100))
    return result


def lips_mask(size: int) -> BoolArray:
    """(H, W) inside the outer contour of the lips, down to where they meet."""
    return _filled(size, LANDMARK_UV[48:60])


def _unlike(lab: Float64Array, skin: Float64Array) -> BoolArray:
    """Texels whose colour is no lighter or darker shade of a skin colour (3,)."""
    lightness = np.maximum(lab[..., :1], 8.0)
    hue = (lab[..., 1:] / lightness - skin[1:] / skin[0]) * min(skin[0], 45.0)
    ratio = lab[..., 0] / skin[0]
    result: BoolArray = (np.linalg.norm(hue, axis=-1) > 0.55 * CLOTH_DISTANCE) | (ratio > 1.4) | (ratio < 0.3)
    return result


def _nearer(lab: Float64Array, one: Float64Array, other: Float64Array) -> BoolArray:
    """Texels nearer to a colour (3,) than to another."""
    result: BoolArray = np.linalg.norm(lab - one, axis=-1) < np.linalg.norm(lab - other, axis=-1)
    return result


def _torso_colour(lab: Float64Array, layout: Layout) -> Float64Array:
    result: Float64Array = np.median(lab[layout.chart == Chart.TORSO], axis=0)
    return result


def _clothing(lab: Float64Array, layout: Layout, hair: Float64Array) -> BoolArray:
    """Texels of the neck and the arms that are cloth, and the whole torso."""
    u, v = _coordinates(len(lab))
    away = np.abs(u - MIDDLE)
    low = (layout.chart == Chart.HEAD) & (hair < 0.5) & (v > 0.455 - 0.2 * away)
    cheeks = np.median(_samples(lab, CHEEKS), axis=0)
    neck = np.median(_samples(lab, (NECK,)), axis=0)
    cloth = _torso_colour(lab, layout)
    smooth = np.stack([gaussian_filter(lab[..., c], 1.5 * len(lab) / 1024) for c in range(3)], axis=-1)
    alike = _nearer(smooth, cloth, cheeks) & (np.linalg.norm(smooth - cloth, axis=-1) < CLOTH_DISTANCE)
    far = _unlike(smooth, cheeks) & (v > 0.495 - 0.28 * away)
    # Baked shadows give the neck a colour of its own, unless it is covered up to the chin.
    if np.linalg.norm(neck - cloth) > 0.6 * CLOTH_DISTANCE:
        far &= _unlike(smooth, neck)
        alike &= _nearer(smooth, cloth, neck)
    collar = _smooth(_large(binary_closing(low & (far | alike), iterations=2), len(lab) // 4)) & low
    arm = layout.chart == Chart.ARM
    sleeve = arm & (gaussian_filter(_nearer(lab, cloth, cheeks).astype(float), 2.0) > 0.5)
    torso = layout.chart == Chart.TORSO
    skin = ~_unlike(smooth, cheeks) | ~_unlike(smooth, neck)
    bare = torso & _opening(layout) & skin & ~(np.linalg.norm(smooth - cloth, axis=-1) < CLOTH_DISTANCE)
    bare = _smooth(_large(bare, len(lab) // 8))
    result: BoolArray = collar | (torso & ~bare) | sleeve
    return result


def _smooth(mask: BoolArray) -> BoolArray:
    """The mask with an even edge."""
    result: BoolArray = gaussian_filter(mask.astype(np.float64), 2.5 * len(mask) / 1024) > 0.5
    return result


def _opening(layout: Layout) -> BoolArray:
    """Texels of the upper chest, where open collars show skin."""
    x, y = layout.position[..., 0], layout.position[..., 1]
    top = float(layout.position[layout.chart == Chart.TORSO, 1].max())
    result: BoolArray = (layout.chart == Chart.TORSO) & (np.abs(x) < 0.11) & (y > top - 0.2)
    return result


def _iris(layout: Layout) -> BoolArray:
    """Texels of irises and pupils: the middle of the two discs of the eyeballs."""
    size = len(layout.chart)
    u, v = _coordinates(size)
    discs = [(u - x) ** 2 + (v - 0.058) ** 2 < 0.0185**2 for x in (0.1420, 0.5095)]
    result: BoolArray = (discs[0] | discs[1]) & (layout.chart == Chart.EYE)
    return result


def find_regions(srgb: Float32Array, layout: Layout) -> Regions:
    """What each texel of an avatar's texture is.

    Args:
        srgb: (H, W, 3) 0..1 as painted.
        layout: of the texels.
    """
    size = len(srgb)
    lab = rgb2lab(srgb.astype(np.float64))
    hair = hair_cover(lab, layout)
    lips = lips_mask(size)
    cloth = _clothing(lab, layout, hair)
    head = layout.chart == Chart.HEAD
    shade = _skin_shade(lab, head & (hair < 0.05) & ~cloth & ~lips)
    brows = brow_cover(lab, shade) * ~binary_dilation(hair > 0.3, iterations=max(1, size // 200))
    beard = beard_cover(lab, shade, layout, lips) * (1.0 - hair)
    classes = np.full((size, size), Region.SKIN, np.uint8)
    classes[(hair > 0.02) | (beard > 0.02)] = Region.THIN_HAIR
    classes[brows > 0.02] = Region.THIN_BROW
    classes[brows > 0.25] = Region.BROWS
    classes[beard > 0.5] = Region.BEARD
    classes[hair > 0.5] = Region.ROOTED
    classes[lips & head] = Region.LIPS
    classes[cloth] = Region.CLOTHING
    classes[layout.chart == Chart.MOUTH] = Region.MOUTH
    classes[layout.chart == Chart.TEETH] = np.where(_enamel(lab), Region.TEETH, Region.MOUTH)[
        layout.chart == Chart.TEETH
    ]
    classes[(layout.chart == Chart.EYE) | (layout.chart == Chart.CARUNCLE)] = Region.SCLERA
    classes[_iris(layout)] = Region.IRIS
    cover = np.maximum(np.maximum(hair, beard), brows)
    return Regions(classes, np.where(lips | cloth, 0.0, cover).astype(np.float32))


def _enamel(lab: Float64Array) -> BoolArray:
    """Teeth among gums: light and not red."""
    result: BoolArray = (lab[..., 0] > 35.0) & (lab[..., 1] < 14.0)
    return result
