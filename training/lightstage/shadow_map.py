"""Shadows of one lamp: the person drawn as the lamp sees it, and soft look-ups into that picture.

Williams, "Casting Curved Shadows on Curved Surfaces" (SIGGRAPH 1978); filtered as Reeves, Salesin and Cook,
"Rendering Antialiased Shadows with Depth Maps" (SIGGRAPH 1987); penumbrae as Fernando, "Percentage-Closer Soft
Shadows" (SIGGRAPH 2005 sketch), with the receiver's own plane in place of a constant bias where the filter is wide.
"""

from typing import NamedTuple

import numba
import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from .person import Person
from .rasterise import BytesArray, rasterise_covered

SHADOW_SIZES = ((0.03, 512), (0.12, 400), (np.inf, 288))
"""Texels along a side of the map of a lamp up to so large: soft shadows need fewer."""
_FAR = np.float32(1e6)
_ORIGIN_DEPTH = 10.0
_NEAREST_METRES = 0.05
_REACH_METRES = 0.2
"""How far before a receiver blockers are looked for; hair before a cheek and a chin above a shoulder lie nearer."""


class ShadowMap(NamedTuple):
    """What a lamp sees.

    Attributes:
        distance: (s, s) metres from the lamp along its axis to the nearest surface; of a sun, from a far plane.
        axes: (3, 3) rows right, down and towards the lamp, mesh axes.
        origin: (2,) place of the map's corner, metres for a sun, tangents for a near lamp.
        step: of one texel, in the same units.
        lamp: metres from the head's origin to a near lamp, 0 for a sun.
    """

    distance: Float32Array
    axes: Float32Array
    origin: Float32Array
    step: float
    lamp: float


NO_SHADOW = ShadowMap(np.zeros((1, 1), np.float32), np.eye(3, dtype=np.float32), np.zeros(2, np.float32), 1.0, 0.0)
"""Stands in for the map of a lamp whose shadows come from elsewhere."""


def lamp_axes(direction: Float64Array) -> Float32Array:
    """(3, 3) orthonormal rows: right, down, towards the lamp."""
    toward = direction / np.linalg.norm(direction)
    helper = np.eye(3)[int(np.argmin(np.abs(toward)))]
    right = np.cross(helper, toward)
    right /= np.linalg.norm(right)
    axes: Float32Array = np.stack([right, np.cross(toward, right), toward]).astype(np.float32)
    return axes


