"""Where view rays meet the height field.

Each ray is marched in steps through the plate crop's frustum until it passes from before to behind the surface, and the
crossing is refined: Policarpo, Oliveira and Comba, "Real-Time Relief Mapping on Arbitrary Polygonal Surfaces" (I3D
2005), section 3. What is added here are edges of depth: there is no sheet between the two sides of an edge, so a ray
that arrives behind the front side meets the side of the body, which the plate never saw, or, deeper than the body is
thick, passes behind it and goes on. Beside an edge crossings are bisected, as there; elsewhere the surface is smooth,
and two false positions come closer.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..parallel import in_parallel
from .crop_rays import CropRays, cells, crop_rays, metres_behind
from .heightfield import Heightfield
from .ray_bounds import Rays

BODY_THICKNESS = 0.10
"""Metres behind the visible surface that are taken for solid."""
OPAQUE = np.float32(0.5)
"""A hit on a softer matte lets the ray go on; it is used where nothing firmer lies behind."""

_PIXELS_PER_STEP = 1.25
_STEPS = (4, 8, 16, 32, 56)  # each ray takes the fewest that are short enough
_BISECTIONS = 6
_FALSE_POSITIONS = 2
_ROUNDS = 4
_SAMPLES_AT_ONCE = 160_000  # fit the processor's cache
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


def intersect(field: Heightfield, camera: Camera, crop_from_view: Float64Array, bounds: Rays) -> Hits:
    """Meet the surface from another camera.

    Args:
        field: the surface.
        camera: the square view camera.
        crop_from_view: (4, 4) from the view camera's space to the crop camera's.
        bounds: the rays to follow, see `rays_near_surface`.
    """
    reference = float(0.5 * (bounds.nearest.min() + bounds.farthest.max())) if bounds.pixel.size else 1.0
    rays = crop_rays(field, camera, crop_from_view, bounds.pixel, reference)
    near, far = bounds.nearest - np.float32(reference), bounds.farthest - np.float32(reference)
    brackets = _Brackets._make(np.full((_ROUNDS, near.size), np.nan, np.float32) for _ in range(4))

    def search(part: _Part) -> None:
        chosen = part.rays
        found = _crossed_steps(field, rays.subset(chosen), near[chosen], far[chosen], part.steps)
        for values, of_part in zip(brackets, found, strict=True):
            values[:, chosen] = of_part

    in_parallel(search, _parts(rays, near, far))
    t, seen = _met(field, rays, brackets)
    hit = np.flatnonzero(np.isfinite(t))
    x, y, _ = rays.subset(hit).at(t[hit])
    return Hits(bounds.pixel[hit], t[hit] + np.float32(reference), np.stack([x, y], axis=-1), seen[hit])


@dataclass(frozen=True)
class _Part:
    """Rays that are marched together.

    Attributes:
        rays: (N,) which.
        steps: how many each takes.
    """

    rays: NDArray[np.intp]
    steps: int


def _parts(rays: CropRays, near: Float32Array, far: Float32Array) -> list[_Part]:
    """All rays, by how far they go in the crop; what takes longest comes first."""
    (x0, y0, _), (x1, y1, _) = rays.at(near), rays.at(far)
    wanted = np.searchsorted(_STEPS[:-1], np.hypot(x1 - x0, y1 - y0) / np.float32(_PIXELS_PER_STEP))
    parts = []
    for kind, steps in reversed(list(enumerate(_STEPS))):
        chosen = np.flatnonzero(wanted == kind)
        at_once = _SAMPLES_AT_ONCE // steps
        parts += [_Part(chosen[first : first + at_once], steps) for first in range(0, chosen.size, at_once)]
    return parts


class _Brackets(NamedTuple):
    """Stretches of rays that begin before the surface and end behind it, each (..., N); NaN where there is none.

    Attributes:
        low: t of the beginning.
        high: t of the end.
        before: metres behind the surface at the beginning, below 0.
        behind: the same at the end, 0 or more.
    """

    low: Float32Array
    high: Float32Array
    before: Float32Array
    behind: Float32Array

    def subset(self, chosen: NDArray[np.intp] | tuple[int, NDArray[np.intp]]) -> "_Brackets":
        """Some of them."""
        return _Brackets._make(values[chosen] for values in self)

    def cut(self, t: Float32Array, value: Float32Array) -> "_Brackets":
        """What is left of them after a look at t (N,)."""
        is_behind = value >= 0
        return _Brackets(
            np.where(is_behind, self.low, t),
            np.where(is_behind, t, self.high),
            np.where(is_behind, self.before, value),
            np.where(is_behind, value, self.behind),
        )

    def false_position(self) -> Float32Array:
        """(N,) t at which a straight line from one end to the other crosses."""
        share = -self.before / np.maximum(self.behind - self.before, np.float32(1e-9))
        crossing: Float32Array = self.low + np.clip(share, 0, 1) * (self.high - self.low)
        return crossing


def _crossed_steps(field: Heightfield, rays: CropRays, near: Float32Array, far: Float32Array, count: int) -> _Brackets:
    """The first steps (_ROUNDS, N) of rays that go from before the surface to behind it, of `count` even ones."""
    width = (far - near) / np.float32(count)
    behind = metres_behind(field, rays, near + np.arange(count + 1, dtype=np.float32)[:, None] * width)
    crossed = (behind[:-1] < 0) & (behind[1:] >= 0)
    found = np.full((4, _ROUNDS, near.size), np.nan, np.float32)
    ray = np.flatnonzero(crossed.any(axis=0))
    for turn in range(_ROUNDS):
        if not ray.size:
            break
        step = crossed[:, ray].argmax(axis=0)
        low = near[ray] + step.astype(np.float32) * width[ray]
        found[:, turn, ray] = low, low + width[ray], behind[step, ray], behind[step + 1, ray]
        crossed[step, ray] = False
        ray = ray[crossed[:, ray].any(axis=0)]
    return _Brackets._make(found)


def _met(field: Heightfield, rays: CropRays, brackets: _Brackets) -> tuple[Float32Array, BoolArray]:
    """(N,) t of the surface each ray shows, NaN where it shows none; (N,) whether the plate saw it.

    Args:
        field: the surface.
        rays: N of them.
        brackets: (_ROUNDS, N) of each, the nearest first.
    """
    count = brackets.low.shape[1]
    found, found_matte = np.full(count, np.nan, np.float32), np.full(count, -1.0, np.float32)
    seen = np.ones(count, np.bool_)
    active = np.arange(count)
    for turn in range(_ROUNDS):
        active = active[np.isfinite(brackets.low[turn, active])]
        if not active.size:
            break
        chosen = rays.subset(active)
        crossing = _refined(field, chosen, brackets.subset((turn, active)))
        x, y, _ = chosen.at(crossing.t)
        matte = field.matte_at(x, y)
        inside_body = crossing.jump & (crossing.behind < BODY_THICKNESS)
        surface = (~crossing.jump & (matte > found_matte[active])) | (inside_body & (matte >= OPAQUE))
        found[active[surface]] = crossing.t[surface]
        found_matte[active[surface]] = matte[surface]
        seen[active[surface]] = ~crossing.jump[surface]
        active = active[~(inside_body | (~crossing.jump & (matte >= OPAQUE)))]
    return found, seen


def _refined(field: Heightfield, rays: CropRays, brackets: _Brackets) -> Crossings:
    """Where in their brackets (N) rays cross the surface."""
    x, y, _ = rays.at(brackets.low)
    torn = field.torn.take(cells(field, x, y))
    crossings = Crossings(np.empty_like(brackets.low), np.zeros(torn.size, np.bool_), brackets.behind.copy())
    smooth, rough = np.flatnonzero(~torn), np.flatnonzero(torn)
    part, through = brackets.subset(smooth), rays.subset(smooth)
    for _ in range(_FALSE_POSITIONS):
        t = part.false_position()
        part = part.cut(t, metres_behind(field, through, t, smooth=True))
    crossings.t[smooth] = part.false_position()
    part, through = brackets.subset(rough), rays.subset(rough)
    for _ in range(_BISECTIONS):
        t = 0.5 * (part.low + part.high)
        part = part.cut(t, metres_behind(field, through, t))
    jump = part.behind - part.before > _JUMP
    crossings.t[rough] = np.where(jump, part.low, part.false_position())
    crossings.jump[rough], crossings.behind[rough] = jump, part.behind
    return crossings
