"""Neck, shoulders and upper chest with clothes, as one implicit surface under the head."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array, Float64Array
from .head_mesh import Mesh
from .implicit import WaveNoise, capsule, ellipsoid, grid_points, smooth_minimum, smoothstep, surface
from .parts import Part

SPACING = 0.0085
NECK_BASE = np.array([0.0, -0.135, -0.035])
"""Where the head turns against the torso, metres, head frame of a head that looks straight ahead."""
NECKLINES = ("crew", "v", "shirt", "turtleneck", "wide", "bare", "hood")


@dataclass(frozen=True)
class Torso:
    """Shape of one torso, metres.

    Attributes:
        shoulder_half_width: from the spine to the shoulder joint.
        shoulder_drop: of the joint below the neck base.
        thickness: of the chest, front to back, as a factor of the mean.
        neck_radius: metres.
        neckline: one of NECKLINES.
        opening: how far the neckline reaches down, metres below the neck base.
        cloth: how far the cloth stands off the skin, metres.
        torso_from_head: (3, 3) rotation of the torso against the head.
    """

    shoulder_half_width: float
    shoulder_drop: float
    thickness: float
    neck_radius: float
    neckline: str
    opening: float
    cloth: float
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
    neckline = str(random.choice(NECKLINES, p=[0.22, 0.13, 0.32, 0.09, 0.09, 0.05, 0.10]))
    opening = {"crew": 0.035, "v": 0.11, "shirt": 0.06, "turtleneck": -0.05, "wide": 0.075, "bare": 0.3, "hood": 0.04}
    return Torso(
        shoulder_half_width=random.uniform(0.145, 0.195),
        shoulder_drop=random.uniform(0.025, 0.065),
        thickness=random.uniform(0.85, 1.25),
        neck_radius=random.uniform(0.05, 0.066),
        neckline=neckline,
        opening=opening[neckline] * random.uniform(0.8, 1.25),
        cloth=random.uniform(0.004, 0.014) + (0.01 if neckline == "hood" else 0.0),
        torso_from_head=rotation_yaw_pitch_roll(
            np.clip(random.normal() * 0.3, -0.8, 0.8),
            np.clip(random.normal() * 0.15, -0.35, 0.35),
            np.clip(random.normal() * 0.1, -0.25, 0.25),
        ),
    )


def torso_points(head_points: AnyFloatArray, torso: Torso) -> AnyFloatArray:
    """Head frame to torso frame: origin at the neck base, metres."""
    rotation = torso.torso_from_head.astype(head_points.dtype)
    return (head_points - NECK_BASE.astype(head_points.dtype)) @ rotation.T


def _skin_field(p: AnyFloatArray, torso: Torso) -> AnyFloatArray:
    """Signed distance to the naked torso, torso frame."""
    half, drop, thick = torso.shoulder_half_width, torso.shoulder_drop, torso.thickness
    mirrored = p * np.array([1.0, 1.0, 1.0], p.dtype)
    mirrored[..., 0] = np.abs(p[..., 0])
    neck = capsule(p, np.array([0, 0.06, 0.012]), np.array([0, -0.08, -0.012]), torso.neck_radius)
    joint = np.array([half, -drop - 0.045, -0.015])
    shoulder = capsule(mirrored, joint, joint + np.array([0.025, -0.25, -0.005]), 0.052 * thick)
    slope = capsule(mirrored, np.array([0.03, -0.02, -0.025]), joint + np.array([-0.02, 0.012, 0.0]), 0.036 * thick)
    chest = ellipsoid(p, np.array([0, -0.21, 0.0]), np.array([half + 0.012, 0.19, 0.105 * thick]))
    trunk = smooth_minimum(smooth_minimum(shoulder, chest, 0.06), slope, 0.05)
    return smooth_minimum(trunk, neck, 0.045)


def neckline_distance(p: AnyFloatArray, torso: Torso) -> AnyFloatArray:
    """How far (metres, roughly) a torso point lies inside the clothes: positive on cloth, negative on skin."""
    x, y, z = np.abs(p[..., 0]), p[..., 1], p[..., 2]
    radius = np.sqrt(x**2 + z**2)
    front = smoothstep(-0.03, 0.06, z)
    if torso.neckline == "bare":
        return -torso.opening - y
    if torso.neckline in ("v", "shirt"):
        edge = 0.03 - front * np.maximum(0.0, torso.opening + 0.03 - 1.4 * x)
        result: AnyFloatArray = edge - y
        return result
    if torso.neckline == "wide":
        return np.maximum(radius - 0.125, -torso.opening - 0.05 - y)
    if torso.neckline == "turtleneck":
        return -torso.opening - y
    return 0.035 - front * (torso.opening + 0.03) - y


def _cloth_field(p: AnyFloatArray, torso: Torso, folds: AnyFloatArray) -> AnyFloatArray:
    """Signed distance to the dressed torso."""
    inside = neckline_distance(p, torso)
    cloth = smoothstep(0.0, 0.008, inside) * (torso.cloth + folds * smoothstep(0.02, 0.1, inside))
    field = _skin_field(p, torso) - cloth
    if torso.neckline == "shirt":
        collar = np.abs(np.linalg.norm(p[..., [0, 2]] * np.array([1.0, 0.9], p.dtype), axis=-1) - 0.075) - 0.004
        tall = np.maximum(collar, np.abs(p[..., 1] + 0.01 + 0.35 * np.maximum(p[..., 2], 0)) - 0.028)
        gap = 0.02 - np.where(p[..., 2] > 0, np.abs(p[..., 0]), 1.0)
        field = smooth_minimum(field, np.maximum(tall, gap), 0.012)
    if torso.neckline == "hood":
        roll = np.linalg.norm(p[..., [0, 2]] - np.array([0.0, -0.03], p.dtype), axis=-1) - 0.095
        ring = np.sqrt(roll**2 + ((p[..., 1] + 0.035 + 0.5 * np.maximum(p[..., 2], 0)) * 0.7) ** 2) - 0.026
        field = smooth_minimum(field, ring, 0.02)
    return field


def body_mesh(torso: Torso, random: np.random.Generator) -> Mesh:
    """The dressed torso in the head frame.

    Returns:
        A mesh of part BODY; `rest` is the torso frame's position in centimetres, except that z is the neckline
        distance in centimetres (cloth where positive).
    """
    low, high = np.array([-0.34, -0.44, -0.22]), np.array([0.34, -0.03, 0.2])
    points, shape = grid_points(low, high, SPACING)
    p = torso_points(points, torso)
    noise = WaveNoise(random)
    folds = noise(p, np.array([0.10, 0.16, 0.10])) * np.float32(random.uniform(0.0, 0.006))
    field = _cloth_field(p, torso, folds)
    vertices, normals, triangles = surface(field.astype(np.float32), shape, low, SPACING)
    local = torso_points(vertices, torso)
    rest = np.stack([local[:, 0], local[:, 1], neckline_distance(local, torso)], axis=1) * 100.0
    return Mesh(vertices, normals, rest.astype(np.float32), triangles, np.full(len(triangles), Part.BODY, np.uint8))


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
    return np.where(keep, tucked, vertices).astype(np.float32)
