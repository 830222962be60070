"""Where rays first enter the head: steps along the signed distance, then the false position of each crossing.

One ray of sixteen is first marched through a coarse grid of distances; what it finds, and a few looks at the grid on
the way, bound the search of the fine ones in the field itself (surface first: Yariv et al. 2020, section 3.1, search a
sign change in the same way).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..scattered import scattered

Distance = Callable[[Float32Array], Float32Array]
"""(N,) signed distance at (N, 3) points."""
COARSE = 4
COARSE_STEPS = 20
LOOKS = 10
"""Places along each fine ray at which the coarse distance is looked up first."""
NEAR = 0.05
"""Signed distance, in half widths, within which the coarse distance leaves it open where the surface is."""
FINE_STEPS = 4
SECANT_STEPS = 1


@dataclass(frozen=True)
class Rays:
    """A square picture's rays through the field's space.

    Attributes:
        origin: (3,) metres.
        direction: (n, n, 3) metres per metre of depth.
        near: (n, n) depth at which rays enter the space.
        far: (n, n) depth at which they leave it; rays that miss it have far ≤ near.
    """

    origin: Float32Array
    direction: Float32Array
    near: Float32Array
    far: Float32Array

    def coarse(self) -> "Rays":
        """One ray in the middle of each COARSE x COARSE block."""
        half = COARSE // 2
        pick = (slice(half, None, COARSE), slice(half, None, COARSE))
        return Rays(self.origin, self.direction[pick], self.near[pick], self.far[pick])


@dataclass(frozen=True)
class Crossings:
    """Where rays meet the surface.

    Attributes:
        hit: (n, n) whether they do.
        depth: (n, n) metres; of the nearest approach where they do not.
        clearance: (n, n) least signed distance on the way, 0 or less where they hit; infinite where nothing was near.
    """

    hit: BoolArray
    depth: Float32Array
    clearance: Float32Array


def march(rays: Rays, coarse_distance: Distance, distance: Distance, wanted: BoolArray | None = None) -> Crossings:
    """First crossing from outside to inside along each ray.

    Args:
        rays: n x n, n a multiple of COARSE.
        coarse_distance: (N,) approximate signed distance at (N, 3) points in metres, quick to ask for.
        distance: (N,) signed distance at (N, 3) points in metres.
        wanted: (n, n) rays to search; all when None.
    """
    coarse = rays.coarse()
    found = _searched(coarse, coarse.far > coarse.near, coarse_distance, steps=COARSE_STEPS, secants=1)
    bounded, active = _bounded(found, coarse, rays)
    if wanted is not None:
        active &= wanted
    bounded, active = _narrowed(bounded, active, coarse_distance)
    return _searched(bounded, active, distance, steps=FINE_STEPS, secants=SECANT_STEPS)


def _searched(rays: Rays, active: BoolArray, distance: Distance, *, steps: int, secants: int) -> Crossings:
    """Crossings of the active rays between their bounds."""
    pixel = np.flatnonzero(active)
    direction = rays.direction.reshape(-1, 3)[pixel]
    start, end = rays.near.reshape(-1)[pixel], rays.far.reshape(-1)[pixel]
    share = np.linspace(0.0, 1.0, steps, dtype=np.float32)
    depth = start[:, None] + (end - start)[:, None] * share
    values = _at(rays.origin, direction, depth, distance)
    entering = values <= 0.0
    hit = entering.any(axis=1)
    first = np.where(hit, entering.argmax(axis=1), values.argmin(axis=1))
    lines = np.arange(len(pixel))
    at, value = depth[lines, first], values[lines, first]
    before = np.maximum(first - 1, 0)
    refined = hit & (first > 0)
    where = np.flatnonzero(refined)
    at[where], value[where] = _false_position(
        rays.origin, direction[where], depth[where, before[where]], at[where], values[where, before[where]],
        value[where], distance, secants,
    )  # fmt: skip
    return Crossings(
        hit=scattered(hit.astype(np.float32), pixel, active.shape) > 0,
        depth=scattered(at, pixel, active.shape),
        clearance=scattered(np.where(hit, np.float32(0), value), pixel, active.shape, np.inf),
    )


def _false_position(  # noqa: PLR0917 - both ends of an interval, with their values
    origin: Float32Array,
    direction: Float32Array,
    outside: Float32Array,
    inside: Float32Array,
    outside_value: Float32Array,
    inside_value: Float32Array,
    distance: Distance,
    steps: int,
) -> tuple[Float32Array, Float32Array]:
    """Depth of the crossing between a point outside and one inside, and the value there before the last step."""
    for step in range(steps + 1):
        share = outside_value / np.maximum(outside_value - inside_value, np.float32(1e-9))
        depth = outside + (inside - outside) * share
        if step == steps or not len(depth):
            break
        value = _at(origin, direction, depth[:, None], distance)[:, 0]
        outer = value > 0
        outside, outside_value = np.where(outer, depth, outside), np.where(outer, value, outside_value)
        inside, inside_value = np.where(outer, inside, depth), np.where(outer, inside_value, value)
    return depth, inside_value


def _bounded(found: Crossings, coarse: Rays, rays: Rays) -> tuple[Rays, BoolArray]:
    """The fine rays with bounds from the coarse ones around them, and which have anything to look for."""
    step = (coarse.far - coarse.near) / (COARSE_STEPS - 1)
    low = _least_of_nine(np.where(found.hit, found.depth - step, np.inf).astype(np.float32))
    high = -_least_of_nine(np.where(found.hit, -found.depth - step, np.inf).astype(np.float32))
    grow = (np.repeat(np.repeat(image, COARSE, axis=0), COARSE, axis=1) for image in (low, high))
    near, far = (np.clip(image, rays.near, rays.far) for image in grow)
    return Rays(rays.origin, rays.direction, near, far), far > near


def _narrowed(rays: Rays, active: BoolArray, coarse_distance: Distance) -> tuple[Rays, BoolArray]:
    """The rays with bounds around where the coarse distance comes near zero, and those active ones where it does."""
    pixel = np.flatnonzero(active)
    start, end = rays.near.reshape(-1)[pixel], rays.far.reshape(-1)[pixel]
    depth = start[:, None] + (end - start)[:, None] * np.linspace(0.0, 1.0, LOOKS, dtype=np.float32)
    values = _at(rays.origin, rays.direction.reshape(-1, 3)[pixel], depth, coarse_distance)
    near, inside = values < NEAR, values < -NEAR
    first = np.maximum(near.argmax(axis=1) - 1, 0)
    last = np.where(inside.any(axis=1), inside.argmax(axis=1), LOOKS - 1)
    lines = np.arange(len(pixel))
    bounded_near, bounded_far = rays.near.copy(), rays.far.copy()
    bounded_near.reshape(-1)[pixel] = depth[lines, first]
    bounded_far.reshape(-1)[pixel] = depth[lines, last]
    left = np.zeros_like(active)
    left.reshape(-1)[pixel] = near.any(axis=1) & (last > first)
    return Rays(rays.origin, rays.direction, bounded_near, bounded_far), left


def _least_of_nine(image: Float32Array) -> Float32Array:
    """Minimum over each pixel and its eight neighbours."""
    padded = np.pad(image, 1, constant_values=np.inf)
    rows = np.minimum(np.minimum(padded[:-2], padded[1:-1]), padded[2:])
    least: Float32Array = np.minimum(np.minimum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return least


def _at(origin: Float32Array, direction: Float32Array, depth: Float32Array, distance: Distance) -> Float32Array:
    """(N, S) distances at depths (N, S) of rays (N, 3)."""
    points = origin + direction[:, None] * depth[..., None]
    if not points.size:
        return np.zeros(depth.shape, np.float32)
    return distance(points.reshape(-1, 3)).reshape(depth.shape)
