"""Hair grown strand by strand from the scalp, combed, tied and laid over the head."""

import numpy as np

from ...runtime.arrays import AnyFloatArray
from .accessories.headwear import Headwear
from .body import Torso, naked_distance, torso_points
from .hair_styles import Comb, HairStyle
from .head_mesh import Mesh, ear_points
from .implicit import WaveNoise, smoothstep
from .skin_distance import SkinDistance
from .strands import Roots, Strands, curled, gathered, scaled_width, scattered_roots, unit

CROWN = np.array([0.0, 0.118, -0.05])
"""Where the whorl lies, metres, head frame."""
TIE_POINTS = {"bun": (0.0, 0.105, -0.085), "tail": (0.0, 0.065, -0.118), "low": (0.0, -0.005, -0.115)}
LONGEST_PUSH = 0.025
"""Metres by which obstacles may lengthen one step of a strand."""
_BORDER_AZIMUTH = np.deg2rad([0, 28, 48, 60, 68, 76, 98, 112, 125, 140, 180])
_BORDER_HEIGHT = np.array([9.7, 9.3, 7.0, 4.5, 3.2, 4.6, 5.2, 3.5, 0.0, -3.0, -4.0])


def scalp_distance(rest: AnyFloatArray, style: HairStyle, noise: AnyFloatArray) -> AnyFloatArray:
    """Centimetres by which a point of the neutral mean lies inside the hairy scalp; negative on bare skin.

    Args:
        rest: (N, 3) coordinates on the neutral mean, centimetres.
        style: the style.
        noise: (N,) −1..1, ragged hairline.
    """
    azimuth = np.arctan2(np.abs(rest[:, 0]), rest[:, 2] - 0.5)
    border = np.interp(azimuth, _BORDER_AZIMUTH, _BORDER_HEIGHT)
    front = smoothstep(1.15, 0.6, azimuth)
    border = border + style.recession * front * (1.0 + 0.5 * smoothstep(0.2, 0.6, azimuth))
    inside = rest[:, 1] - border + 0.35 * noise
    if style.crown_bald > 0.0:
        crown = np.linalg.norm(rest - np.array([0.0, 13.5, -1.0]), axis=1)
        inside = np.minimum(inside, crown - style.crown_bald)
    return inside


class _Obstacles:
    """What hair lies on: the head, the ears, the shoulders, and the face that it leaves free."""

    def __init__(self, head: Mesh, skin: SkinDistance, torso: Torso, style: HairStyle) -> None:
        self.skin, self.torso, self.covered = skin, torso, style.ears_covered
        self.ridge = -0.03 if style.ears_covered else 0.01
        self.ears = []
        for side in (1.0, -1.0):
            ear = ear_points(head, side)
            self.ears.append((side, ear.mean(axis=0), 0.5 * np.ptp(ear, axis=0) + 0.004))

    def __call__(
        self, points: AnyFloatArray, clearance: AnyFloatArray, cling: AnyFloatArray
    ) -> tuple[AnyFloatArray, AnyFloatArray]:
        """Points (N, 3) moved to where they may be, and the normals (N, 3) of the nearest skin."""
        for side, centre, radii in self.ears:
            scaled = (points - centre) / radii
            depth = np.maximum(0.0, 1.0 - np.linalg.norm(scaled, axis=1))[:, None]
            away = scaled + (np.array([side, 0.0, 0.0]) if self.covered else np.array([0.2 * side, 0.3, -1.2]))
            points = points + unit(away) * radii.min() * depth
        distance, normal = self.skin.nearest(points)
        lift = np.maximum(0.0, clearance - distance) - cling * np.maximum(0.0, distance - clearance)
        points = points + normal * lift[:, None]
        return self._off_the_shoulders(_by_the_neck(points, clearance), clearance), normal

    def _off_the_shoulders(self, points: AnyFloatArray, clearance: AnyFloatArray) -> AnyFloatArray:
        low = np.flatnonzero(points[:, 1] < -0.09)
        if len(low) == 0:
            return points
        field = naked_distance(torso_points(points[low], self.torso), self.torso)
        margin = self.torso.cloth + 0.004 + 0.5 * clearance[low]
        inside = field < margin
        low, depth = low[inside], (margin - field)[inside]
        if len(low) == 0:
            return points
        gradient = np.stack(
            [
                naked_distance(torso_points(points[low] + offset, self.torso), self.torso) - field[inside]
                for offset in np.eye(3) * 0.004
            ],
            axis=1,
        )
        moved = points.copy()
        # On top of a shoulder hair falls to the front or to the back, not along it.
        sideways = np.where(points[low, 2] > self.ridge, 0.8, -0.8)
        push = unit(gradient) + np.stack([-0.5 * np.sign(points[low, 0]), 0 * sideways, sideways], axis=1)
        moved[low] += push * depth[:, None]
        return moved


