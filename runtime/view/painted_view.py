"""What the plate never saw, painted from the field into a view of the plate's surface.

The plate's surface stays where the plate saw it. Where it saw it at a grazing angle, or next to what it never saw, its
maps pass into what the field says of the same points. Where it saw nothing (the side of the head, under the chin,
behind an edge of depth) rays are marched through the field; what they meet stands in, in the plate's colours.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..arrays import AnyFloatArray, BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..crop import Crop, sample_bilinear, transform_pixels
from ..encoding import Encoding
from ..field.carved_field import CarvedField
from ..field.enlarged import enlarged
from ..field.field import crop_coordinates
from ..field.render import FieldView, render_field
from ..gbuffer import GBuffer, Painted
from ..head import CROP_HALF_WIDTH_METRES
from ..light.harmonics import harmonics_rotation
from .border import CropBorder, smoothstep
from .extension import push_pull
from .field_gaps import without_gaps
from .fringe import FIRM, outline_fringe
from .heightfield import largest_step
from .moved_view import positions
from .outline import FAINT
from .painted_smoothing import smoothed
from .seam import (
    closed,
    feathered,
    grown_shares,
    grown_within,
    largest_around,
    opened_shares,
    rounded,
    widened,
    without_crumbs,
)

PAINTED_BELOW, KEPT_ABOVE = 0.1, 0.7
"""Confidence at which the plate's maps give way to the field's altogether, and from which they stay whole."""
LEAST_FACING = 0.2
"""Least cosine between a painted normal and the way to the camera: a ball's at a fiftieth of its radius from the
outline."""
SAME_SURFACE, OTHER_SURFACE = 0.008, 0.025
"""Metres between a point of the plate's surface and the field's up to which they are one, and from which they are two:
there the field's colours are not the point's."""
FEATHER = 6
"""Pixels of a view of 256 over which the field passes into the plate."""
GAP = 3
"""Half the width, in pixels of a view of 256, of gaps between plate and field, and in the field, that are closed."""
SURE_MATTE = (0.5, 0.9)
"""Matte of the plate's pixel before a point of the field from which the point shows, and from which it shows wholly."""
SOFT_EDGE = 2
"""Pixels of the crop over which a sure matte may end."""
STAIR = 2
"""Pixels of a view of 256 up to which the field's outline is rounded: it is known to about so much."""
RIM, BROAD_RIM = 1, 2
"""Half the width, in pixels of a view of 256, up to which the field beside the plate's outline is taken for the
inaccuracy of one of them: there the outline is the plate's, with its hair."""
STEEPER_COVER = 1.3
"""How much faster cover falls off beside a surface than it was marched with, in pixels twice as wide: outlines of
analytic heads then lie where they are from cameras of every size, to a quarter of a pixel of the view."""
PRESENT = (0.35, 0.65)
"""Share up to which a strip is left out, and from which it is there: a faint one would stand beside the person as a
ghost."""
FACING_PLATE = (0.2, 0.4)
"""Cosine between a field's normal and the way to the plate's camera up to which the plate did not see the surface, and
from which it would have."""
NEARBY = 16
"""Pixels of a view of 256 up to which soft edges beside what is painted broadly are painted too: the plate's surface is
carried on thirteen beyond its matte."""
LARGEST_RATIO = 3.0
"""The plate's albedo and the field's differ by less than this factor, or one of them is wrong."""
SMOOTH = 3
"""Pixels of a view of 256 to each side over which the field's shape is averaged: a texel of its planes is four. Its
colours stay as they are: what they have of detail is seen through the weave."""
_BLOCK = 4
_COARSE = 4
"""`field.march` wants pictures whose sides are a multiple of this."""


@dataclass(frozen=True)
class _Maps:
    """What the field says on the view's pixels, zero where it was not asked; vectors in world axes.

    Attributes:
        albedo: (h, w, 3).
        normal: (h, w, 3).
        transport: (h, w, 9).
        roughness: (h, w).
        same: (h, w) 0..1 whether it speaks of the plate's surface, where that was met.
    """

    albedo: Float32Array
    normal: Float32Array
    transport: Float32Array
    roughness: Float32Array
    same: Float32Array


