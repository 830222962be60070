"""Which rays of a view can meet the surface, and between which depths: found by splatting the surface coarsely."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from .heightfield import Heightfield
from .view_camera import pixels_of_view

CELL = 4
"""Pixels along each side of a splatting cell (at a view of 256 pixels; larger views have larger cells)."""
_MARGIN = 0.005
"""Metres by which the bounds are widened."""


@dataclass(frozen=True)
class Rays:
    """The rays of a view that come near the surface (N of them).

    Attributes:
        pixel: (N,) flat index of the view's pixel.
        nearest: (N,) depth along the view's axis where to start, metres.
        farthest: (N,) depth where to end.
    """

    pixel: NDArray[np.intp]
    nearest: Float32Array
    farthest: Float32Array

    def subset(self, chosen: BoolArray) -> "Rays":
        """Some of the rays (N,)."""
        return Rays(self.pixel[chosen], self.nearest[chosen], self.farthest[chosen])

    def finer(self, width: int, factor: int) -> "Rays":
        """The rays of a camera of `factor` times as many pixels each way in place of each of one of `width` pixels."""
        inner_row, inner_column = np.divmod(np.arange(factor * factor), factor)
        row, column = np.divmod(self.pixel[:, None], width)
        pixel = (row * factor + inner_row) * (width * factor) + column * factor + inner_column
        nearest, farthest = (np.repeat(bound, factor * factor) for bound in (self.nearest, self.farthest))
        return Rays(pixel.reshape(-1), nearest, farthest)


def rays_near_surface(field: Heightfield, camera: Camera, view_from_crop: Float64Array) -> Rays:
    """Splat the surface's pixels into cells of the view; a ray's bounds are those of its cell and the cells around it.

    Args:
        field: the surface.
        camera: the square view camera.
        view_from_crop: (4, 4) from the crop camera's space to the view camera's.
    """
    cell = pixels_of_view(CELL, camera)
    cells = -(-camera.width // cell)
    depth, pixels = _seen_from(field, camera, view_from_crop)
    column = np.floor(pixels[:, 0] / cell).astype(np.intp)
    row = np.floor(pixels[:, 1] / cell).astype(np.intp)
    inside = (column >= 0) & (column < cells) & (row >= 0) & (row < cells)
    index = row[inside] * cells + column[inside]
    nearest = np.full(cells * cells, np.inf, np.float32)
    farthest = np.full(cells * cells, -np.inf, np.float32)
    np.minimum.at(nearest, index, depth[inside])
    np.maximum.at(farthest, index, depth[inside])
    nearest_around = _least_around(nearest.reshape(cells, cells))
    farthest_around = -_least_around(-farthest.reshape(cells, cells))

    pixel_cell = np.arange(camera.width) // cell
    nearest_of_pixel = nearest_around[pixel_cell[:, None], pixel_cell[None, :]].reshape(-1)
    farthest_of_pixel = farthest_around[pixel_cell[:, None], pixel_cell[None, :]].reshape(-1)
    pixel = np.flatnonzero(np.isfinite(nearest_of_pixel))
    margin = np.float32(_MARGIN)
    return Rays(pixel, nearest_of_pixel[pixel] - margin, farthest_of_pixel[pixel] + margin)


def _seen_from(field: Heightfield, camera: Camera, view_from_crop: Float64Array) -> tuple[Float32Array, Float32Array]:
    """Depth (M,) and pixels (M, 2) at which the view sees the surface's pixels that lie in front of it."""
    pose = view_from_crop.astype(np.float32)
    x, y, z = pose[:3, :3] @ field.points + pose[:3, 3:]
    front = np.flatnonzero(z < -0.01)
    x, y, depth = x[front], y[front], -z[front]
    column = np.float32(camera.principal_x) + np.float32(camera.focal_x) * x / depth
    row = np.float32(camera.principal_y) - np.float32(camera.focal_y) * y / depth
    return depth, np.stack([column, row], axis=-1)


def _least_around(values: Float32Array) -> Float32Array:
    """Minimum over each 3x3 neighbourhood."""
    padded = np.pad(values, 1, mode="edge")
    rows = np.minimum(np.minimum(padded[:-2], padded[1:-1]), padded[2:])
    least: Float32Array = np.minimum(np.minimum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return least