def _by_the_neck(points: AnyFloatArray, clearance: AnyFloatArray) -> AnyFloatArray:
    """Points below the jaw drawn in to the neck, as far as the hair's thickness lets them."""
    centre = np.array([0.0, -0.02])
    away = points[:, [0, 2]] - centre
    radius = np.linalg.norm(away, axis=1)
    limit = 0.088 + 1.6 * clearance + 0.10 * np.clip(-0.06 - points[:, 1], 0.0, 0.3)
    below = smoothstep(0.02, -0.06, points[:, 1])
    shrink = 1.0 - below * 0.5 * np.maximum(0.0, 1.0 - limit / np.maximum(radius, 1e-6))
    moved = points.copy()
    moved[:, [0, 2]] = centre + away * shrink[:, None]
    return moved


def _combed(comb: Comb, points: AnyFloatArray, normal: AnyFloatArray, side: AnyFloatArray) -> AnyFloatArray:
    """(N, 3) unit directions of a comb; `side` (N,) is −1 or 1, the side of the parting."""
    away = points - CROWN
    direction = comb.radial * unit(away) + np.array([0.0, -comb.down, -comb.back])
    direction[:, 0] += comb.side * side
    along = direction - normal * np.einsum("ij,ij->i", direction, normal)[:, None]
    # Where a comb presses straight onto the head it says nothing about the direction along it.
    strength = np.linalg.norm(direction, axis=1, keepdims=True)
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 0.4 * strength + 1e-9)
    total = along * strength + comb.up * normal
    size = np.linalg.norm(total, axis=1, keepdims=True)
    result: AnyFloatArray = total / np.maximum(size, 0.5 * (strength + comb.up) + 1e-9)
    return result


def _lengths(style: HairStyle, roots: Roots, random: np.random.Generator) -> AnyFloatArray:
    """(N,) length of each strand, metres."""
    x, y, z = roots.rest.T
    height = smoothstep(6.5, 9.5, y)
    behind = smoothstep(0.0, -4.0, z)
    low = style.sides * (1.0 - behind) + style.nape * behind
    length = low * (1.0 - height) + style.top * height
    if style.shaved > 0.0:
        length = np.where(np.abs(x) < style.shaved, style.top, 0.0)
    length = length * np.where(x > 0.0, style.asymmetry, 1.0)
    result: AnyFloatArray = length * random.uniform(0.78, 1.06, len(x))
    return result


def _fringed(style: HairStyle, roots: Roots, random: np.random.Generator) -> AnyFloatArray:
    """(N,) whether a strand belongs to the fringe."""
    x, y, z = roots.rest.T
    front = (z > 3.0) & (y > 8.0) & (np.abs(x) < 5.5) & (random.uniform(size=len(x)) < 0.92)
    result: AnyFloatArray = (front & (style.fringe > 0.0)).astype(float)
    return result


