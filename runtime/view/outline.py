"""Where between pixels a moved view's surfaces end: at the horizon that a turned face has, and before one another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from .heightfield import SMALLEST_JUMP, Heightfield, largest_step
from .intersection import OPAQUE, Hits, intersect
from .ray_bounds import Rays
from .seam import largest_around, widened
from .view_camera import pixels_of_view

FINER = 2
"""Rays along each side of a pixel on an edge; with three an edge is no rounder, and a view takes a tenth longer."""
FAINT = 0.1
"""Matte up to which the plate's surface is not met: a network's matte is nowhere quite zero, and the surface
is carried on far beyond the person's outline."""
_BESIDE = 2
"""Pixels of a view of 256 beside the horizon in which nothing is to be seen of a surface carried on behind it."""


def without_backdrop(field: Heightfield, camera: Camera, hits: Hits) -> Hits:
    """Hits without those of the surface carried on beyond the person's outline that lie just beside the horizon.

    They are nobody's, and from pixel to pixel a picture could only choose between them and the person.
    """
    matte, reach = field.matte_at(*hits.crop_pixels.T), pixels_of_view(_BESIDE, camera)
    nearness = np.full(camera.height * camera.width, -np.inf, np.float32)
    firm = matte >= OPAQUE
    nearness[hits.pixel[firm]] = -hits.depth[firm]
    nearest = -largest_around(nearness.reshape(camera.height, camera.width), reach).reshape(-1)[hits.pixel]
    behind = (matte <= FAINT) & (hits.depth - nearest > SMALLEST_JUMP)
    return hits.subset(~behind) if behind.any() else hits


@dataclass(frozen=True)
class Shares:
    """How pixels are shared out between surfaces.

    Attributes:
        cover: (h, w) 0..1 share of each pixel in which there is a surface.
        front: (h, w) 0..1 share of the nearer surface, in pixels on an edge of depth or beside one; NaN elsewhere.
    """

    cover: Float32Array
    front: Float32Array


def shares_of_hits(
    field: Heightfield, camera: Camera, crop_from_view: Float64Array, bounds: Rays, hits: Hits
) -> Shares:
    """Look closely at the pixels along outlines and edges of depth: by FINER x FINER rays in place of one.

    Args:
        field: the surface.
        camera: the square view camera.
        crop_from_view: (4, 4) from the view camera's space to the crop camera's.
        bounds: the rays that come near the surface.
        hits: of one ray through the middle of each pixel.
    """
    size = (camera.height, camera.width)
    met, firm, depth = np.zeros(size, np.bool_), np.zeros(size, np.bool_), np.zeros(size, np.float32)
    met.reshape(-1)[hits.pixel] = True
    firm.reshape(-1)[hits.pixel] = field.matte_at(*hits.crop_pixels.T) > FAINT
    depth.reshape(-1)[hits.pixel] = hits.depth
    outline = widened(firm, 1) & widened(~met, 1)
    around = _depths_around(camera, depth, met)
    torn, middle = around.torn, around.middle
    cover, front = met.astype(np.float32), np.full(size, np.nan, np.float32)
    near = around.narrowed(bounds.subset((outline | torn).reshape(-1)[bounds.pixel]))
    if near.pixel.size:
        finer = camera.resized(FINER * camera.width, FINER * camera.height)
        fine = intersect(field, finer, crop_from_view, near.finer(camera.width, FINER))
        row, column = np.divmod(fine.pixel, finer.width)
        pixel = row // FINER * camera.width + column // FINER
        is_firm = field.matte_at(*fine.crop_pixels.T) > FAINT
        is_front = fine.depth < middle.reshape(-1)[pixel]
        cover[outline] = (_counted(pixel[is_firm], size) / FINER**2)[outline]
        front[torn] = (_counted(pixel[is_front], size) / np.maximum(_counted(pixel, size), 1))[torn]
    return Shares(cover, front)


@dataclass(frozen=True)
class _Depths:
    """Depths of a pixel and its eight neighbours, (h, w) each.

    Attributes:
        nearest: metres; infinite where none has a surface.
        farthest: metres; minus infinity where none has.
        step: metres between neighbours beyond which they lie on two surfaces.
        torn: the pixels on an edge of depth or beside one.
    """

    nearest: Float32Array
    farthest: Float32Array
    step: float
    torn: BoolArray

    @property
    def middle(self) -> Float32Array:
        """(h, w) the depth midway between an edge's sides, zero where there is none."""
        middle = np.zeros_like(self.nearest)
        middle[self.torn] = 0.5 * (self.nearest[self.torn] + self.farthest[self.torn])
        return middle

    def narrowed(self, rays: Rays) -> Rays:
        """Rays between pixels with bounds that the pixels around leave."""
        nearest, farthest = self.nearest.reshape(-1)[rays.pixel], self.farthest.reshape(-1)[rays.pixel]
        known, step = np.isfinite(nearest), np.float32(self.step)
        return Rays(
            rays.pixel,
            np.where(known, np.maximum(rays.nearest, nearest - step), rays.nearest),
            np.where(known, np.minimum(rays.farthest, farthest + step), rays.farthest),
        )


def _depths_around(camera: Camera, depth: Float32Array, met: BoolArray) -> _Depths:
    nearest = -largest_around(np.where(met, -depth, np.float32(-np.inf)), 1)
    farthest = largest_around(np.where(met, depth, np.float32(-np.inf)), 1)
    step = largest_step(camera, depth, met)
    return _Depths(nearest, farthest, step, met & (farthest - nearest > step))


def front_of_neighbours(camera: Camera, depth: Float32Array, met: BoolArray) -> Float32Array:
    """(h, w) 0..1 `Shares.front` of a surface that was met by one ray for each pixel, from the pixels around it.

    What lies between the rays is not known, and the edge runs as the smoothest one through the pixels does.

    Args:
        camera: of the view.
        depth: (h, w) metres.
        met: (h, w) where there is a surface.
    """
    around = _depths_around(camera, depth, met)
    torn, middle = around.torn, around.middle
    front = np.full(depth.shape, np.nan, np.float32)
    row, column = np.nonzero(torn)
    nearer, counted = np.zeros(row.size, np.float32), np.zeros(row.size, np.float32)
    padded_depth, padded_met = np.pad(depth, 1), np.pad(met, 1)
    for down, across in np.ndindex(3, 3):
        weight = np.float32((2 - abs(down - 1)) * (2 - abs(across - 1)))
        there = padded_met[row + down, column + across] * weight
        nearer += there * (padded_depth[row + down, column + across] < middle[row, column])
        counted += there
    front[row, column] = nearer / np.maximum(counted, np.float32(1))
    return front


def _counted(pixel: NDArray[np.intp], size: tuple[int, int]) -> Float32Array:
    """(h, w) how often each flat pixel comes up."""
    return np.bincount(pixel, minlength=size[0] * size[1]).reshape(size).astype(np.float32)
