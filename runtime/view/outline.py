"""Where between pixels a moved view's surface ends: at the horizon that a turned face has on its far side."""

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..camera import Camera
from .heightfield import SMALLEST_JUMP, Heightfield
from .intersection import OPAQUE, Hits, intersect
from .ray_bounds import Rays
from .seam import largest_around, widened

FINER = 3
"""Rays along each side of a pixel on the outline."""
FAINT = 0.1
"""Matte up to which the plate's surface is not met: a network's matte is nowhere quite zero, and the surface
is carried on far beyond the person's outline."""
_BESIDE = 2
"""Pixels of a view of 256 beside the horizon in which nothing is to be seen of a surface carried on behind it."""


def without_backdrop(field: Heightfield, camera: Camera, hits: Hits) -> Hits:
    """Hits without those of the surface carried on beyond the person's outline that lie just beside the horizon.

    They are nobody's, and from pixel to pixel a picture could only choose between them and the person.
    """
    matte, reach = field.matte_at(*hits.crop_pixels.T), max(1, round(_BESIDE * camera.width / 256))
    nearness = np.full(camera.height * camera.width, -np.inf, np.float32)
    firm = matte >= OPAQUE
    nearness[hits.pixel[firm]] = -hits.depth[firm]
    nearest = -largest_around(nearness.reshape(camera.height, camera.width), reach).reshape(-1)[hits.pixel]
    behind = (matte <= FAINT) & (hits.depth - nearest > SMALLEST_JUMP)
    return hits.subset(~behind) if behind.any() else hits


def cover_of_hits(
    field: Heightfield, camera: Camera, crop_from_view: Float64Array, bounds: Rays, hits: Hits
) -> Float32Array:
    """(h, w) 0..1 share of each pixel in which rays meet the surface: only the outline's pixels are looked at closely.

    Args:
        field: the surface.
        camera: the square view camera.
        crop_from_view: (4, 4) from the view camera's space to the crop camera's.
        bounds: the rays that come near the surface.
        hits: of one ray through the middle of each pixel.
    """
    met, firm = np.zeros((2, camera.height, camera.width), np.bool_)
    met.reshape(-1)[hits.pixel] = True
    firm.reshape(-1)[hits.pixel] = field.matte_at(*hits.crop_pixels.T) > FAINT
    outline = widened(firm, 1) & widened(~met, 1)
    cover: Float32Array = met.astype(np.float32)
    if outline.any():
        near = bounds.subset(outline.reshape(-1)[bounds.pixel])
        cover[outline] = _shares(field, camera, crop_from_view, near)[outline]
    return cover


def _shares(field: Heightfield, camera: Camera, crop_from_view: Float64Array, bounds: Rays) -> Float32Array:
    """(h, w) share of FINER x FINER rays in place of each of some that meet the person."""
    height, width = camera.height, camera.width
    finer = camera.resized(FINER * width, FINER * height)
    hits = intersect(field, finer, crop_from_view, bounds.finer(width, FINER))
    firm = hits.pixel[field.matte_at(*hits.crop_pixels.T) > FAINT]
    row, column = np.divmod(firm, FINER * width)
    shares = np.zeros(height * width, np.float32)
    np.add.at(shares, row // FINER * width + column // FINER, np.float32(1 / FINER**2))
    return shares.reshape(height, width)
