"""More faces than there are avatars: features of other avatars mixed in, and proportions of head and body."""

from dataclasses import dataclass

import numpy as np

from ....runtime.arrays import Float32Array
from .layout import MIDDLE
from .shape import AvatarShape
from .topology import JOINTS, Topology

EYES = (JOINTS.index("LeftEye"), JOINTS.index("RightEye"))
BODY = 0
"""Index in topology.MESHES of the mesh of skin and clothes."""


@dataclass(frozen=True)
class Mixture:
    """A face made of several avatars' faces, on the head and body of the first.

    Attributes:
        shapes: the avatars; the first gives skull, body, hair and clothes.
        shares: of each in the face, summing to one; some may be negative.
        scale: (3,) factors on the head's width, height and depth.
        breadth: factor on the width of the body.
    """

    shapes: tuple[AvatarShape, ...]
    shares: tuple[float, ...]
    scale: Float32Array
    breadth: float


def random_mixture(base: AvatarShape, others: list[AvatarShape], random: np.random.Generator) -> Mixture:
    """A random face on the head of `base`.

    Args:
        base: gives skull, body, hair and clothes.
        others: whose features may be mixed in.
        random: numbers.
    """
    chosen = [others[i] for i in random.choice(len(others), min(2, len(others)), replace=False)] if others else []
    first, second = random.uniform(-0.35, 0.75), random.uniform(-0.3, 0.4)
    shares = [float(first), float(second)][: len(chosen)]
    stretch = np.exp(random.normal(size=3) * np.array([0.025, 0.025, 0.02]) + random.normal() * 0.02)
    return Mixture(
        (base, *chosen),
        (1.0 - sum(shares), *shares),
        np.clip(stretch, 0.92, 1.08).astype(np.float32),
        float(np.clip(np.exp(random.normal() * 0.05), 0.88, 1.12)),
    )


def _step(low: float, high: float, value: Float32Array) -> Float32Array:
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    result: Float32Array = (t * t * (3.0 - 2.0 * t)).astype(np.float32)
    return result


def face_weight(topology: Topology) -> Float32Array:
    """(V,) 1 on the face, eyes and teeth, falling to 0 at the hairline, the ears and the neck."""
    u, v = topology.uv[:, 0], topology.uv[:, 1]
    radius = np.sqrt(((u - MIDDLE) / 0.165) ** 2 + ((v - 0.285) / np.where(v < 0.285, 0.155, 0.185)) ** 2)
    weight = 1.0 - _step(0.62, 1.0, radius.astype(np.float32))
    result: Float32Array = np.where(topology.mesh == BODY, weight, np.float32(1.0)).astype(np.float32)
    return result


def _inner_mouth(topology: Topology) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(V,) vertices of the charts inside the mouth, which move with the teeth."""
    u, v = topology.uv[:, 0], topology.uv[:, 1]
    upper = (u < 0.087) & (v < 0.085)
    lower = (u > 0.885) & (u < 0.974) & (v > 0.383) & (v < 0.455)
    result: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (topology.mesh == BODY) & (upper | lower)
    return result


def _expressed(shape: AvatarShape, weights: dict[str, float]) -> Float32Array:
    vertices = shape.vertices.copy()
    for name, amount in weights.items():
        shape.keys.add(vertices, name, amount)
    return vertices


def mixed(
    mixture: Mixture, topology: Topology, weights: dict[str, float]
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """The mixture's body with an expression, arms stretched out.

    Args:
        mixture: the face and the proportions.
        topology: the shared mesh.
        weights: of shape keys.

    Returns:
        vertices (V, 3) metres, joint positions (J, 3), wig vertices (W, 3).
    """
    base, eyes = mixture.shapes[0], list(EYES)
    own = _expressed(base, weights)
    face, joints = mixture.shares[0] * own, base.joint_positions.copy()
    joints[eyes] *= np.float32(mixture.shares[0])
    centre, width = _eyes(base)
    for shape, share in zip(mixture.shapes[1:], mixture.shares[1:], strict=True):
        other, other_width = _eyes(shape)
        scale = np.float32(width / other_width)
        face += np.float32(share) * (scale * (_expressed(shape, weights) - other) + centre)
        joints[eyes] += np.float32(share) * (scale * (shape.joint_positions[eyes] - other) + centre)
    weight = face_weight(topology)
    weight[_inner_mouth(topology)] = 1.0
    vertices = own + weight[:, None] * (face - own)
    stretched = [
        proportioned(points, mixture, base.joint_positions) for points in (vertices, joints, base.wig.vertices)
    ]
    return stretched[0], stretched[1], stretched[2]


def _eyes(shape: AvatarShape) -> tuple[Float32Array, float]:
    """Middle of the eyes (3,) and their distance, metres."""
    left, right = (shape.joint_positions[index] for index in EYES)
    return (0.5 * (left + right)).astype(np.float32), float(np.linalg.norm(left - right))


def proportioned(points: Float32Array, mixture: Mixture, joint_positions: Float32Array) -> Float32Array:
    """Points (N, 3) of a body with the head stretched and the body widened by the mixture's factors."""
    head, neck = joint_positions[JOINTS.index("Head")], joint_positions[JOINTS.index("Neck")]
    above = _step(float(neck[1]), float(head[1]), points[:, 1])[:, None]
    factors = 1.0 + (mixture.scale - 1.0) * above
    factors[:, :1] *= 1.0 + (mixture.breadth - 1.0) * (1.0 - above)
    pivot = np.array([0.0, head[1], head[2]], np.float32)
    result: Float32Array = (pivot + (points - pivot) * factors).astype(np.float32)
    # Only the head grows in height: what lies below its joint stays.
    below = points[:, 1] < head[1]
    result[below, 1] = points[below, 1]
    return result
