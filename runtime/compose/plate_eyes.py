"""Eyes in the plate: where each cornea is, and what of the shoot's lights mirrors in it.

An eye is a dozen pixels of the crop and fifty of a plate. The network tells where one is open. The iris in it is found
in the plate's own pixels, for it is as wide in everybody: the disc of its size that is darkest. What is far brighter
than the iris there is no colour of it but a lamp or a window in the cornea before it, and goes with the shoot's light.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from ..box_sum import box_sum
from ..crop import sample_bilinear, transform_pixels
from ..encoding import Encoding
from ..eyes import CORNEA_METRES, IRIS_METRES
from ..parts import share_of
from ..small_matrices import inverse_pose
from ..view.border import smoothstep
from .planes import LUMINANCE, luminance
from .window import Window, cell_means

BEHIND_IRIS = 0.43
"""Of the way from the middle of the eye to the middle of the iris, how far the cornea's centre is behind the latter:
4.2 mm of 9.8 mm (Atchison and Smith, "Optics of the Human Eye", 2000)."""
LEAST_OPEN = 2.0e-5
"""Square metres of an eye that must be seen, a fifth of an open one's."""
RADIUS_IN_PIXELS = (3.0, 4.0)
"""Of an iris, up to which it cannot be told from the lids, and from which on it surely can; so all pairs here: what is
found fades in and does not jump, from one frame to the next."""
SURELY_EYE = (0.3, 0.7)
REACH_METRES = 0.017
"""From the middle of an eye to where its window ends: half of its width, and some lid."""
AROUND_IRIS = 1.4
"""Radii of the iris up to which the white around it counts."""
BRIGHT = 0.8
"""Quantile of an eye's brightness that stands for its white."""
CONTRAST = (0.1, 0.2)
"""Darkness, 0 to 1, by which an iris exceeds what is around it in the eye."""
SEEN = (0.3, 0.45)
"""Of an iris' disc, that lids leave to be seen."""
SEARCHED_RADIUS = 4.0
"""Pixels of an iris' radius with which it is looked for, up to twice as many."""
RIGHT = np.array([1.0, 0.0])
NEARLY = 0.95
"""Of the best place's score, from which on a place near it counts."""
SQUINT = (0.006, 0.008)
"""Metres by which the irises of two eyes lie apart in what is seen of them; lids hide one more than the other."""
IRIS_INSIDE = 0.9
"""Of its radius, within which pixels are the iris' for sure."""
WHITE_IN_IRIS = 0.08
"""Of the white's luminance by which what is usual in an iris exceeds its median: its fibres, beside a black pupil."""
GLINT = (1.8, 2.8)
"""Luminance, in what is usual, from which on a pixel mirrors something, and from which on that is all it does."""
GLINT_PLACE = (0.8, 1.0)
"""Radii of the iris up to which lamps are taken out: at its rim they cannot be told from the white."""
GLINT_EDGE_METRES = 0.0003
"""How far around a mirrored light its blurred edge is taken with it; at least a pixel."""
GLINTS = (0.25, 0.35)
"""Share of an iris that lamps and windows hide; what is more is a pale iris behind lashes."""
UNDER_GLINT = 1.1
"""Brightness of the iris that is put under a mirrored light, in its median."""
LIMBUS = (0.85, 1.1)
"""Radii of the iris between which the cornea passes into the white."""


