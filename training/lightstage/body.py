"""Neck, shoulders and upper chest as one implicit surface under the head."""

from dataclasses import dataclass, replace

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array, Float64Array
from .head_mesh import Mesh
from .implicit import capsule, ellipsoid, grid_points, smooth_minimum, smoothstep, surface
from .parts import Part
from .surgery import clipped

SPACING = 0.0085
NECK_BASE = np.array([0.0, -0.135, -0.035])
"""Where the head turns against the torso, metres, head frame of a head that looks straight ahead."""
NECKLINES = ("crew", "v", "shirt", "turtleneck", "wide", "bare", "hood", "tank", "scarf")
NECKLINE_SHARES = (0.2, 0.11, 0.30, 0.08, 0.08, 0.04, 0.09, 0.06, 0.04)
GRID_LOW, GRID_HIGH = np.array([-0.34, -0.44, -0.24]), np.array([0.34, -0.03, 0.22])
"""What of the torso is built, head frame, metres."""


@dataclass(frozen=True)
class Torso:
    """Shape of one torso, metres.

    Attributes:
        shoulder_half_width: from the spine to the shoulder joint.
        shoulder_drop: of the joint below the neck base.
        thickness: of the chest, front to back, as a factor of the mean.
        bust: how far the breasts stand out.
        neck_radius: metres.
        neck_top: (3,) where the neck's axis meets the head's, torso frame.
        neckline: one of NECKLINES.
        opening: how far the neckline reaches down, metres below the neck base.
        cloth: how far the cloth stands off the skin, metres.
        folds: height of folds in the cloth.
        jacket: half width of a jacket's opening at the collar, metres; 0 for none.
        button: how far below the neck base the jacket closes.
        tie: half width of a tie, 0 for none.
        torso_from_head: (3, 3) rotation of the torso against the head.
    """

    shoulder_half_width: float
    shoulder_drop: float
    thickness: float
    bust: float
    neck_radius: float
    neck_top: Float64Array
    neckline: str
    opening: float
    cloth: float
    folds: float
    jacket: float
    button: float
    tie: float
    torso_from_head: Float64Array


def rotation_yaw_pitch_roll(yaw: float, pitch: float, roll: float) -> Float64Array:
    """(3, 3) rotation that turns +z to yaw (towards +x) and pitch (up), after rolling clockwise as seen from +z."""
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    turn_yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    turn_pitch = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    turn_roll = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    result: Float64Array = turn_roll @ turn_yaw @ turn_pitch
    return result


def random_torso(random: np.random.Generator) -> Torso:
    """A torso, its clothes, and how it is turned under the head."""
    neckline = str(random.choice(NECKLINES, p=np.array(NECKLINE_SHARES) / sum(NECKLINE_SHARES)))
    opening = {"crew": 0.03, "v": 0.11, "shirt": 0.06, "turtleneck": -0.045, "wide": 0.075, "bare": 0.3, "hood": 0.03,
               "tank": 0.09, "scarf": 0.03}[neckline]  # fmt: skip
    suited = neckline in ("shirt", "crew", "v", "turtleneck") and random.uniform() < (
        0.55 if neckline == "shirt" else 0.22
    )
    build = random.normal()
    return Torso(
        shoulder_half_width=float(np.clip(0.168 + 0.015 * build, 0.135, 0.205)),
        shoulder_drop=random.uniform(0.025, 0.065),
        thickness=float(np.clip(1.05 + 0.16 * random.normal() + 0.05 * build, 0.8, 1.55)),
        bust=random.uniform(0.01, 0.045) if random.uniform() < 0.45 else 0.0,
        neck_radius=0.056,
        neck_top=np.array([0.0, 0.06, 0.012]),
        neckline=neckline,
        opening=opening * random.uniform(0.8, 1.3),
        cloth=random.uniform(0.003, 0.009) + (0.008 if neckline == "hood" else 0.0),
        folds=random.uniform(0.0, 0.007) + (0.003 if neckline in ("hood", "wide") else 0.0),
        jacket=random.uniform(0.035, 0.075) if suited else 0.0,
        button=random.uniform(0.2, 0.36),
        tie=random.uniform(0.016, 0.024)
        if neckline == "shirt" and random.uniform() < (0.6 if suited else 0.2)
        else 0.0,
        torso_from_head=rotation_yaw_pitch_roll(
            np.clip(random.normal() * 0.3, -0.8, 0.8),
            np.clip(random.normal() * 0.15, -0.35, 0.35),
            np.clip(random.normal() * 0.1, -0.25, 0.25),
        ),
    )


