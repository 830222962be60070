"""The visible surface as a height field over the crop's pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array, Float64Array
from ..crop import Crop
from ..encoding import Encoding
from ..head import CROP_HALF_WIDTH_METRES
from .border import border_fade
from .extension import nearest_inside

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
        slope: (n, n, 2) metres of depth per pixel, along x and y.
        source: (n·n,) flat index of the pixel whose maps stand for this one (itself inside the matte).
        matte: (n, n) 0..1, faded at the crop's border.
    """

    pixel_from_camera: Float64Array
    size: int
    depth: Float32Array
    edge: BoolArray
    slope: Float32Array
    source: NDArray[np.int32]
    matte: Float32Array


def metres_per_pixel(crop: Crop) -> float:
    """Width of a crop pixel at the head's centre."""
    return crop.head_distance / crop.camera.focal_x


def heightfield(encoding: Encoding) -> Heightfield:
    """The surface of an encoding, carried on a little outside the matte at the depth of its edge."""
    crop = encoding.crop
    size = crop.camera.width
    nearest = nearest_inside(encoding.matte >= SURELY_INSIDE, max(1, round(EXTENSION * size)))
    depth = np.where(nearest.reached, nearest.extended(encoding.depth), NOTHING)
    padded = np.pad(depth, 1, constant_values=NOTHING)
    return Heightfield(
        pixel_from_camera=crop.camera.pixel_from_camera,
        size=size,
        depth=padded.reshape(-1),
        edge=_edge_cells(padded, metres_per_pixel(crop)).reshape(-1),
        slope=_slope(depth),
        source=nearest.index,
        matte=encoding.matte * border_fade(size),
    )


def _edge_cells(depth: Float32Array, pixel_width: float) -> BoolArray:
    """Cells with an edge of depth between any two of their corners."""
    across = _edges(depth, pixel_width)
    down = _edges(depth.T, pixel_width).T
    cells = np.zeros(depth.shape, np.bool_)
    cells[:-1, :-1] = across[:-1] | across[1:] | down[:, :-1] | down[:, 1:]
    return cells


def _edges(depth: Float32Array, pixel_width: float) -> BoolArray:
    """(p, p − 1) whether the step from each pixel to its right neighbour is an edge, not a slope."""
    step = np.abs(np.diff(depth, axis=1))
    neighbours = np.pad(step, ((0, 0), (1, 1)), mode="edge")
    steeper = np.maximum(neighbours[:, :-2], neighbours[:, 2:]) * JUMP_OVER_NEIGHBOURS
    edges: BoolArray = (step > SMALLEST_JUMP) & ((step > steeper) | (step > STEEPEST_SLOPE * pixel_width))
    return edges


def _slope(depth: Float32Array) -> Float32Array:
    """Central differences; each side's step is limited so that NOTHING does not count."""
    limit = np.float32(1.0)
    x_step = np.clip(np.diff(depth, axis=1, prepend=depth[:, :1]), -limit, limit)
    y_step = np.clip(np.diff(depth, axis=0, prepend=depth[:1]), -limit, limit)
    x_next = np.concatenate([x_step[:, 1:], x_step[:, -1:]], axis=1)
    y_next = np.concatenate([y_step[1:], y_step[-1:]], axis=0)
    return np.stack([_smaller(x_step, x_next), _smaller(y_step, y_next)], axis=-1)


def _smaller(before: Float32Array, after: Float32Array) -> Float32Array:
    """Mean of two steps, or the smaller where one of them may cross an edge."""
    mean = 0.5 * (before + after)
    smaller = np.where(np.abs(before) < np.abs(after), before, after)
    result: Float32Array = np.where(np.abs(before - after) > SMALLEST_JUMP, smaller, mean).astype(np.float32)
    return result