def _grown(style: HairStyle, roots: Roots, obstacles: _Obstacles, random: np.random.Generator) -> AnyFloatArray:
    """(N, S, 3) paths of strands from their roots."""
    count = len(roots.position)
    length, fringe = _lengths(style, roots, random), _fringed(style, roots, random)[:, None]
    drop = (roots.rest[:, 1] - (9.3 - 4.0 * style.fringe)) * 0.0125 * random.uniform(0.88, 1.04, count)
    length = np.where(fringe[:, 0] > 0, np.maximum(drop, 0.01), length)
    side = np.where(roots.position[:, 0] > style.parting, 1.0, -1.0)
    if style.parting == 0.0:
        side = np.sign(roots.position[:, 0])
    upper = smoothstep(5.5, 9.0, roots.rest[:, 1])[:, None]
    wave = WaveNoise(random)
    sway = np.stack([wave(roots.position + k, 0.05) for k in (0.0, 1.0, 2.0)], axis=1)
    jitter = style.disorder * (sway + 0.5 * random.normal(size=(count, 3)))
    layer = style.layer * random.uniform(0.1, 1.0, count) ** 0.7 * (0.35 + 0.65 * upper[:, 0])
    tie = np.array(TIE_POINTS[style.tie]) if style.tie else None
    point, normal = roots.position, roots.normal
    direction = unit(_direction(style, point, normal, side, upper, fringe) + 0.25 * jitter)
    path = [point]
    for step in range(1, style.steps):
        share = step / (style.steps - 1)
        stride = (length / (style.steps - 1))[:, None]
        # What has left the top of the head is combed as the sides are.
        still = upper * smoothstep(0.035, 0.085, point[:, 1])[:, None]
        target = _direction(style, point, normal, side, still, fringe)
        if tie is not None:
            target = np.where(fringe > 0, target, unit(tie - point) * 1.0 + 0.15 * target)
            stride = np.minimum(stride, 0.6 * np.linalg.norm(tie - point, axis=1, keepdims=True) + 1e-4)
        gravity = np.where(fringe > 0, 0.5, style.gravity) * min(1.0, 2.5 * share)
        target = target * (1.0 - 0.6 * share * min(1.0, style.gravity)) + np.array([0.0, -1.0, 0.0]) * gravity
        direction = unit(direction * style.stiffness + target * (1.0 - style.stiffness) + jitter * 0.35)
        moved = _off_the_face(point + direction * stride, fringe, style)
        on_skull = smoothstep(-0.02, 0.03, moved[:, 1])
        clearance = layer * min(1.0, 2.2 * share) + 0.0008
        moved, normal = obstacles(moved, clearance, style.cling * on_skull)
        # However deep it was pushed out of something, a strand never leaps.
        leap = moved - point
        reach = np.linalg.norm(leap, axis=1, keepdims=True)
        moved = point + leap * np.minimum(1.0, (stride + LONGEST_PUSH) / np.maximum(reach, 1e-9))
        direction = unit(direction - normal * np.minimum(np.einsum("ij,ij->i", direction, normal), 0.0)[:, None])
        point = moved
        path.append(point)
    return np.stack(path, axis=1)


def _direction(  # noqa: PLR0917 - arrays of one strand each
    style: HairStyle,
    point: AnyFloatArray,
    normal: AnyFloatArray,
    side: AnyFloatArray,
    upper: AnyFloatArray,
    fringe: AnyFloatArray,
) -> AnyFloatArray:
    """(N, 3) where each strand wants to go."""
    combed = _combed(style.over_top, point, normal, side) * upper + _combed(style.over_sides, point, normal, side) * (
        1.0 - upper
    )
    forward = _combed(Comb(back=-0.7, down=0.8, side=0.15, up=0.25), point, normal, side)
    return np.where(fringe > 0, forward, combed)


def _off_the_face(points: AnyFloatArray, fringe: AnyFloatArray, style: HairStyle) -> AnyFloatArray:
    """Strands that would cross the face are pushed to its sides."""
    centre, radii = np.array([0.0, 0.0, 0.13]), np.array([0.064, 0.115, 0.13])
    scaled = (points - centre) / radii
    depth = np.maximum(0.0, 1.0 - np.linalg.norm(scaled, axis=1))
    depth = depth * (points[:, 1] < 0.062) * (fringe[:, 0] == 0)
    side = np.where(points[:, 0] > 0.3 * style.parting, 1.0, -1.0)
    push = np.stack([side, np.zeros_like(side), np.full_like(side, -0.35)], axis=1)
    result: AnyFloatArray = points + push * (depth * 0.07)[:, None]
    return result