def painted_view(seen: GBuffer, encoding: Encoding, field: CarvedField, world_from_crop: Float64Array) -> GBuffer:
    """Fill a moved view from the field.

    Args:
        seen: the plate's surface from the view's camera, see `moved_view`.
        encoding: of the plate frame.
        field: of the encoding.
        world_from_crop: (4, 4) pose of the crop's camera in the world.

    Returns:
        The view with `painted`, or itself where there is nothing to paint. Where the plate is confident it is what it
        was, bit for bit.
    """
    met = np.isfinite(seen.plate_pixels[..., 0]) & (seen.matte > FAINT)
    firm = met & (seen.matte >= FIRM)
    keep = smoothstep(PAINTED_BELOW, KEPT_ABOVE, seen.confidence)
    marched = _marched(seen, encoding, field, world_from_crop, ~firm)
    both = np.where(firm, np.float32(1), _cover(marched, encoding))
    cover = closed(both, _pixels(GAP, seen.camera))
    cover = rounded(cover, firm, _pixels(STAIR, seen.camera))
    unseen = 1 - smoothstep(*FACING_PLATE, marched.normal[..., 2])
    broad = _broad(seen, met, firm & (keep < 0.5), smoothstep(*PRESENT, cover) * ~firm, unseen)
    in_plate = _in_plate(seen, encoding.crop)
    joined = _joined(firm & in_plate, cover > 0.5)
    broad = smoothstep(*PRESENT, broad)
    allowed = np.maximum(largest_around(broad, 1), (~met & _gaps(met, seen.camera)).astype(np.float32)) * joined
    missing = np.where(firm | (marched.alpha <= 0), np.float32(0), np.minimum(cover, allowed))
    missing = without_crumbs(missing, firm)
    beside = widened(missing > 0.5, _pixels(FEATHER, seen.camera))
    touched = firm & ((keep < 1) | beside)
    if not (missing.any() or touched.any()):
        return seen
    maps = _maps(seen, marched, touched, field, encoding, world_from_crop)
    feather = feathered(missing, np.where(missing > 0.5, marched.depth, seen.depth), _pixels(FEATHER, seen.camera))
    # Cover is the matte's business: where the field shows at all, the maps are its own.
    filled = (missing > 0).astype(np.float32)
    share = np.where(firm, np.maximum(1 - keep, smoothstep(0.0, 1.0, feather)) * maps.same, filled)
    fringe = outline_fringe(seen, encoding, firm & in_plate, missing > 0.5)
    hidden = np.maximum(share, fringe)
    vouched = largest_around(broad * joined, _pixels(GAP, seen.camera)) * (in_plate | ~met)
    backed = np.minimum(cover, vouched)
    # Between the plate's outline and the field's there may be neither: there the plate's surface is carried on.
    carried = np.isfinite(seen.plate_pixels[..., 0]) & (filled == 0)
    # As a surface, and not in the plate's colours, which are the background's there; beside what is painted not at all.
    beyond = carried & ~met & ((backed > 0) | widened(filled > 0, _pixels(RIM + 1, seen.camera)))
    depth = np.where(filled > 0, marched.depth, seen.depth)
    position = seen.position.copy()
    position[filled > 0] = positions(seen.camera, depth, filled > 0)
    return replace(
        seen,
        albedo=_mixed(
            seen.albedo, _matched_albedo(seen, maps, firm * keep * maps.same * (1 - fringe), share > 0), share
        ),
        normal=_mixed_normal(seen.normal, maps.normal, share, position, seen.camera),
        position=position,
        depth=depth,
        matte=np.where(met | carried, np.maximum(np.where(beyond, 0, seen.matte), backed), missing),
        transport=_mixed(seen.transport, maps.transport, share),
        roughness=_mixed(seen.roughness, maps.roughness, share),
        specular=_mixed(seen.specular, np.full_like(share, _mean_specular(encoding)), filled),
        confidence=seen.confidence * (1 - hidden),
        plate_pixels=np.where(((filled > 0) | beyond)[..., None], np.float32(np.nan), seen.plate_pixels),
        cover=None if seen.cover is None else np.maximum(seen.cover, filled),
        front=None if seen.front is None else np.where(widened(filled > 0, 1), np.float32(np.nan), seen.front),
        painted=Painted(share, hidden, backed),
    )


def _pixels(at_256: int, camera: Camera) -> int:
    return max(1, round(at_256 * camera.width / 256))