@dataclass(frozen=True)
class PlateEye:
    """An eye in a window of the plate (h, w = height and width of its part).

    Attributes:
        rows: of the window.
        columns: of the window.
        cornea: (h, w) 0..1 how far each pixel shows the cornea.
        mirrored: (3, h, w) radiance of the shoot's own lights in it.
        centre: (3,) of the cornea's ball, metres, plate camera axes.
        offset: (2,) of the iris from the middle of the open eye, metres, right and down in the plate.
        sureness: 0..1 that all this is so; `plate_eyes` has reduced cornea and mirrored by it.
    """

    rows: slice
    columns: slice
    cornea: Float32Array
    mirrored: Float32Array
    centre: Float64Array
    offset: Float64Array
    sureness: float

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Rows and columns of the window, to index with."""
        return self.rows, self.columns


def plate_eyes(plate: Float32Array, window: Window, encoding: Encoding) -> tuple[PlateEye, ...]:
    """The eyes whose irises can be told, both of them where two are open.

    One that cannot is an eye that is closing, or lashes that were taken for one, and the other is no surer then.

    Args:
        plate: (3, h, w) scene-linear, of the window.
        window: of the plate.
        encoding: of the frame; one that names no parts has no eyes.
    """
    if encoding.parts is None:
        return ()
    found = [_plate_eye(plate, window, encoding, place) for place in _open_eyes(encoding)]
    eyes = [eye for eye in found if eye is not None]
    if not eyes or len(eyes) < len(found):
        return ()
    sureness = np.float32(min(eye.sureness for eye in eyes) * _agreement(eyes))
    if sureness <= 0:
        return ()
    return tuple(replace(eye, cornea=eye.cornea * sureness, mirrored=eye.mirrored * sureness) for eye in eyes)


@dataclass(frozen=True)
class _OpenEye:
    """Where the parts say that an eye is open: middle (2,) in crop pixels, its depth in metres."""

    middle: Float64Array
    depth: float


def _open_eyes(encoding: Encoding) -> Iterator[_OpenEye]:
    """One on either side of the head, if it is seen."""
    crop, eyes = encoding.crop, share_of(encoding.parts, "eyes")  # type: ignore[arg-type]  # asked before
    rows, columns = np.nonzero(eyes > np.mean(SURELY_EYE))
    weight, depth = eyes[rows, columns], encoding.depth[rows, columns]
    pixels = np.stack([columns, rows], axis=1) + 0.5
    points = crop.camera.directions(pixels) * depth[:, None]
    head_from_crop_camera = inverse_pose(encoding.crop_camera_from_head)
    left = points @ head_from_crop_camera[0, :3] + head_from_crop_camera[0, 3] > 0
    for side in (left, ~left):
        total = float(weight[side].sum())
        if total <= 0:
            continue
        share = weight[side] / total
        mean_depth = float(share @ depth[side])
        if total * (mean_depth / crop.camera.focal_x) ** 2 >= LEAST_OPEN:
            yield _OpenEye(share @ pixels[side], mean_depth)


def _plate_eye(plate: Float32Array, window: Window, encoding: Encoding, place: _OpenEye) -> PlateEye | None:
    """The eye at a place, or None where no iris is to be told."""
    crop = encoding.crop
    middle, right = transform_pixels(crop.plate_from_crop, np.stack([place.middle, place.middle + RIGHT]))
    pixels_per_metre = float(np.linalg.norm(right - middle)) * crop.camera.focal_x / place.depth
    radius = IRIS_METRES * pixels_per_metre
    if radius <= RADIUS_IN_PIXELS[0]:
        return None
    corner, reach = np.array([window.left, window.top]), REACH_METRES * pixels_per_metre
    first = np.clip(np.floor(middle - corner - reach).astype(int), 0, [window.width, window.height])
    last = np.clip(np.ceil(middle - corner + reach).astype(int), 0, [window.width, window.height])
    if (last - first < 2 * radius).any():
        return None
    rows, columns = slice(first[1], last[1]), slice(first[0], last[0])
    person = plate[:, rows, columns]
    y, x = np.mgrid[rows, columns] + 0.5
    eyes = share_of(encoding.parts, "eyes")  # type: ignore[arg-type]  # asked before
    places = transform_pixels(crop.crop_from_plate, np.stack([x, y], axis=-1) + corner)
    coverage = smoothstep(*SURELY_EYE, sample_bilinear(eyes, places))
    iris = found_iris(person, coverage, radius)
    if iris is None:
        return None
    across = np.hypot(x - columns.start - iris.middle[0], y - rows.start - iris.middle[1])
    distance = across.astype(np.float32) / np.float32(radius)
    cornea = coverage * (1 - smoothstep(*LIMBUS, distance))
    inside = (distance < IRIS_INSIDE) & (coverage > SURELY_EYE[1])
    white = float(np.quantile(luminance(person)[coverage > SURELY_EYE[1]], BRIGHT))
    within = coverage * (1 - smoothstep(*GLINT_PLACE, distance))
    mirrored = mirrored_light(person, within, inside, white, max(1, round(GLINT_EDGE_METRES * pixels_per_metre)))
    found = iris.middle + np.array([columns.start, rows.start]) + corner
    offset = (found - middle) / pixels_per_metre
    centre = transform_pixels(crop.crop_from_plate, found - BEHIND_IRIS * (found - middle))
    ball: Float64Array = crop.plate_camera_from_crop_camera @ crop.camera.directions(centre)
    ball *= place.depth + CORNEA_METRES
    sureness = iris.sureness * mirrored.sureness * _passed(RADIUS_IN_PIXELS, radius)
    return PlateEye(rows, columns, cornea, mirrored.radiance, ball, offset, sureness)


def _passed(edges: tuple[float, float], value: float) -> float:
    """0..1."""
    return float(smoothstep(*edges, np.array([value], np.float32))[0])


@dataclass(frozen=True)
class Iris:
    """Middle (2,) column and row of an iris, a pixel's centre being at 0.5, and how sure it is, 0..1."""

    middle: Float64Array
    sureness: float


@dataclass(frozen=True)
class MirroredLight:
    """Radiance (3, h, w) of light that mirrors in a cornea, and how sure it is, 0..1, that it is that."""

    radiance: Float32Array
    sureness: float


