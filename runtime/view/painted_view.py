"""What the plate never saw, painted from the field into a view of the plate's surface.

The plate's surface stays where the plate saw it. Where it saw it at a grazing angle, or next to what it never saw, its
maps pass into what the field says of the same points. Where it saw nothing (the side of the head, under the chin,
behind an edge of depth) rays are marched through the field; what they meet stands in, in the plate's colours.
"""

from dataclasses import replace

import numpy as np

from ..arrays import AnyFloatArray, BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..crop import Crop, sample_bilinear, transform_pixels
from ..encoding import Encoding, per_encoding
from ..field.carved_field import CarvedField
from ..field.enlarged import enlarged
from ..field.render import FieldView, render_field
from ..gbuffer import GBuffer, Painted
from ..scattered import scattered
from .border import CropBorder, smoothstep
from .field_gaps import without_gaps
from .fringe import FIRM, outline_fringe
from .heightfield import largest_step
from .moved_view import positions
from .outline import FAINT, front_of_neighbours
from .painted_maps import matched_albedo, mixed, mixed_normal, painted_maps
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
_BLOCK = 4
_COARSE = 4
"""`field.march` wants pictures whose sides are a multiple of this."""


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
    maps = painted_maps(seen, marched, touched, field, encoding, world_from_crop)
    same = scattered(maps.same, maps.pixel, met.shape)
    feather = feathered(missing, np.where(missing > 0.5, marched.depth, seen.depth), _pixels(FEATHER, seen.camera))
    # Cover is the matte's business: where the field shows at all, the maps are its own.
    filled = (missing > 0).astype(np.float32)
    share = np.where(firm, np.maximum(1 - keep, smoothstep(0.0, 1.0, feather)) * same, filled)
    fringe = outline_fringe(seen, encoding, firm & in_plate, missing > 0.5)
    hidden = np.maximum(share, fringe)
    vouched = largest_around(broad * joined, _pixels(GAP, seen.camera)) * (in_plate | ~met)
    backed = np.minimum(cover, vouched)
    # Between the plate's outline and the field's there may be neither: there the plate's surface is carried on.
    carried = np.isfinite(seen.plate_pixels[..., 0]) & (filled == 0)
    # As a surface, and not in the plate's colours, which are the background's there; beside what is painted not at all.
    beyond = carried & ~met & ((backed > 0) | widened(filled > 0, _pixels(RIM + 1, seen.camera)))
    depth = np.where(filled > 0, marched.depth, seen.depth)
    matte = np.where(met | carried, np.maximum(np.where(beyond, 0, seen.matte), backed), missing)
    position = seen.position.copy()
    position[filled > 0] = positions(seen.camera, depth, filled > 0)
    albedo = matched_albedo(seen, maps, firm * keep * same * (1 - fringe))
    listed, specular = share.reshape(-1)[maps.pixel], seen.specular.copy()
    specular[filled > 0] = _mean_specular(encoding)
    return replace(
        seen,
        albedo=mixed(seen.albedo, albedo, maps.pixel, listed),
        normal=mixed_normal(seen.normal, maps, listed, position, seen.camera),
        position=position,
        depth=depth,
        matte=matte,
        transport=mixed(seen.transport, maps.transport, maps.pixel, listed),
        roughness=mixed(seen.roughness, maps.roughness, maps.pixel, listed),
        specular=specular,
        confidence=seen.confidence * (1 - hidden),
        plate_pixels=np.where(((filled > 0) | beyond)[..., None], np.float32(np.nan), seen.plate_pixels),
        cover=None if seen.cover is None else np.maximum(seen.cover, filled),
        front=_front(seen, depth, matte, filled > 0),
        painted=Painted(share, hidden, backed),
    )


def _front(seen: GBuffer, depth: Float32Array, matte: Float32Array, filled: BoolArray) -> Float32Array | None:
    """(h, w) `Shares.front` of the plate's surface, and beside what stands in for it of the pixels around."""
    if seen.front is None:
        return None
    return np.where(widened(filled, 1), front_of_neighbours(seen.camera, depth, matte > 0), seen.front)


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
    sure = smoothstep(*SURE_MATTE, sample_bilinear(_matte_around(encoding), pixels))
    cover[there] *= CropBorder(crop).fade_at(pixels) * within * sure
    return cover


@per_encoding
def _matte_around(encoding: Encoding) -> Float32Array:
    return largest_around(encoding.matte, SOFT_EDGE)


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


@per_encoding
def _mean_specular(encoding: Encoding) -> np.float32:
    """Reflectance over the person: the field names none."""
    total = max(float(encoding.matte.sum()), 1e-6)
    return np.float32(float((encoding.specular * encoding.matte).sum()) / total)
