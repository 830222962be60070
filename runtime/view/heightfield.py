"""The visible surface as a height field over the crop's pixels."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..crop import Crop
from ..encoding import Encoding, per_encoding
from ..head import CROP_HALF_WIDTH_METRES
from ..small_matrices import inverse
from .border import CropBorder
from .extension import nearest_inside
from .seam import widened

NOTHING = np.float32(1e6)
"""Depth in metres where there is no surface."""
SURELY_INSIDE = 0.8
"""Matte from which a pixel's depth is taken for the head's own; softer pixels are hair over background."""
EXTENSION = 0.05
"""Share of the crop's width by which the depth goes on outside the sure region, so that soft edges have a surface."""
SMALLEST_JUMP = 0.03 * CROP_HALF_WIDTH_METRES
"""Metres: smaller steps of depth between neighbours are relief, not an edge."""
STEEPEST_SLOPE = 6.0
"""Depth over width (80°) beyond which the plate saw no surface to speak of."""
TORN_BESIDE = 2
"""Cells beside an edge of depth that a ray may come from, or go to, within a step."""
JUMP_OVER_NEIGHBOURS = 3.0
"""A step this many times steeper than the ones before and after it is an edge."""


@dataclass(frozen=True)
class Heightfield:
    """Depth over the crop's pixels, padded by one pixel of NOTHING on each side (n = crop size, p = n + 2).

    Attributes:
        pixel_from_camera: (3, 3) of the crop camera.
        size: n.
        depth: (p·p,) metres along the crop camera's axis; NOTHING where there is no surface.
        edge: (p·p,) whether the cell whose top-left pixel this is spans an edge of depth.
        torn: (p·p,) whether that cell is one, or within two of one.
        slope: (n, n, 2) metres of depth per pixel, along x and y.
        source: (n·n,) flat index of the pixel whose maps stand for this one (itself inside the matte).
        matte: (n, n) 0..1, faded at the crop's border.
    """

    pixel_from_camera: Float64Array
    size: int
    depth: Float32Array
    edge: BoolArray
    torn: BoolArray
    slope: Float32Array
    source: NDArray[np.int32]
    matte: Float32Array

    @cached_property
    def points(self) -> Float32Array:
        """(3, M) metres in the crop camera's space, of the pixels where there is a surface."""
        depth = self.depth.reshape(self.size + 2, self.size + 2)[1:-1, 1:-1]
        row, column = np.nonzero(depth < NOTHING)
        metres = depth[row, column].astype(np.float64)
        homogeneous = np.stack([(column + 0.5) * metres, (row + 0.5) * metres, metres])
        points: Float32Array = (inverse(self.pixel_from_camera) @ homogeneous).astype(np.float32)
        return points

    def matte_at(self, x: Float32Array, y: Float32Array) -> Float32Array:
        """(N,) matte of the crop's pixels that places (N,) lie in."""
        last = np.float32(self.size - 1)
        matte: Float32Array = self.matte[np.clip(y, 0, last).astype(np.intp), np.clip(x, 0, last).astype(np.intp)]
        return matte


def largest_step(camera: Camera, depth: Float32Array, present: BoolArray) -> float:
    """Metres of depth between neighbouring pixels of a view beyond which they lie on two surfaces.

    Args:
        camera: of the view.
        depth: (h, w) metres.
        present: (h, w) where there is a surface.
    """
    if not present.any():
        return SMALLEST_JUMP
    pixel_width = float(np.median(depth[present])) / camera.focal_x
    return max(SMALLEST_JUMP, STEEPEST_SLOPE * pixel_width)


def metres_per_pixel(crop: Crop) -> float:
    """Width of a crop pixel at the head's centre."""
    return crop.head_distance / crop.camera.focal_x


@per_encoding
def heightfield(encoding: Encoding) -> Heightfield:
    """The surface of an encoding, carried on a little outside the matte at the depth of its edge."""
    crop = encoding.crop
    size = crop.camera.width
    inside = encoding.matte >= SURELY_INSIDE
    nearest = nearest_inside(inside, max(1, round(EXTENSION * size)))
    depth = np.where(nearest.reached, nearest.extended(encoding.depth), NOTHING)
    padded = np.pad(depth, 1, constant_values=NOTHING)
    across = _edges(padded, metres_per_pixel(crop))
    down = _edges(padded.T, metres_per_pixel(crop)).T
    slope_x = _slope(depth, inside, across[1:-1, 1:-1])
    slope_y = _slope(depth.T, inside.T, down[1:-1, 1:-1].T).T
    edge = _edge_cells(across, down)
    return Heightfield(
        pixel_from_camera=crop.camera.pixel_from_camera,
        size=size,
        depth=padded.reshape(-1),
        edge=edge.reshape(-1),
        torn=widened(edge, TORN_BESIDE).reshape(-1),
        slope=nearest.extended(np.stack([slope_x, slope_y], axis=-1)),
        source=nearest.index,
        matte=encoding.matte * CropBorder(crop).fade(),
    )


def _edge_cells(across: BoolArray, down: BoolArray) -> BoolArray:
    """(p, p) cells with an edge of depth between neighbouring corners; the last row and column hold none."""
    cells = np.zeros((across.shape[0], across.shape[0]), np.bool_)
    cells[:-1, :-1] = across[:-1] | across[1:] | down[:, :-1] | down[:, 1:]
    return cells


def _edges(depth: Float32Array, pixel_width: float) -> BoolArray:
    """(p, p − 1) whether the step from each pixel to its right neighbour is an edge, not a slope."""
    step = np.abs(np.diff(depth, axis=1))
    neighbours = np.pad(step, ((0, 0), (1, 1)), mode="edge")
    steeper = np.maximum(neighbours[:, :-2], neighbours[:, 2:]) * JUMP_OVER_NEIGHBOURS
    edges: BoolArray = (step > SMALLEST_JUMP) & ((step > steeper) | (step > STEEPEST_SLOPE * pixel_width))
    return edges


def _slope(depth: Float32Array, inside: BoolArray, edges: BoolArray) -> Float32Array:
    """(n, n) depth per pixel along x: the mean of the steps to both neighbours, as far as they are on the surface."""
    usable = inside[:, 1:] & inside[:, :-1] & ~edges
    step = np.pad(np.where(usable, np.diff(depth, axis=1), np.float32(0)), ((0, 0), (1, 1)))
    count = np.pad(usable.astype(np.float32), ((0, 0), (1, 1)))
    slope: Float32Array = (step[:, :-1] + step[:, 1:]) / np.maximum(count[:, :-1] + count[:, 1:], 1)
    return slope
