"""Shadows that a surface throws on itself, marched through its depth as the camera sees it.

Rays leave the surface towards the lamp and are compared, step by step, with the depth map, its relief raised to what a
face has: a ray that has gone below the surface, but not by more than the head is thick, is blocked. What lies outside
the image of the camera, or behind what it sees, throws no shadow. The size of the lamp widens the transition with the
distance from the blocker.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array
from ..box_sum import box_sum
from ..camera import Camera
from ..gbuffer import GBuffer
from .lamps import towards_lamp
from .light import Lamp
from .surface import Surface

REACH = 0.28
"""Metres that rays are followed: from the chin to the shoulder."""

GROWTH = 1.6
"""Exponent of the step lengths: short near the surface, where contact shadows are."""

THICKNESS = 0.10
"""Metres behind what the camera sees that are taken to be solid: less than a head, more than a nose or an ear."""

THICKNESS_FADE = 0.03
BIAS = 0.0015
"""Metres that a ray has to be below the surface: noise of an estimated depth shall not shadow itself."""

OFFSET = 1.0
"""Pixels by which rays start above the surface."""

WIDE_TANGENT = 0.04
"""Of a lamp's angular radius, from which on it is sampled at more than one place."""

PLACES = {2: ((0.3, 0.4), (-0.3, -0.4)), 4: ((0.3, 0.5), (-0.5, 0.3), (0.5, -0.3), (-0.3, -0.5))}
"""Middles of the parts of a lamp's disc, in its radii."""

RELIEF = 2.0
"""Factor on how far the depth of a place differs from the mean around it. A network's depth is smooth: on twenty
held-out people of the light stage a lamp in front left 3 % of the skin in the shadow of noses, brows and chins, where
the truth is 10 %; with the relief doubled it is 5 %, and lies where it should more often (`chiaro-train evaluate
lamps`). More relief made pictures no better."""
RELIEF_REACH = 6 / 256
"""Share of the view's width that the mean is taken over, twice, to each side."""
LARGEST_RELIEF = 0.01
"""Metres by which a place is moved at most: hair before a far shoulder is no relief."""
SOLID_MATTE = 0.5
_MARGIN = np.float32(1.001)
"""Points this much beyond where a blocker begins to count are still looked at, as rounding may differ there."""

_NOTHING = np.float32(1e6)


@dataclass(frozen=True)
class ShadowDetail:
    """How carefully rays are followed.

    Attributes:
        steps: along each ray.
        places: of a wide lamp that rays are sent to, two or four.
    """

    steps: int = 24
    places: int = 4


FINAL_SHADOWS = ShadowDetail()
PREVIEW_SHADOWS = ShadowDetail(steps=12, places=2)


@dataclass(frozen=True)
class Blockers:
    """The depth map that rays are compared with.

    Attributes:
        camera: its camera.
        depth: (h + 2, w + 2) metres along the viewing axis, far away where there is nothing, with a border of nothing.
        raised: (h, w) depth with its relief, as a factor on the depth without.
        footprint: metres that a pixel measures at the mean depth.
    """

    camera: Camera
    depth: Float32Array
    raised: Float32Array
    footprint: float


def blockers_of(gbuffer: GBuffer) -> Blockers:
    """Prepare a G-buffer's depth."""
    solid = (gbuffer.matte > SOLID_MATTE) & np.isfinite(gbuffer.depth) & (gbuffer.depth > 0)
    height, width = solid.shape
    raised = _raised(gbuffer.depth, solid)
    depth = np.full((height + 2, width + 2), _NOTHING)
    depth[1:-1, 1:-1] = np.where(solid, raised, _NOTHING)
    mean_depth = float(gbuffer.depth[solid].mean()) if solid.any() else 1.0
    factor = np.divide(raised, gbuffer.depth, out=np.ones_like(raised), where=solid)
    return Blockers(gbuffer.camera, depth, factor, mean_depth / gbuffer.camera.focal_x)