def with_neck_of(torso: Torso, vertices: Float32Array) -> Torso:
    """The torso with a neck as thick as the head's.

    Args:
        torso: the torso.
        vertices: (V, 3) of the unbent head, metres.
    """
    ring = vertices[(np.abs(vertices[:, 1] + 0.092) < 0.006) & (vertices[:, 2] < 0.02)]
    if len(ring) < 8:
        return torso
    half_width = float(np.quantile(np.abs(ring[:, 0]), 0.9))
    radius = float(np.clip(0.9 * half_width, 0.04, 0.08))
    middle = np.array([0.0, -0.085, float(np.quantile(ring[:, 2], 0.03)) + radius + 0.004])
    return replace(torso, neck_radius=radius, neck_top=torso_points(middle, torso))


def torso_points(head_points: AnyFloatArray, torso: Torso) -> AnyFloatArray:
    """Head frame to torso frame: origin at the neck base, metres."""
    rotation = torso.torso_from_head.astype(head_points.dtype)
    return (head_points - NECK_BASE.astype(head_points.dtype)) @ rotation.T


def head_points(points: AnyFloatArray, torso: Torso) -> AnyFloatArray:
    """Torso frame to head frame."""
    result: AnyFloatArray = points @ torso.torso_from_head + NECK_BASE
    return result


def naked_distance(p: AnyFloatArray, torso: Torso) -> AnyFloatArray:
    """Signed distance to the naked torso, torso frame."""
    half, drop, thick = torso.shoulder_half_width, torso.shoulder_drop, torso.thickness
    mirrored = p * np.array([1.0, 1.0, 1.0], p.dtype)
    mirrored[..., 0] = np.abs(p[..., 0])
    neck = capsule(p, torso.neck_top, np.array([0, -0.08, -0.012]), torso.neck_radius)
    joint = np.array([half, -drop - 0.045, -0.015])
    shoulder = capsule(mirrored, joint, joint + np.array([0.025, -0.25, -0.005]), 0.052 * thick)
    slope = capsule(mirrored, np.array([0.03, -0.02, -0.025]), joint + np.array([-0.02, 0.012, 0.0]), 0.036 * thick)
    chest = ellipsoid(p, np.array([0, -0.21, 0.0]), np.array([half + 0.012, 0.19, 0.105 * thick]))
    trunk = smooth_minimum(smooth_minimum(shoulder, chest, 0.06), slope, 0.05)
    if torso.bust > 0.0:
        centre = np.array([0.42 * half, -0.245, 0.055 * thick])
        breast = ellipsoid(mirrored, centre, np.array([0.055, 0.06, 0.03 + torso.bust]))
        trunk = smooth_minimum(trunk, breast, 0.035)
    return smooth_minimum(trunk, neck, 0.045)