def _tail(style: HairStyle, random: np.random.Generator, obstacles: _Obstacles) -> AnyFloatArray:
    """(N, S, 3) paths of what lies beyond the tie: a ball of hair or a tail."""
    tie, steps = np.array(TIE_POINTS[style.tie]), style.steps
    if style.tie != "tail":
        return _knot(tie, random.uniform(0.022, 0.042), steps, random)
    count = 420
    point = tie + random.normal(size=(count, 3)) * 0.005
    direction = unit(np.array([0.0, 0.1, -1.0]) + random.normal(size=(count, 3)) * random.uniform(0.1, 0.35))
    stride = random.uniform(0.07, 0.32) / (steps - 1) * random.uniform(0.75, 1.05, (count, 1))
    path = [point]
    for _ in range(1, steps):
        direction = unit(direction + np.array([0.0, -0.45, 0.0]))
        point, _ = obstacles(point + direction * stride, np.full(count, 0.004), np.zeros(count))
        path.append(point)
    return np.stack(path, axis=1)


def _knot(centre: AnyFloatArray, radius: float, steps: int, random: np.random.Generator) -> AnyFloatArray:
    """(N, S, 3) arcs wound around a ball behind the tie."""
    count = 380
    middle = centre + np.array([0.0, 0.55, -0.75]) * radius
    axis = unit(np.array([0.0, 0.5, -0.8]) + 0.55 * random.normal(size=(count, 3)))
    first = unit(np.cross(axis, random.normal(size=(count, 3))))
    second = np.cross(axis, first)
    angle = np.linspace(0.0, 1.0, steps)[None] * random.uniform(1.5, 3.2, (count, 1))
    size = radius * random.uniform(0.72, 1.08, (count, 1, 1))
    offset = axis[:, None] * random.uniform(-0.55, 0.55, (count, 1, 1))
    ring = first[:, None] * np.cos(angle)[..., None] + second[:, None] * np.sin(angle)[..., None]
    result: AnyFloatArray = middle + size * unit(ring + offset)
    return result


def head_hair(  # noqa: PLR0917 - what hair grows on and under
    style: HairStyle,
    head: Mesh,
    skin: SkinDistance,
    torso: Torso,
    random: np.random.Generator,
    headwear: Headwear | None,
) -> Strands | None:
    """The strands of a head of hair, head frame, as far as headwear leaves them free; None where there are none."""
    if style.style == "bald" or (headwear is not None and headwear.covering):
        return None
    noise = WaveNoise(random)(head.vertices, 0.02)
    density = smoothstep(-0.35, 0.9, scalp_distance(head.rest, style, noise))
    # Ears are bare.
    x, y, z = head.rest.T
    density = density * ~((np.abs(x) > 7.6) & (y < 6.4) & (z < 2.4) & (z > -3.5))
    if headwear is not None:
        behind = smoothstep(6.0, -6.0, head.rest[:, 2])
        density = density * (head.rest[:, 1] < headwear.rim - headwear.back * behind)
    if style.shaved > 0.0:
        density = density * (np.abs(head.rest[:, 0]) < style.shaved)
    # Where a parting or the front hairline is seen, hair is denser than behind.
    density = density * (1.0 + 0.8 * smoothstep(-2.0, 5.0, head.rest[:, 2]))
    if style.fringe > 0.0:
        density = density * (
            1.0 + 1.5 * smoothstep(3.0, 5.0, head.rest[:, 2]) * smoothstep(6.0, 5.0, np.abs(head.rest[:, 0]))
        )
    roots = scattered_roots(head, density, style.strands, random)
    if len(roots.position) == 0:
        return None
    obstacles = _Obstacles(head, skin, torso, style)
    paths = _grown(style, roots, obstacles, random)
    if style.tie:
        paths = np.concatenate([paths, _tail(style, random, obstacles)])
    paths, lock = gathered(paths, style.locks, style.gather, random)
    count = len(paths)
    if style.curl_radius > 0.0:
        phase = 2.0 * np.pi * lock + 0.5 * random.normal(size=count)
        # A turn takes at least four steps, or it would zigzag.
        stride = float(np.quantile(np.linalg.norm(np.diff(paths, axis=1), axis=2), 0.8))
        pitch = max(style.curl_pitch, 4.0 * stride)
        paths = curled(paths, style.curl_radius, pitch, phase, random.uniform(0.5, 1.3, count))
    width = scaled_width(0.5 * style.width, 1.6 * style.width, count, random)
    return Strands(paths, width, lock, random.normal(size=count))
