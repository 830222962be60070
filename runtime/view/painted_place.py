"""Where the field stands in for the plate's surface in a moved view."""

from dataclasses import dataclass

import numpy as np

from ..arrays import AnyFloatArray, BoolArray, Float32Array
from ..camera import Camera
from ..crop import Crop, sample_bilinear, transform_pixels
from ..encoding import Encoding, per_encoding
from ..field.render import FieldView
from ..gbuffer import GBuffer
from .border import CropBorder, smoothstep
from .fringe import FIRM
from .outline import FAINT
from .seam import (
    closed,
    grown_shares,
    grown_within,
    largest_around,
    opened_shares,
    rounded,
    widened,
    without_crumbs,
)
from .view_camera import pixels_of_view

PAINTED_BELOW, KEPT_ABOVE = 0.1, 0.7
"""Confidence at which the plate's maps give way to the field's altogether, and from which they stay whole."""
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


@dataclass(frozen=True)
class PlateSurface:
    """How the plate's surface is met in a view, (h, w) each.

    Attributes:
        met: where it is met at all.
        firm: where it is met well inside its matte.
        in_plate: where it lies on the plate, and not only in the crop, which may reach beyond it.
        keep: 0..1 how far its maps stay.
    """

    met: BoolArray
    firm: BoolArray
    in_plate: BoolArray
    keep: Float32Array


def plate_surface(seen: GBuffer, crop: Crop) -> PlateSurface:
    """How the plate's surface is met in a moved view of this crop."""
    met = np.isfinite(seen.plate_pixels[..., 0]) & (seen.matte > FAINT)
    in_plate = within_plate(np.nan_to_num(seen.plate_pixels, nan=-1.0), crop)
    keep = smoothstep(PAINTED_BELOW, KEPT_ABOVE, seen.confidence)
    return PlateSurface(met, met & (seen.matte >= FIRM), in_plate, keep)


@dataclass(frozen=True)
class PaintedPlace:
    """Where the field stands in, (h, w) each.

    Attributes:
        missing: 0..1 how far it does, where the plate's surface is not firm.
        backed: 0..1 matte that it vouches for, wherever it stands in and just beside.
    """

    missing: Float32Array
    backed: Float32Array

    @property
    def filled(self) -> BoolArray:
        """Where the field's maps are seen: how far they cover the pixel is the matte's business."""
        return self.missing > 0

    @property
    def surely(self) -> BoolArray:
        """Where it stands in for more than half."""
        return self.missing > 0.5


def painted_place(seen: GBuffer, surface: PlateSurface, marched: FieldView, encoding: Encoding) -> PaintedPlace:
    """Where the field goes on beside the plate's surface, and in its gaps.

    Args:
        seen: the plate's surface as a moved camera sees it.
        surface: how it is met.
        marched: the field on the same pixels.
        encoding: of the plate frame.
    """
    met, firm, camera = surface.met, surface.firm, seen.camera
    cover = closed(np.where(firm, np.float32(1), _cover(marched, encoding)), pixels_of_view(GAP, camera))
    cover = rounded(cover, firm, pixels_of_view(STAIR, camera))
    unseen = 1 - smoothstep(*FACING_PLATE, marched.normal[..., 2])
    broad = _broad(camera, surface, smoothstep(*PRESENT, cover) * ~firm, unseen)
    broad = smoothstep(*PRESENT, broad)
    joined = _joined(firm & surface.in_plate, cover > 0.5)
    in_gaps = (~met & _gaps(met, camera)).astype(np.float32)
    allowed = np.maximum(largest_around(broad, 1), in_gaps) * joined
    missing = np.where(firm | (marched.alpha <= 0), np.float32(0), np.minimum(cover, allowed))
    vouched = largest_around(broad * joined, pixels_of_view(GAP, camera)) * (surface.in_plate | ~met)
    return PaintedPlace(without_crumbs(missing, firm), np.minimum(cover, vouched))


def _cover(found: FieldView, encoding: Encoding) -> Float32Array:
    """(h, w) 0..1 of the field, fading to nothing at the crop's border, beyond the plate's, and where the matte does.

    What hides behind a pixel is the person's no more surely than that pixel or one next to it: mattes have soft edges.
    """
    crop, cover = encoding.crop, found.alpha.copy()
    there = cover > 0
    pixels = (found.crop_points[there][:, :2] + 1) * (crop.camera.width / 2)
    within = within_plate(transform_pixels(crop.plate_from_crop, pixels), crop)
    sure = smoothstep(*SURE_MATTE, sample_bilinear(_matte_around(encoding), pixels))
    cover[there] *= CropBorder(crop).fade_at(pixels) * within * sure
    return cover


@per_encoding
def _matte_around(encoding: Encoding) -> Float32Array:
    return largest_around(encoding.matte, SOFT_EDGE)


def within_plate(plate_pixels: AnyFloatArray, crop: Crop) -> BoolArray:
    """(...) whether plate pixels (..., 2) lie on the plate a crop was cut from."""
    x, y = plate_pixels[..., 0], plate_pixels[..., 1]
    within: BoolArray = (x >= 0) & (x <= crop.plate_width) & (y >= 0) & (y <= crop.plate_height)
    return within


def _broad(camera: Camera, surface: PlateSurface, open_to_paint: Float32Array, unseen: Float32Array) -> Float32Array:
    """(h, w) 0..1 how far the field goes on beside the plate's surface, and the surface's soft edge before it.

    It goes on where it does so broadly, or where the plate saw the surface beside it at a grazing angle: there the
    surface turns away from the plate's camera and not from the view's. Other soft edges stay the plate's own, as
    nothing lies behind them. Shares instead of yes and no: from frame to frame a strip may fade, and not blink.

    Args:
        camera: of the view.
        surface: how the plate's surface is met.
        open_to_paint: (h, w) 0..1 how far the field has a surface where the plate's is not firm.
        unseen: (h, w) 0..1 how far that surface is turned away from the plate's camera.
    """
    grazed = surface.firm & (surface.keep < 0.5)
    beside = widened(grazed, pixels_of_view(GAP + RIM, camera))
    strip = open_to_paint * ~surface.met
    narrow, wide = (opened_shares(strip, pixels_of_view(reach, camera)) for reach in (RIM, BROAD_RIM))
    seeds = np.maximum.reduce([wide, narrow * unseen, strip * beside])
    return grown_shares(seeds, open_to_paint, pixels_of_view(NEARBY, camera))


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
    gaps: BoolArray = closed(met.astype(np.float32), pixels_of_view(GAP, camera)) > 0.5
    return gaps
