"""A view's rays through the plate crop, and how far along them the height field is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from .heightfield import Heightfield


@dataclass(frozen=True)
class CropRays:
    """Rays in homogeneous crop pixels: at depth t they are at `start + t · step`, whose third number is crop depth.

    Attributes:
        start: (3, N) at the reference depth.
        step: (3, N) per metre of the view's depth.
    """

    start: Float32Array
    step: Float32Array

    def subset(self, chosen: NDArray[np.intp] | BoolArray | slice) -> "CropRays":
        """Some of the rays."""
        return CropRays(self.start[:, chosen], self.step[:, chosen])

    def at(self, t: Float32Array) -> tuple[Float32Array, Float32Array, Float32Array]:
        """Crop pixel x, y and crop depth at t (..., N)."""
        w = self._along(2, t)
        np.maximum(w, np.float32(1e-3), out=w)
        inverse = 1 / w
        x, y = self._along(0, t), self._along(1, t)
        x *= inverse
        y *= inverse
        return x, y, w

    def _along(self, axis: int, t: Float32Array) -> Float32Array:
        number: Float32Array = t * self.step[axis]
        number += self.start[axis]
        return number


def crop_rays(
    field: Heightfield, camera: Camera, crop_from_view: Float64Array, pixel: NDArray[np.intp], reference: float
) -> CropRays:
    """Rays through the view's pixels, in double precision up to here so that far cameras lose nothing."""
    centres = np.stack([pixel % camera.width + 0.5, pixel // camera.width + 0.5], axis=-1)
    directions = camera.directions(centres) @ crop_from_view[:3, :3].T
    start = directions * reference + crop_from_view[:3, 3]
    to_pixel = field.pixel_from_camera
    return CropRays((to_pixel @ start.T).astype(np.float32), (to_pixel @ directions.T).astype(np.float32))


def metres_behind(field: Heightfield, rays: CropRays, t: Float32Array, *, smooth: bool = False) -> Float32Array:
    """(..., N) metres along the crop's axis by which rays are behind the surface at t (..., N).

    The surface is linear between pixels, but constant around each pixel in cells with an edge.

    Args:
        field: the surface.
        rays: N of them.
        t: where on them.
        smooth: whether no edge is near.
    """
    x, y, z = rays.at(t)
    index = cells(field, x, y)
    if not smooth:
        edge = field.edge.take(index)
        np.rint(x, out=x, where=edge)
        np.rint(y, out=y, where=edge)
    upper = _between(field.depth, index, x)
    index += np.int32(field.size + 2)
    lower = _between(field.depth, index, x)
    lower -= upper
    lower *= y
    upper += lower
    z -= upper
    return z


def cells(field: Heightfield, x: Float32Array, y: Float32Array) -> NDArray[np.int32]:
    """The padded field's cells that crop pixels lie in; of these is left how far right and down in them they are."""
    zero, last = np.float32(0), np.float32(field.size) + np.float32(0.999)
    for place in (x, y):
        np.add(place, np.float32(0.5), out=place)
        np.maximum(place, zero, out=place)
        np.minimum(place, last, out=place)
    column, index = x.astype(np.int32), y.astype(np.int32)
    x -= column
    y -= index
    index *= np.int32(field.size + 2)
    index += column
    return index


def _between(depth: Float32Array, index: NDArray[np.int32], share: Float32Array) -> Float32Array:
    """depth[index] and depth[index + 1], mixed."""
    left: Float32Array = depth.take(index)
    right = depth.take(index + np.int32(1))
    right -= left
    right *= share
    left += right
    return left