def _raised(depth: Float32Array, solid: BoolArray) -> Float32Array:
    """(h, w) depth whose relief is stronger where it is solid."""
    weight = solid.astype(np.float32)
    radius = max(1, round(RELIEF_REACH * depth.shape[1]))
    sums = box_sum(box_sum(np.stack([np.where(solid, depth, 0), weight]), radius), radius)
    relief = np.where(solid, depth - sums[0] / np.maximum(sums[1], 1), 0)
    limit = np.float32(LARGEST_RELIEF)
    raised: Float32Array = depth + np.clip(np.float32(RELIEF - 1) * relief, -limit, limit)
    return raised


def lamp_visibility(
    blockers: Blockers, surface: Surface, lamp: Lamp, lit: BoolArray, detail: ShadowDetail = FINAL_SHADOWS
) -> Float32Array:
    """Share of a lamp that points see.

    Args:
        blockers: the depth map.
        surface: the points.
        lamp: the lamp.
        lit: (n,) which points the lamp reaches at all; the others are not marched.
        detail: how carefully.

    Returns:
        (n,) 0..1, one where not lit.
    """
    visibility = np.ones(len(lit), np.float32)
    if not lamp.casts_shadow or not lit.any():
        return visibility
    position, normal = surface.position[lit], surface.normal[lit]
    to_lamp, distance, tangent = towards_lamp(lamp, position)
    camera_from_world = blockers.camera.camera_from_world.astype(np.float32)
    rotation = camera_from_world[:3, :3]
    start = position @ rotation.T + camera_from_world[:3, 3]
    start *= blockers.raised[surface.lit][lit, None]
    start += (normal * np.float32(OFFSET * blockers.footprint)) @ rotation.T
    centre = _Rays(start, to_lamp @ rotation.T, distance, tangent, normal @ rotation.T)
    bundle = [centre] if float(np.median(tangent)) < WIDE_TANGENT else _spread_over_lamp(centre, detail.places)
    total, weights = np.zeros((2, len(start)), np.float32)
    for rays in bundle:
        # A part of the lamp that has set counts a little, for points where all of them have.
        facing = np.maximum(np.einsum("nc,nc->n", rays.normal, rays.direction), np.float32(0.02))
        total += facing * _march(blockers, rays, detail.steps)
        weights += facing
    visibility[lit] = total / weights
    return visibility


@dataclass(frozen=True)
class _Rays:
    """n rays towards a lamp, in camera space.

    Attributes:
        start: (n, 3) metres.
        direction: (n, 3) unit.
        distance: (n,) metres to the lamp.
        tangent: (n,) of the angular radius of the part of the lamp that they stand for.
        normal: (n, 3) unit, of the surface.
    """

    start: Float32Array
    direction: Float32Array
    distance: Float32Array
    tangent: Float32Array
    normal: Float32Array


def _spread_over_lamp(centre: _Rays, places: int) -> list[_Rays]:
    """Four rays in place of one, each for a quarter of a wide lamp's disc; or two, each for a half.

    A single ray's clearance tells how much of the lamp a slope hides, but not what an edge hides, beside which the
    depth map says nothing.
    """
    helper = np.array([0.36, 0.48, 0.8], np.float32)
    side = np.cross(centre.direction, helper)
    side /= np.maximum(np.sqrt(np.einsum("nc,nc->n", side, side)), np.float32(1e-6))[:, None]
    other = np.cross(centre.direction, side)
    bundle = []
    for x, y in PLACES[places]:
        direction = centre.direction + centre.tangent[:, None] * (np.float32(x) * side + np.float32(y) * other)
        direction /= np.sqrt(np.einsum("nc,nc->n", direction, direction))[:, None]
        bundle.append(replace(centre, direction=direction, tangent=centre.tangent * np.float32(places**-0.5)))
    return bundle