def _marched(
    seen: GBuffer, encoding: Encoding, field: CarvedField, world_from_crop: Float64Array, wanted: BoolArray
) -> FieldView:
    """The field on the view's pixels, marched at half of them each way."""
    camera = seen.camera
    side = -(-camera.width // (2 * _COARSE)) * 2 * _COARSE
    asked = np.zeros((side, side), np.bool_)
    asked[: camera.height, : camera.width] = wanted
    asked = asked.reshape(side // 2, 2, side // 2, 2).any(axis=(1, 3))
    half = _widened(camera, side).resized(side // 2, side // 2)
    crop_from_view = np.linalg.inv(world_from_crop) @ camera.world_from_camera
    found = render_field(field, field.grid, encoding.crop, half, crop_from_view, wanted=widened(asked, 1))
    found = without_gaps(found, _pixels(GAP, half))
    found = enlarged(found, largest_step(half, found.depth, found.alpha > 0))
    found = replace(found, alpha=np.maximum(1 - np.float32(STEEPER_COVER) * (1 - found.alpha), 0))
    return FieldView(**{name: values[: camera.height, : camera.width] for name, values in vars(found).items()})


def _widened(camera: Camera, side: int) -> Camera:
    """With more rows and columns at its lower right, square."""
    focal, principal = (camera.focal_x, camera.focal_y), (camera.principal_x, camera.principal_y)
    return Camera(side, side, *focal, *principal, camera.world_from_camera)


def _cover(found: FieldView, encoding: Encoding) -> Float32Array:
    """(h, w) 0..1 of the field, fading to nothing at the crop's border, beyond the plate's, and where the matte does.

    What hides behind a pixel is the person's no more surely than that pixel or one next to it: mattes have soft edges.
    """
    crop, cover = encoding.crop, found.alpha.copy()
    there = cover > 0
    pixels = (found.crop_points[there][:, :2] + 1) * (crop.camera.width / 2)
    within = _within_plate(transform_pixels(crop.plate_from_crop, pixels), crop)
    around = largest_around(encoding.matte, SOFT_EDGE)
    sure = smoothstep(*SURE_MATTE, sample_bilinear(around, pixels))
    cover[there] *= CropBorder(crop).fade_at(pixels) * within * sure
    return cover


def _in_plate(seen: GBuffer, crop: Crop) -> BoolArray:
    """(h, w) where the surface lies on the plate, and not only in the crop, which may reach beyond it."""
    return _within_plate(np.nan_to_num(seen.plate_pixels, nan=-1.0), crop)


def _within_plate(plate_pixels: AnyFloatArray, crop: Crop) -> BoolArray:
    x, y = plate_pixels[..., 0], plate_pixels[..., 1]
    within: BoolArray = (x >= 0) & (x <= crop.plate_width) & (y >= 0) & (y <= crop.plate_height)
    return within


def _broad(
    seen: GBuffer, met: BoolArray, grazed: BoolArray, open_to_paint: Float32Array, unseen: Float32Array
) -> Float32Array:
    """(h, w) 0..1 how far the field goes on beside the plate's surface, and the surface's soft edge before it.

    It goes on where it does so broadly, or where the plate saw the surface beside it at a grazing angle: there the
    surface turns away from the plate's camera and not from the view's. Other soft edges stay the plate's own, as
    nothing lies behind them. Shares instead of yes and no: from frame to frame a strip may fade, and not blink.

    Args:
        seen: the plate's surface.
        met: (h, w) where it is met.
        grazed: (h, w) where the plate saw it at a grazing angle.
        open_to_paint: (h, w) 0..1 how far the field has a surface where the plate's is not firm.
        unseen: (h, w) 0..1 how far that surface is turned away from the plate's camera.
    """
    beside = widened(grazed, _pixels(GAP + RIM, seen.camera))
    strip = open_to_paint * ~met
    narrow, wide = (opened_shares(strip, _pixels(reach, seen.camera)) for reach in (RIM, BROAD_RIM))
    seeds = np.maximum.reduce([wide, narrow * unseen, strip * beside])
    return grown_shares(seeds, open_to_paint, _pixels(NEARBY, seen.camera))


def _joined(firm: BoolArray, covered: BoolArray) -> BoolArray:
    """(h, w) what is joined to the plate's surface, on blocks of pixels.

    Where the plate's border cuts a body off, its far side must not hang in the air. From where nothing of the plate's
    surface is seen, all is joined.
    """
    if not firm.any():
        return np.ones_like(firm)
    height, width = firm.shape
    padding = ((0, -height % _BLOCK), (0, -width % _BLOCK))
    blocks = [
        np.pad(mask, padding).reshape((height + padding[0][1]) // _BLOCK, _BLOCK, -1, _BLOCK).any(axis=(1, 3))
        for mask in (firm, firm | covered)
    ]
    joined = grown_within(blocks[0], blocks[1], blocks[0].shape[0])
    whole = np.repeat(np.repeat(joined, _BLOCK, axis=0), _BLOCK, axis=1)
    return whole[:height, :width]


def _gaps(met: BoolArray, camera: Camera) -> BoolArray:
    """(h, w) the plate's surface with its narrow gaps filled."""
    gaps: BoolArray = closed(met.astype(np.float32), _pixels(GAP, camera)) > 0.5
    return gaps


def _maps(  # noqa: PLR0917 - both ways to the field, and what places them
    seen: GBuffer,
    marched: FieldView,
    touched: BoolArray,
    field: CarvedField,
    encoding: Encoding,
    world_from_crop: Float64Array,
) -> _Maps:
    """The field where rays met it, and at points of the plate's surface where it is touched."""
    rotation = world_from_crop[:3, :3]
    in_crop = (seen.position[touched] - world_from_crop[:3, 3].astype(np.float32)) @ rotation.astype(np.float32)
    surface = field.surface(crop_coordinates(in_crop, encoding.crop)) if touched.any() else {}
    same, depth = np.zeros_like(seen.matte), marched.depth.copy()
    there = touched | (marched.alpha > 0)
    values = {name: getattr(marched, name).copy() for name in ("albedo", "normal", "transport", "roughness")}
    if surface:
        for name, image in values.items():
            image[touched] = surface[name].reshape(-1, *image.shape[2:])
        depth[touched] = seen.depth[touched]
        apart = np.abs(surface["distance"][:, 0]) * np.float32(CROP_HALF_WIDTH_METRES)
        same[touched] = 1 - smoothstep(SAME_SURFACE, OTHER_SURFACE, apart)
    shape = np.concatenate([values["normal"], values["transport"], values["roughness"][..., None]], axis=-1)
    shape = smoothed(shape, depth, there, _pixels(SMOOTH, seen.camera))
    return _Maps(
        albedo=values["albedo"],
        normal=_turned(shape[..., :3], rotation, there),
        transport=_turned(shape[..., 3:12], harmonics_rotation(rotation), there),
        roughness=shape[..., 12],
        same=same,
    )


def _turned(vectors: Float32Array, rotation: Float64Array, there: BoolArray) -> Float32Array:
    """(h, w, c) with a rotation (c, c) applied; all are zero where there is nothing."""
    vectors[there] = vectors[there] @ rotation.T.astype(np.float32)
    return vectors


def _mixed(plate: Float32Array, field: Float32Array, share: Float32Array) -> Float32Array:
    """The plate's (h, w, ...) where the share is zero, to the last bit; the field's where it is one."""
    there = share > 0
    weight = share[there].reshape(-1, *[1] * (plate.ndim - 2))
    mixed = plate.copy()
    mixed[there] += weight * (field[there] - plate[there])
    return mixed


def _mixed_normal(
    plate: Float32Array, field: Float32Array, share: Float32Array, position: Float32Array, camera: Camera
) -> Float32Array:
    """The same of normals; those of the field face the camera."""
    there = share > 0
    weight = share[there][:, None]
    facing = _facing(field[there], position[there], camera)
    mixed = plate.copy()
    between = plate[there] + weight * (facing - plate[there])
    mixed[there] = between / np.maximum(_length(between), np.float32(1e-6))
    return mixed


def _length(vectors: Float32Array) -> Float32Array:
    """(n, 1) of (n, 3)."""
    length: Float32Array = np.sqrt(np.einsum("nc,nc->n", vectors, vectors))[:, None]
    return length


def _facing(normal: Float32Array, position: Float32Array, camera: Camera) -> Float32Array:
    """(n, 3) normals that face the camera by LEAST_FACING at least: what is seen does, and more so all but its rim.

    A learned normal beside an outline may face away, and then the whole strip reflects like a mirror seen edge on.
    """
    to_camera = camera.world_from_camera[:3, 3].astype(np.float32) - position
    to_camera /= np.maximum(_length(to_camera), np.float32(1e-6))
    cosine = np.einsum("nc,nc->n", normal, to_camera)[:, None]
    beside = normal - cosine * to_camera
    beside /= np.maximum(_length(beside), np.float32(1e-6))
    turned = np.float32(np.sqrt(1.0 - LEAST_FACING**2)) * beside + np.float32(LEAST_FACING) * to_camera
    facing: Float32Array = np.where(cosine < LEAST_FACING, turned, normal)
    return facing


def _matched_albedo(seen: GBuffer, maps: _Maps, weight: Float32Array, wanted: BoolArray) -> Float32Array:
    """(h, w, 3) the field's albedo in the colours that the plate's maps have nearby.

    The ratio of both on the plate's surface goes on smoothly to where only the field knows one.

    Args:
        seen: the plate's surface.
        maps: of the field.
        weight: (h, w) 0..1 how much the ratio of each pixel counts.
        wanted: (h, w) pixels to match; the others are as the field says.
    """
    if not (weight > 0).any():
        return maps.albedo
    floor, limit = np.float32(0.01), np.float32(np.log(LARGEST_RATIO))
    known, matched = weight > 0, maps.albedo.copy()
    of_known = np.log(np.maximum(seen.albedo[known], floor) / np.maximum(matched[known], floor))
    ratio = np.zeros((3, *known.shape), np.float32)
    ratio[:, known] = np.clip(of_known, -limit, limit).T
    smooth = push_pull(ratio, weight)
    matched[wanted] = np.clip(matched[wanted] * np.exp(smooth[:, wanted]).T, 0, 1)
    return matched


def _mean_specular(encoding: Encoding) -> np.float32:
    """Reflectance over the person: the field names none."""
    total = max(float(encoding.matte.sum()), 1e-6)
    return np.float32(float((encoding.specular * encoding.matte).sum()) / total)
