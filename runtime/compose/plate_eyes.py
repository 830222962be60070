"""Eyes in the plate: where each cornea is, and what of the shoot's lights mirrors in it.

An eye is a dozen pixels of the crop and fifty of a plate. The network tells where one is open. The iris in it is found
in the plate's own pixels, for it is as wide in everybody: the disc of its size that is darkest. What is far brighter
than the iris there is no colour of it but a lamp or a window in the cornea before it, and goes with the shoot's light.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..crop import Crop, sample_bilinear, transform_pixels
from ..encoding import Encoding
from ..eyes import CORNEA_METRES, IRIS_METRES
from ..parts import share_of
from ..small_matrices import inverse_pose
from ..view.border import smooth_share, smoothstep
from .iris import SURELY_EYE, Iris, found_iris, white_of
from .mirrored_light import mirrored_light
from .planes import luminance
from .window import Window

BEHIND_IRIS = 0.43
"""Of the way from the middle of the eye to the middle of the iris, how far the cornea's centre is behind the latter:
4.2 mm of 9.8 mm (Atchison and Smith, "Optics of the Human Eye", 2000)."""
LEAST_OPEN = 2.0e-5
"""Square metres of an eye that must be seen, a fifth of an open one's."""
RADIUS_IN_PIXELS = (3.0, 4.0)
"""Of an iris, up to which it cannot be told from the lids, and from which on it surely can; so all pairs here: what is
found fades in and does not jump, from one frame to the next."""
EYE = (0.3, 0.7)
"""Share of an eye in a pixel of the crop, up to which it is none, and from which on it is one."""
REACH_METRES = 0.017
"""From the middle of an eye to where its window ends: half of its width, and some lid."""
STEPS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
"""To a pixel of the crop, the one to its right and the one below."""
SQUINT = (0.006, 0.008)
"""Metres by which the irises of two eyes lie apart in what is seen of them; lids hide one more than the other."""
IRIS_INSIDE = 0.9
"""Of its radius, within which pixels are the iris' for sure."""
GLINT_PLACE = (0.8, 1.0)
"""Radii of the iris up to which lamps are taken out: at its rim they cannot be told from the white."""
GLINT_EDGE_METRES = 0.0003
"""How far around a mirrored light its blurred edge is taken with it; at least a pixel."""
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
    rows, columns = np.nonzero(eyes > np.mean(EYE))
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


@dataclass(frozen=True)
class _Look:
    """A part of the window around an open eye (h, w).

    Attributes:
        rows: of the window.
        columns: of the window.
        person: (3, h, w).
        coverage: (h, w) 0..1 of the open eye.
        corner: (2,) plate pixel of its top left.
        middle: (2,) plate pixel of the eye's middle.
        pixels_per_metre: (2,) of the plate, across and down, which differ where its pixels are not square.
    """

    rows: slice
    columns: slice
    person: Float32Array
    coverage: Float32Array
    corner: Float64Array
    middle: Float64Array
    pixels_per_metre: Float64Array

    @property
    def radius(self) -> Float64Array:
        """(2,) of the iris, pixels across and down."""
        return IRIS_METRES * self.pixels_per_metre

    def from_iris(self, iris: Iris) -> Float32Array:
        """(h, w) distance from an iris' middle, in its radii."""
        y, x = np.indices(self.coverage.shape) + 0.5
        across, down = (x - iris.middle[0]) / self.radius[0], (y - iris.middle[1]) / self.radius[1]
        distance: Float32Array = np.hypot(across, down).astype(np.float32)
        return distance


def _look(plate: Float32Array, window: Window, encoding: Encoding, place: _OpenEye) -> _Look | None:
    """What the plate shows around an open eye; None where the plate is too coarse, or ends in the eye."""
    crop = encoding.crop
    middle, right, below = transform_pixels(crop.plate_from_crop, place.middle + STEPS)
    # The crop's pixels are square, however it is turned: what one adds to a plate pixel's column, and to its row.
    pixels_per_crop_pixel = np.hypot(right - middle, below - middle)
    pixels_per_metre = pixels_per_crop_pixel * crop.camera.focal_x / place.depth
    radius, reach = IRIS_METRES * pixels_per_metre, REACH_METRES * pixels_per_metre
    if radius.min() <= RADIUS_IN_PIXELS[0]:
        return None
    origin = np.array([window.left, window.top])
    first = np.clip(np.floor(middle - origin - reach).astype(int), 0, [window.width, window.height])
    last = np.clip(np.ceil(middle - origin + reach).astype(int), 0, [window.width, window.height])
    if (last - first < 2 * radius).any():  # at the plate's edge
        return None
    rows, columns, corner = slice(first[1], last[1]), slice(first[0], last[0]), origin + first.astype(np.float64)
    y, x = np.indices((last - first)[::-1]) + 0.5
    eyes = share_of(encoding.parts, "eyes")  # type: ignore[arg-type]  # asked before
    places = transform_pixels(crop.crop_from_plate, np.stack([x, y], axis=-1) + corner)
    coverage = smoothstep(*EYE, sample_bilinear(eyes, places))
    return _Look(rows, columns, plate[:, rows, columns], coverage, corner, middle, pixels_per_metre)


def _plate_eye(plate: Float32Array, window: Window, encoding: Encoding, place: _OpenEye) -> PlateEye | None:
    """The eye at a place, or None where no iris is to be told."""
    look = _look(plate, window, encoding, place)
    iris = None if look is None else found_iris(look.person, look.coverage, look.radius)
    if look is None or iris is None:
        return None
    distance, sure = look.from_iris(iris), look.coverage > SURELY_EYE
    mirrored = mirrored_light(
        look.person,
        look.coverage * (1 - smoothstep(*GLINT_PLACE, distance)),
        (distance < IRIS_INSIDE) & sure,
        white_of(luminance(look.person), look.coverage),
        max(1, round(GLINT_EDGE_METRES * float(look.pixels_per_metre.max()))),
    )
    offset = iris.middle + look.corner - look.middle
    return PlateEye(
        rows=look.rows,
        columns=look.columns,
        cornea=look.coverage * (1 - smoothstep(*LIMBUS, distance)),
        mirrored=mirrored.radiance,
        centre=_centre(encoding.crop, place.depth, look.middle + (1 - BEHIND_IRIS) * offset),
        offset=offset / look.pixels_per_metre,
        sureness=iris.sureness * mirrored.sureness * smooth_share(*RADIUS_IN_PIXELS, float(look.radius.min())),
    )


def _centre(crop: Crop, depth: float, pixel: Float64Array) -> Float64Array:
    """(3,) of a cornea's ball behind a plate pixel (2,), metres, plate camera axes."""
    ray = crop.camera.directions(transform_pixels(crop.crop_from_plate, pixel))
    result: Float64Array = (depth + CORNEA_METRES) * crop.plate_camera_from_crop_camera @ ray
    return result


def _agreement(eyes: list[PlateEye]) -> float:
    """0..1 whether both look the same way, as eyes do; one that was taken for an iris and is none does not."""
    if len(eyes) < 2:
        return 1.0
    return 1.0 - smooth_share(*SQUINT, float(np.linalg.norm(eyes[0].offset - eyes[1].offset)))
