"""Lamps of the virtual stage: they stand in the directions for which visibility was ray-cast."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from .lights import lamp_colour
from .transport import sphere_directions


@dataclass(frozen=True)
class Lamp:
    """A distant lamp.

    Attributes:
        direction: (3,) unit, head axes of the mesh (before mirroring).
        members: indices of the ray-cast directions it is made of; more than one for a large, soft lamp.
        weights: (M,) shares of the members, sum 1.
        irradiance: (3,) on a facing surface, relative to an environment of mean radiance 1.
    """

    direction: Float64Array
    members: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    weights: Float64Array
    irradiance: Float64Array


def random_lamps(random: np.random.Generator, head_from_camera: Float64Array) -> tuple[Lamp, ...]:
    """None to three lamps: key light from the front quarter, side light, back light.

    Args:
        random: generator.
        head_from_camera: (3, 3) to the mesh's head axes.
    """
    count = int(random.choice(4, p=[0.30, 0.38, 0.22, 0.10]))
    directions = sphere_directions().astype(np.float64)
    return tuple(_random_lamp(random, head_from_camera, directions) for _ in range(count))


def _random_lamp(random: np.random.Generator, head_from_camera: Float64Array, directions: Float64Array) -> Lamp:
    kind = random.uniform()
    if kind < 0.45:
        azimuth, spread = random.normal() * 0.7, 0.0
    elif kind < 0.75:
        azimuth, spread = random.choice([-1, 1]) * random.uniform(0.9, 1.9), 0.0
    else:
        azimuth, spread = np.pi + random.normal() * 0.6, 0.25
    elevation = np.clip(random.normal() * 0.4 + 0.35 + spread, -0.9, 1.4)
    towards = np.array([np.cos(elevation) * np.sin(azimuth), np.sin(elevation), np.cos(elevation) * np.cos(azimuth)])
    closeness = directions @ (head_from_camera @ towards)
    size = int(random.choice([1, 1, 3, 6]))
    members = np.argsort(-closeness)[:size]
    weights = random.uniform(0.7, 1.0, size)
    weights /= weights.sum()
    mean = weights @ directions[members]
    strength = np.exp(random.normal() * 0.8 + 0.9) * (1.4 if spread else 1.0)
    return Lamp(mean / np.linalg.norm(mean), members, weights, lamp_colour(random) * strength)


def vertex_visibility(
    lamps: tuple[Lamp, ...], packed_bits: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], normals: Float32Array
) -> Float32Array:
    """(V, L) share of n·l that reaches each vertex: 0 in shadow, 1 where the lamp is fully seen.

    Args:
        lamps: the lamps.
        packed_bits: (V, 16) visibility of the ray-cast directions.
        normals: (V, 3) head axes.
    """
    directions = sphere_directions()
    result = np.zeros((len(packed_bits), len(lamps)), np.float32)
    for column, lamp in enumerate(lamps):
        lit, total = np.zeros(len(packed_bits), np.float32), np.full(len(packed_bits), 1e-4, np.float32)
        for member, weight in zip(lamp.members, lamp.weights, strict=True):
            seen = (packed_bits[:, member >> 3] >> np.uint8(7 - (member & 7))) & 1
            cosine = np.maximum(normals @ directions[member], 0.0) * np.float32(weight)
            lit += cosine * seen
            total += cosine
        result[:, column] = lit / total
    return result