def _march(blockers: Blockers, rays: _Rays, steps: int) -> Float32Array:
    """(n,) share of the lamp that is visible, of what the surface's own horizon leaves of it.

    A blocker hides the part of the lamp's disc below a line; the line's place in lamp radii, −1 to 1, is the largest
    over the steps. The tangent plane hides a part too, but irradiance counts that already.
    """
    # Depth is compared along the viewing axis; its part across the ray is the clearance that a penumbra depends on.
    across = np.sqrt(np.maximum(1 - np.square(rays.direction[:, 2]), np.float32(0.05)))
    # How far below the ray, along the viewing axis and per metre of it, the surface's tangent plane lies; negative.
    horizon = -np.einsum("nc,nc->n", rays.normal, rays.direction) / np.maximum(rays.normal[:, 2], np.float32(0.05))
    spread, footprint = rays.tangent / across * _MARGIN, np.float32(blockers.footprint) / across * _MARGIN
    path = _Path(blockers, rays)
    visible = np.ones(len(across), np.float32)
    travelled = REACH * ((np.arange(steps) + 0.7) / steps) ** GROWTH
    for length in travelled.astype(np.float32):
        below = path.below(length)
        # Elsewhere nothing of the lamp is hidden. This is most points, and the rest is done for the few.
        near = (below < np.float32(THICKNESS)) & (below > -(spread * length + footprint)) & (length < rays.distance)
        hit = np.flatnonzero(near)
        if not hit.size:
            continue
        below = below[hit]
        scale = across[hit] / (length * rays.tangent[hit] + np.float32(blockers.footprint))
        line = np.minimum(below * scale, (THICKNESS - below) * np.float32(2 / THICKNESS_FADE) - 1)
        own = _share_above(np.minimum(horizon[hit] * length * scale, np.float32(0.9)))
        visible[hit] = np.minimum(visible[hit], _share_above(line) / own)
    return visible


class _Path:
    """Where rays are, step by step, beside the depth map; its buffers are used again at every step."""

    def __init__(self, blockers: Blockers, rays: _Rays) -> None:
        self._camera, self._map = blockers.camera, blockers.depth
        self._start = np.ascontiguousarray(rays.start.T)
        self._direction = np.ascontiguousarray(rays.direction.T)
        self._point, self._inverse = np.empty_like(self._start), np.empty_like(self._start[0])

    def below(self, length: np.float32) -> Float32Array:
        """(n,) metres that rays are below the surface, `length` metres from their start; good until the next call."""
        camera, point, inverse = self._camera, self._point, self._inverse
        np.multiply(self._direction, length, out=point)
        point += self._start
        x, y = point[:2]
        depth: Float32Array = point[2]
        np.negative(depth, out=depth)
        np.maximum(depth, np.float32(1e-3), out=inverse)
        np.divide(np.float32(1), inverse, out=inverse)
        # The border of one pixel makes everything outside the image nothing.
        x *= np.float32(camera.focal_x)
        x *= inverse
        x += np.float32(camera.principal_x + 1)
        y *= np.float32(-camera.focal_y)
        y *= inverse
        y += np.float32(camera.principal_y + 1)
        index = _clipped(y, camera.height + 1)
        index *= np.int32(self._map.shape[1])
        index += _clipped(x, camera.width + 1)
        depth -= self._map.ravel().take(index)
        depth -= np.float32(BIAS)
        return depth


def _clipped(coordinate: Float32Array, largest: int) -> NDArray[np.int32]:
    """Whole pixels, 0 to the largest."""
    np.maximum(coordinate, np.float32(0), out=coordinate)
    np.minimum(coordinate, np.float32(largest), out=coordinate)
    return coordinate.astype(np.int32)


def _share_above(line: Float32Array) -> Float32Array:
    """Share of a disc above a line at −1 (all) to 1 (nothing), smooth at both ends."""
    line = np.clip(line, -1, 1)
    share: Float32Array = np.float32(0.5) - line * (np.float32(0.75) - np.float32(0.25) * line * line)
    return share
