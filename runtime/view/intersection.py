"""Where view rays meet the height field.

Each ray is marched in steps through the plate crop's frustum until it passes from before to behind the surface, and the
crossing is refined by bisection: Policarpo, Oliveira and Comba, "Real-Time Relief Mapping on Arbitrary Polygonal
Surfaces" (I3D 2005), section 3. What is added here are edges of depth: there is no sheet between the two sides of an
edge, so a ray that arrives behind the front side meets the side of the body, which the plate never saw, or, deeper than
the body is thick, passes behind it and goes on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..parallel import in_parallel
from .heightfield import Heightfield
from .ray_bounds import Rays

BODY_THICKNESS = 0.10
"""Metres behind the visible surface that are taken for solid."""
OPAQUE = np.float32(0.5)
"""A hit on a softer matte lets the ray go on; it is used where nothing firmer lies behind."""

_PIXELS_PER_STEP = 1.25
_FEWEST_STEPS, _MOST_STEPS = 6, 56
_BISECTIONS = 6
_ROUNDS = 4
_RAYS_AT_ONCE = 8192  # their samples fit the processor's cache
_JUMP = np.float32(0.004)  # metres of depth across a bisected crossing that only an edge can have


@dataclass(frozen=True)
class Hits:
    """Where rays met the surface (N rays, those of `pixel`).

    Attributes:
        pixel: (N,) flat index of the view's pixel.
        depth: (N,) metres along the view's axis.
        crop_pixels: (N, 2) where in the crop; for a surface that the plate never saw, the pixel beside it, on the far
            side of the edge of depth.
        seen: (N,) whether the plate saw the surface.
    """

    pixel: NDArray[np.intp]
    depth: Float32Array
    crop_pixels: Float32Array
    seen: BoolArray

    def subset(self, chosen: BoolArray) -> "Hits":
        """Some of them (N,)."""
        return Hits(self.pixel[chosen], self.depth[chosen], self.crop_pixels[chosen], self.seen[chosen])


@dataclass(frozen=True)
class Crossings:
    """Where rays cross the height field (N).

    Attributes:
        t: (N,) depth relative to the reference depth; of a jump, just before it.
        jump: (N,) whether it is an edge of depth.
        behind: (N,) metres behind the surface just after it.
    """

    t: Float32Array
    jump: BoolArray
    behind: Float32Array


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


def intersect(field: Heightfield, camera: Camera, crop_from_view: Float64Array, bounds: Rays) -> Hits:
    """Meet the surface from another camera.

    Args:
        field: the surface.
        camera: the square view camera.
        crop_from_view: (4, 4) from the view camera's space to the crop camera's.
        bounds: the rays to follow, see `rays_near_surface`.
    """
    reference = float(0.5 * (bounds.nearest.min() + bounds.farthest.max())) if bounds.pixel.size else 1.0
    rays = _crop_rays(field, camera, crop_from_view, bounds.pixel, reference)
    t = np.full(bounds.pixel.size, np.nan, np.float32)
    seen = np.zeros(t.size, np.bool_)

    def meet(first: int) -> None:
        part = slice(first, first + _RAYS_AT_ONCE)
        near, far = bounds.nearest[part] - np.float32(reference), bounds.farthest[part] - np.float32(reference)
        t[part], seen[part] = _meet(field, rays.subset(part), near, far)

    in_parallel(meet, range(0, t.size, _RAYS_AT_ONCE))
    hit = np.flatnonzero(np.isfinite(t))
    x, y, _ = rays.subset(hit).at(t[hit])
    return Hits(bounds.pixel[hit], t[hit] + np.float32(reference), np.stack([x, y], axis=-1), seen[hit])


def _crop_rays(
    field: Heightfield, camera: Camera, crop_from_view: Float64Array, pixel: NDArray[np.intp], reference: float
) -> CropRays:
    """Rays through the view's pixels, in double precision up to here so that far cameras lose nothing."""
    centres = np.stack([pixel % camera.width + 0.5, pixel // camera.width + 0.5], axis=-1)
    directions = camera.directions(centres) @ crop_from_view[:3, :3].T
    start = directions * reference + crop_from_view[:3, 3]
    to_pixel = field.pixel_from_camera
    return CropRays((to_pixel @ start.T).astype(np.float32), (to_pixel @ directions.T).astype(np.float32))


def _meet(field: Heightfield, rays: CropRays, near: Float32Array, far: Float32Array) -> tuple[Float32Array, BoolArray]:
    """(N,) t of the surface each ray shows, NaN where it shows none; (N,) whether the plate saw it."""
    count = _step_count(rays, near, far)
    width = (far - near) / np.float32(count)
    steps = _steps_across(field, rays, near, width, count)
    found = np.full(near.size, np.nan, np.float32)
    found_matte = np.full(near.size, -1.0, np.float32)
    seen = np.ones(near.size, np.bool_)
    active = np.flatnonzero(steps.any(axis=0))
    for _ in range(_ROUNDS):
        if not active.size:
            break
        step = steps[:, active].argmax(axis=0)
        before = near[active] + step.astype(np.float32) * width[active]
        crossing = _refine(field, rays.subset(active), before, width[active])
        x, y, _ = rays.subset(active).at(crossing.t)
        matte = field.matte_at(x, y)
        inside_body = crossing.jump & (crossing.behind < BODY_THICKNESS)
        surface = (~crossing.jump & (matte > found_matte[active])) | (inside_body & (matte >= OPAQUE))
        found[active[surface]] = crossing.t[surface]
        found_matte[active[surface]] = matte[surface]
        seen[active[surface]] = ~crossing.jump[surface]

        steps[step, active] = False
        active = active[~(inside_body | (~crossing.jump & (matte >= OPAQUE)))]
        active = active[steps[:, active].any(axis=0)]
    return found, seen


def _step_count(rays: CropRays, near: Float32Array, far: Float32Array) -> int:
    x0, y0, _ = rays.at(near)
    x1, y1, _ = rays.at(far)
    length = float(np.hypot(x1 - x0, y1 - y0).max(initial=0.0))
    return int(np.clip(np.ceil(length / _PIXELS_PER_STEP), _FEWEST_STEPS, _MOST_STEPS))


def _steps_across(field: Heightfield, rays: CropRays, near: Float32Array, width: Float32Array, count: int) -> BoolArray:
    """(count, N) whether each step goes from before the surface to behind it."""
    t = near + np.arange(count + 1, dtype=np.float32)[:, None] * width
    behind = _behind(field, rays, t) >= 0
    return ~behind[:-1] & behind[1:]


def _refine(field: Heightfield, rays: CropRays, before: Float32Array, width: Float32Array) -> Crossings:
    """Bisect a step that crosses the surface."""
    low, high = before, before + width
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        is_behind = _behind(field, rays, middle) >= 0
        low, high = np.where(is_behind, low, middle), np.where(is_behind, middle, high)
    just_before, just_after = _behind(field, rays, low), _behind(field, rays, high)
    gap = np.maximum(just_after - just_before, np.float32(1e-9))
    jump = gap > _JUMP
    share = np.where(jump, 0, np.clip(-just_before / gap, 0, 1)).astype(np.float32)
    return Crossings(low + share * (high - low), jump, just_after)


def _behind(field: Heightfield, rays: CropRays, t: Float32Array) -> Float32Array:
    """(..., N) metres along the crop's axis by which rays are behind the surface at t (..., N).

    The surface is linear between pixels, but constant around each pixel in cells with an edge.
    """
    x, y, z = rays.at(t)
    last = np.float32(field.size) + np.float32(0.999)
    x += np.float32(0.5)
    y += np.float32(0.5)
    np.clip(x, 0, last, out=x)
    np.clip(y, 0, last, out=y)
    column, row = x.astype(np.int32), y.astype(np.int32)
    x -= column
    y -= row
    stride = np.int32(field.size + 2)
    index = row
    index *= stride
    index += column
    for share in (x, y):
        np.rint(share, out=share, where=field.edge.take(index))
    upper = _between(field.depth, index, x)
    index += stride
    lower = _between(field.depth, index, x)
    lower -= upper
    lower *= y
    upper += lower
    z -= upper
    return z


def _between(depth: Float32Array, index: NDArray[np.int32], share: Float32Array) -> Float32Array:
    """depth[index] and depth[index + 1], mixed."""
    left: Float32Array = depth.take(index)
    right = depth.take(index + np.int32(1))
    right -= left
    right *= share
    left += right
    return left