def found_iris(person: Float32Array, coverage: Float32Array, radius: float) -> Iris | None:
    """The disc in an eye that is darkest against what is around it.

    Args:
        person: (3, h, w) scene-linear.
        coverage: (h, w) 0..1 of the open eye.
        radius: pixels.

    Returns:
        None where nothing is dark.
    """
    reduction = max(1, int(radius / SEARCHED_RADIUS))
    small = cell_means(np.concatenate([person, coverage[None]]), reduction)
    coverage, radius = small[3], radius / reduction
    brightness = np.sqrt(np.maximum(luminance(small[:3]), 0))
    if not (coverage > SURELY_EYE[1]).any():
        return None
    white = float(np.quantile(brightness[coverage > SURELY_EYE[1]], BRIGHT))
    darkness = np.clip(1 - brightness / np.float32(max(white, 1e-6)), 0, 1)
    within = _DiscSums(coverage.shape[0], coverage.shape[1], radius)
    dark, there = within(darkness * coverage), within(coverage)
    area = there[0] / within.area
    contrast = dark[0] / np.maximum(there[0], 0.05 * within.area) - dark[1] / np.maximum(there[1], 0.05 * within.area)
    # Where lids hide more of the disc it says less.
    score = np.where(area >= SEEN[0], contrast * np.sqrt(np.clip(area, 0, 1)), 0)
    row, column = np.unravel_index(int(np.argmax(score)), score.shape)
    sureness = _passed(CONTRAST, float(contrast[row, column])) * _passed(SEEN, float(area[row, column]))
    if sureness <= 0:
        return None
    # The mean over what is nearly as good is finer than a pixel.
    rows, columns = np.indices(score.shape)
    weight = np.maximum(score - NEARLY * score[row, column], 0)
    weight *= np.hypot(rows - row, columns - column) < 0.3 * radius + 1
    middle = np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum() + 0.5
    return Iris(middle * reduction, sureness)


class _DiscSums:
    """Sums of images (h, w) over a disc around each pixel, and over the ring around it."""

    def __init__(self, height: int, width: int, radius: float) -> None:
        self._shape, self._size = (height, width), (2 * height, 2 * width)  # twice as large, so that edges do not meet
        y, x = (np.fft.fftfreq(length, 1 / length) for length in self._size)
        distance = np.hypot(y[:, None], x[None])
        inside = np.clip(radius - distance + 0.5, 0, 1)
        ring = np.clip(AROUND_IRIS * radius - distance + 0.5, 0, 1) - inside
        self._discs, self.area = np.fft.rfft2(np.stack([inside, ring])), float(inside.sum())

    def __call__(self, image: Float32Array) -> Float64Array:
        """(2, h, w) over disc and ring."""
        sums: Float64Array = np.fft.irfft2(np.fft.rfft2(image, self._size) * self._discs, self._size)
        return sums[:, : self._shape[0], : self._shape[1]]


def _agreement(eyes: list[PlateEye]) -> float:
    """0..1 whether both look the same way, as eyes do; one that was taken for an iris and is none does not."""
    if len(eyes) < 2:
        return 1.0
    return 1.0 - _passed(SQUINT, float(np.linalg.norm(eyes[0].offset - eyes[1].offset)))


def mirrored_light(
    person: Float32Array, within: Float32Array, iris: BoolArray, white: float, edge: int
) -> MirroredLight:
    """What of the person's colour is light mirrored in a cornea.

    Args:
        person: (3, h, w) scene-linear.
        within: (h, w) 0..1 where it may be.
        iris: (h, w) pixels that are the iris' for sure.
        white: luminance of the white of this eye.
        edge: pixels around a mirrored light that are taken with it.
    """
    if not iris.any():
        return MirroredLight(np.zeros_like(person), 0.0)
    colour = np.median(person[:, iris], axis=1)
    usual = float(np.dot(LUMINANCE, colour)) + WHITE_IN_IRIS * white
    ratio = luminance(person) / np.float32(max(usual, 1e-6))
    glint = smoothstep(*GLINT, ratio) * within
    under = np.minimum(person, (UNDER_GLINT * colour)[:, None, None].astype(np.float32))
    radiance = _spread(glint, edge) * within * (person - under)
    return MirroredLight(radiance, 1.0 - _passed(GLINTS, float(glint[iris].mean())))


def _spread(share: Float32Array, reach: int) -> Float32Array:
    """(h, w) the largest value within a reach, with a soft edge as wide."""
    for axis in (0, 1):
        share = np.maximum.reduce([np.roll(share, step, axis) for step in range(-reach, reach + 1)])
    spread: Float32Array = box_sum(share[None], reach)[0] / np.float32((2 * reach + 1) ** 2)
    return spread