def neckline_distance(p: AnyFloatArray, torso: Torso) -> AnyFloatArray:
    """How far (metres, roughly) a torso point lies inside the clothes: positive on cloth, negative on skin."""
    x, y, z = np.abs(p[..., 0]), p[..., 1], p[..., 2]
    front = smoothstep(-0.03, 0.06, z)
    if torso.neckline in ("bare", "turtleneck"):
        return -torso.opening - y
    if torso.neckline in ("v", "shirt"):
        deep = torso.opening if not torso.tie else -0.01
        edge = 0.03 - front * np.maximum(0.0, deep + 0.03 - 1.4 * x)
        result: AnyFloatArray = edge - y
        return result
    if torso.neckline == "wide":
        return np.maximum(np.sqrt(x**2 + z**2) - 0.125, -torso.opening - 0.05 - y)
    if torso.neckline == "tank":
        scoop = np.sqrt((x / 0.085) ** 2 + (np.minimum(y + 0.02, 0.0) / (torso.opening * (0.4 + 0.6 * front))) ** 2)
        arms = 0.62 * torso.shoulder_half_width + 0.10 * smoothstep(-0.09, -0.24, y) - x
        return np.minimum(np.where(y > -0.02, x - 0.085, (scoop - 1.0) * 0.06), arms)
    return 0.035 - front * (torso.opening + 0.03) - y


def skin_mesh(torso: Torso) -> Mesh:
    """The skin of the torso, as far as clothes leave it free.

    Returns:
        A mesh of part BODY in the head frame; `rest` is the torso frame's position in centimetres, except that z is the
        (negative) neckline distance in centimetres.
    """
    points, shape = grid_points(GRID_LOW, GRID_HIGH, SPACING)
    field = naked_distance(torso_points(points, torso), torso)
    vertices, normals, triangles = surface(field.astype(np.float32), shape, GRID_LOW, SPACING)
    local = torso_points(vertices, torso)
    inside = neckline_distance(local, torso)
    rest = np.stack([local[:, 0], local[:, 1], np.minimum(inside, -0.0005)], axis=1) * 100.0
    parts = np.full(len(triangles), Part.BODY, np.uint8)
    whole = Mesh(vertices, normals, rest.astype(np.float32), triangles, parts)
    return clipped(whole, 0.02 - inside)


def bend_neck(vertices: Float32Array, torso: Torso) -> Float32Array:
    """Let the lower neck of the head model follow the torso and tuck its flared base into the chest.

    Args:
        vertices: (V, 3) head frame, metres.
        torso: the torso; its rotation is applied fully at the neck's base, not at all at the jaw.
    """
    weight = smoothstep(-0.075, -0.15, vertices[:, 1])[:, None]
    behind = smoothstep(0.04, -0.02, vertices[:, 2])[:, None] * smoothstep(-0.03, -0.1, vertices[:, 1])[:, None]
    weight = np.maximum(weight, behind)
    turned = (vertices - NECK_BASE) @ torso.torso_from_head + NECK_BASE
    bent = vertices * (1.0 - weight) + turned * weight
    local = torso_points(bent, torso)
    sunk = smoothstep(0.02, -0.03, local[:, 1])[:, None]
    radius = np.linalg.norm(local[:, [0, 2]], axis=1, keepdims=True)
    shrink = 1.0 - sunk * (1.0 - np.minimum(1.0, 0.6 * torso.neck_radius / np.maximum(radius, 1e-4)))
    local[:, [0, 2]] *= shrink
    local[:, 1:2] -= sunk * 0.01
    tucked: Float32Array = (local @ torso.torso_from_head + NECK_BASE).astype(np.float32)
    keep = weight > 0.0
    return _sunk_into(np.where(keep, tucked, vertices).astype(np.float32), torso)


def _sunk_into(vertices: Float32Array, torso: Torso) -> Float32Array:
    """Pull what lies below the neck's base inside the torso, so that one skin or the other is seen."""
    local = torso_points(vertices, torso).astype(np.float64)
    high = 0.075 if torso.neckline == "turtleneck" else 0.045
    low = np.flatnonzero(local[:, 1] < high)
    points = local[low]
    weight = smoothstep(high, high - 0.04, points[:, 1])
    for _ in range(2):
        field = naked_distance(points, torso)
        gradient = np.stack([naked_distance(points + offset, torso) - field for offset in np.eye(3) * 0.003], axis=1)
        gradient /= np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1e-9)
        points = points - gradient * (weight * np.maximum(0.0, field + 0.004))[:, None]
    sunk = vertices.copy()
    sunk[low] = head_points(points, torso)
    return sunk