def draw_shadow_map(  # noqa: PLR0917 - the lamp in three numbers
    person: Person,
    coverage: BytesArray,
    alpha: BytesArray,
    direction: Float64Array,
    distance: float,
    radius: float,
    receivers: Float32Array,
) -> ShadowMap:
    """Draw the person from a lamp, framed on the points that can receive its shadows.

    Args:
        person: the person.
        coverage: (T,) `Coverage` of each triangle.
        alpha: (H, W) of the atlas.
        direction: (3,) unit, mesh axes.
        distance: metres, infinite for a sun.
        radius: angular radius of the lamp, radians.
        receivers: (N, 3) points, mesh axes, metres.
    """
    lamp = float(distance) if np.isfinite(distance) else 0.0
    axes = lamp_axes(direction)
    # Some thousands of points tell the frame well enough; what lies outside it counts as lit.
    plane = _lamp_plane(receivers[:: max(1, len(receivers) // 4096)], axes, lamp)[:, :2]
    low, high = plane.min(axis=0), plane.max(axis=0)
    size = next(texels for largest, texels in SHADOW_SIZES if radius <= largest)
    step = float(max(high - low) * 1.04 + 1e-4) / size
    origin = (0.5 * (low + high) - 0.5 * step * size).astype(np.float32)
    screen = _lamp_plane(person.vertices, axes, lamp)
    screen[:, :2] = (screen[:, :2] - origin) / np.float32(step)
    _, nearest = rasterise_covered(screen, person.triangles, coverage, person.uv, alpha, size)
    _to_distances(nearest, lamp > 0.0)
    return ShadowMap(nearest, axes, origin, step, lamp)


@numba.njit(cache=True, fastmath=True)
def _to_distances(nearest: Float32Array, near: bool) -> None:
    """What `_lamp_plane` made of depth, in place, as metres from the lamp."""
    for row in range(nearest.shape[0]):
        for column in range(nearest.shape[1]):
            z = nearest[row, column]
            if z <= 0.0:
                nearest[row, column] = _FAR
            else:
                nearest[row, column] = 1.0 / z if near else _ORIGIN_DEPTH - z


def _lamp_plane(points: Float32Array, axes: Float32Array, lamp: float) -> Float32Array:
    """(N, 3): place on the lamp's plane, and what grows towards the lamp: 1/distance, or for suns a height."""
    local: Float32Array = points @ axes.T
    if lamp:
        local[:, 2] = 1.0 / np.maximum(np.float32(lamp) - local[:, 2], np.float32(_NEAREST_METRES))
        local[:, :2] *= local[:, 2:]
    else:
        local[:, 2] += np.float32(_ORIGIN_DEPTH)
    return local


def _disc(count: int) -> Float32Array:
    """(count, 2) points spread over the unit disc (Vogel, "A better way to construct the sunflower head", 1979)."""
    index = np.arange(count)
    radius, turn = np.sqrt((index + 0.5) / count), index * np.pi * (3.0 - np.sqrt(5.0))
    points: Float32Array = np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1).astype(np.float32)
    return points


_SEARCH, _FILTER = _disc(16), _disc(32)


@numba.njit(cache=True, fastmath=True)
def lit_share(  # noqa: PLR0917 - compiled: numbers go in by position
    shadow: ShadowMap, px: float, py: float, pz: float, nx: float, ny: float, nz: float, radius: float
) -> float:
    """0..1 how much of a lamp a point sees.

    Args:
        shadow: the lamp's picture.
        px: place, metres, mesh axes.
        py: place.
        pz: place.
        nx: unit normal.
        ny: normal.
        nz: normal.
        radius: the lamp's angular radius, radians.
    """
    axes, step = shadow.axes, shadow.step
    n0 = axes[0, 0] * nx + axes[0, 1] * ny + axes[0, 2] * nz
    n1 = axes[1, 0] * nx + axes[1, 1] * ny + axes[1, 2] * nz
    n2 = axes[2, 0] * nx + axes[2, 1] * ny + axes[2, 2] * nz
    p0 = axes[0, 0] * px + axes[0, 1] * py + axes[0, 2] * pz
    p1 = axes[1, 0] * px + axes[1, 1] * py + axes[1, 2] * pz
    p2 = axes[2, 0] * px + axes[2, 1] * py + axes[2, 2] * pz
    scale = 1.0
    metres = step
    away = -p2
    if shadow.lamp > 0.0:
        away = max(shadow.lamp - p2, _NEAREST_METRES)
        scale = 1.0 / away
        metres = step * away
    # The receiver's plane: how the distance from the lamp grows along right and down, per texel.
    facing = max(n2, 0.4)
    slope0, slope1 = n0 / facing * metres, n1 / facing * metres
    lift = 1.5 * metres
    u = ((p0 + n0 * lift) * scale - shadow.origin[0]) / step - 0.5
    v = ((p1 + n1 * lift) * scale - shadow.origin[1]) / step - 0.5
    here = away - n2 * lift - 0.5 * metres
    texels = 1.0
    spread = np.tan(min(radius, 1.2))
    if spread * _REACH_METRES > metres:
        texels = _penumbra(shadow.distance, u, v, here, slope0, slope1, spread, metres)
        if texels < 0.0:
            return 1.0
    if texels < 1.5:
        return _hard(shadow.distance, u, v, here, slope0, slope1)
    return _soft(shadow.distance, u, v, here, slope0, slope1, texels)


@numba.njit(cache=True, fastmath=True)
def _penumbra(  # noqa: PLR0917 - compiled: arguments go in by position
    distance: Float32Array,
    u: float,
    v: float,
    here: float,
    slope0: float,
    slope1: float,
    spread: float,
    metres: float,
) -> float:
    """Radius of the penumbra in texels, from the mean distance of blockers; negative where there are none."""
    size = distance.shape[0]
    reach = spread * _REACH_METRES / metres
    total, found = 0.0, 0
    for k in range(_SEARCH.shape[0]):
        du, dv = _SEARCH[k, 0] * reach, _SEARCH[k, 1] * reach
        x, y = int(np.floor(u + du + 0.5)), int(np.floor(v + dv + 0.5))
        if 0 <= x < size and 0 <= y < size:
            gap = here + slope0 * du + slope1 * dv - distance[y, x]
            if gap > metres and here - distance[y, x] > 0.0:
                total += here - distance[y, x]
                found += 1
    if found == 0:
        return -1.0
    return min(spread * total / found / metres, reach)


@numba.njit(cache=True, fastmath=True)
def _compared(distance: Float32Array, u: float, v: float, here: float) -> float:
    """Share of the four texels around a place that leave the receiver lit, weighted bilinearly."""
    size = distance.shape[0]
    left, top = int(np.floor(u)), int(np.floor(v))
    if left < 0 or top < 0 or left >= size - 1 or top >= size - 1:
        return 1.0
    fu, fv = u - left, v - top
    a = 1.0 if distance[top, left] >= here else 0.0
    b = 1.0 if distance[top, left + 1] >= here else 0.0
    c = 1.0 if distance[top + 1, left] >= here else 0.0
    d = 1.0 if distance[top + 1, left + 1] >= here else 0.0
    return (a * (1 - fu) + b * fu) * (1 - fv) + (c * (1 - fu) + d * fu) * fv


@numba.njit(cache=True, fastmath=True)
def _hard(  # noqa: PLR0917 - compiled: arguments go in by position
    distance: Float32Array, u: float, v: float, here: float, slope0: float, slope1: float
) -> float:
    """Four bilinear comparisons, half a texel off the centre."""
    total = 0.0
    for k in range(4):
        du, dv = (k & 1) - 0.5, (k >> 1) - 0.5
        total += _compared(distance, u + du, v + dv, here + slope0 * du + slope1 * dv - abs(slope0) - abs(slope1))
    return 0.25 * total


@numba.njit(cache=True, fastmath=True)
def _soft(  # noqa: PLR0917 - compiled: arguments go in by position
    distance: Float32Array, u: float, v: float, here: float, slope0: float, slope1: float, texels: float
) -> float:
    """Comparisons spread over the penumbra's disc."""
    total = 0.0
    for k in range(_FILTER.shape[0]):
        du, dv = _FILTER[k, 0] * texels, _FILTER[k, 1] * texels
        total += _compared(distance, u + du, v + dv, here + slope0 * du + slope1 * dv - abs(slope0) - abs(slope1))
    return total / _FILTER.shape[0]
