"""Glasses and knitted caps."""

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array
from .head_mesh import Mesh, merged
from .implicit import WaveNoise, grid_points, smoothstep, surface
from .skin_distance import SkinDistance
from .parts import Part


def _tube(path: AnyFloatArray, radius: float, closed: bool, sides: int = 6) -> Mesh:
    """A round tube along (N, 3) points."""
    following = np.roll(path, -1, axis=0) if closed else np.vstack([path[1:], 2 * path[-1:] - path[-2:-1]])
    tangent = following - path
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    across = np.cross(tangent, np.array([0.13, 0.97, 0.2]))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    over = np.cross(tangent, across)
    angle = 2 * np.pi * np.arange(sides) / sides
    normals = across[:, None] * np.cos(angle)[None, :, None] + over[:, None] * np.sin(angle)[None, :, None]
    vertices = (path[:, None] + radius * normals).reshape(-1, 3)
    count = len(path)
    ring = np.arange(count if closed else count - 1)[:, None]
    here, there = ring * sides, (ring + 1) % count * sides
    k, after = np.arange(sides)[None], (np.arange(sides)[None] + 1) % sides
    quads = np.stack([here + k, there + k, there + after, here + after], axis=-1).reshape(-1, 4)
    triangles = np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]]).astype(np.int32)
    flat = normals.reshape(-1, 3).astype(np.float32)
    parts = np.full(len(triangles), Part.GLASSES, np.uint8)
    return Mesh(vertices.astype(np.float32), flat, (vertices * 100).astype(np.float32), triangles, parts)


def glasses_mesh(eyes: tuple[AnyFloatArray, AnyFloatArray], random: np.random.Generator) -> Mesh:
    """Rims, bridge and temples in front of two eye centres (left, right), head frame, metres."""
    width, height = random.uniform(0.022, 0.030), random.uniform(0.016, 0.025)
    power, radius = random.uniform(2.0, 4.0), random.uniform(0.0008, 0.0024)
    angle = np.linspace(0.0, 2 * np.pi, 28, endpoint=False)
    cosine, sine = np.cos(angle), np.sin(angle)
    outline_x = np.sign(cosine) * np.abs(cosine) ** (2 / power) * width
    outline_y = np.sign(sine) * np.abs(sine) ** (2 / power) * height
    forward = random.uniform(0.024, 0.030)
    pieces = []
    for eye, side in zip(eyes, (1.0, -1.0), strict=True):
        centre = eye + np.array([side * 0.002, -0.003, forward])
        depth = -0.006 * np.maximum(side * outline_x / width, 0.0) ** 2
        rim = centre + np.stack([outline_x, outline_y, depth], axis=1)
        pieces.append(_tube(rim, radius, closed=True))
        hinge = centre + np.array([side * width, height * 0.4, -0.006])
        ear = np.array([side * 0.076, 0.028, -0.005])
        pieces.append(_tube(hinge + np.linspace(0, 1, 8)[:, None] * (ear - hinge), radius, closed=False))
    inner = [
        eye + np.array([-side * (width - 0.002), 0.003, forward]) for eye, side in zip(eyes, (1.0, -1.0), strict=True)
    ]
    pieces.append(_tube(inner[0] + np.linspace(0, 1, 6)[:, None] * (inner[1] - inner[0]), radius, closed=False))
    return merged(pieces)


def cap_mesh(skin: SkinDistance, random: np.random.Generator) -> Mesh:
    """A knitted cap, head frame."""
    spacing = 0.006
    low, high = np.array([-0.11, -0.02, -0.13]), np.array([0.11, 0.19, 0.12])
    points, shape = grid_points(low, high, spacing)
    distance, rest = skin(points)
    thick = random.uniform(0.006, 0.016) + random.uniform(0.0, 0.03) * smoothstep(9.0, 14.0, rest[:, 1])
    rim = random.uniform(6.5, 9.0) - 0.25 * np.clip(6.0 - rest[:, 2], 0.0, 14.0) * random.uniform(0.4, 1.0)
    ribs = 0.0015 * WaveNoise(random)(points, np.array([0.03, 0.03, 0.03]))
    field = np.maximum(distance - thick + ribs, (rim - rest[:, 1]) * 0.01)
    vertices, normals, triangles = surface(field.astype(np.float32), shape, low, spacing)
    rest_out: Float32Array = (vertices * 100).astype(np.float32)
    return Mesh(vertices, normals, rest_out, triangles, np.full(len(triangles), Part.HEADWEAR, np.uint8))
