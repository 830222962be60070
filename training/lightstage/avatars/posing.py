"""Posing by the skeleton: arms come down, the head turns against the body, and the frame of the head is left still."""

import numpy as np

from ....runtime.arrays import Float32Array, Float64Array
from ..body import rotation_yaw_pitch_roll
from .topology import JOINTS, PARENTS, BytesArray

HEAD, NECK = JOINTS.index("Head"), JOINTS.index("Neck")
NECK_SHARE = 0.45
"""Part of a turn of the head that the neck's lower joint makes."""


def rotation_about(axis: Float64Array, angle: float) -> Float64Array:
    """(3, 3) rotation about a unit axis (Rodrigues' formula)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    result: Float64Array = np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
    return result


def share_of_rotation(rotation: Float64Array, share: float) -> Float64Array:
    """(3, 3) the same turn by a share of its angle."""
    angle = np.arccos(np.clip((np.trace(rotation) - 1.0) / 2.0, -1.0, 1.0))
    if angle < 1e-6:
        return np.eye(3)
    axis = np.array([rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]])
    return rotation_about(axis / np.linalg.norm(axis), share * float(angle))


def random_turn(random: np.random.Generator) -> Float64Array:
    """(3, 3) rotation of the head against the torso."""
    return rotation_yaw_pitch_roll(
        float(np.clip(random.normal() * 0.28, -0.75, 0.75)),
        float(np.clip(random.normal() * 0.13, -0.32, 0.32)),
        float(np.clip(random.normal() * 0.09, -0.22, 0.22)),
    )


def random_arms(random: np.random.Generator) -> dict[str, Float64Array]:
    """Rotations of the joints of both arms, from stretched out to hanging."""
    forward, across = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
    result = {}
    lowered, shrug = random.uniform(1.12, 1.36), random.uniform(-0.06, 0.12)
    for name, side in (("Left", 1.0), ("Right", -1.0)):
        down = lowered + random.normal() * 0.03
        swing = rotation_about(np.array([1.0, 0.0, 0.0]), float(random.normal() * 0.12))
        result[name + "Shoulder"] = rotation_about(forward, -side * float(shrug + random.normal() * 0.02))
        result[name + "Arm"] = swing @ rotation_about(forward, -side * float(down))
        result[name + "ForeArm"] = rotation_about(across, -side * float(random.uniform(0.0, 0.25)))
    return result


def joint_motions(positions: Float32Array, rotations: dict[str, Float64Array]) -> Float64Array:
    """(J, 4, 4) posed_from_rest of each joint, with the head left where it is.

    Args:
        positions: (J, 3) joints at rest.
        rotations: (3, 3) of joints by name, rest axes; the others do not turn against their parent.
    """
    motions = np.tile(np.eye(4), (len(JOINTS), 1, 1))
    for index, (name, parent) in enumerate(zip(JOINTS, PARENTS, strict=True)):
        local = np.eye(4)
        if name in rotations:
            centre = positions[index].astype(np.float64)
            local[:3, :3] = rotations[name]
            local[:3, 3] = centre - rotations[name] @ centre
        motions[index] = local if parent < 0 else motions[parent] @ local
    result: Float64Array = np.linalg.inv(motions[HEAD]) @ motions
    return result


def skinned_vertices(
    vertices: Float32Array, joints: BytesArray, weights: Float32Array, motions: Float64Array
) -> Float32Array:
    """(V, 3) vertices moved by their joints (linear blend skinning).

    Args:
        vertices: (V, 3) at rest.
        joints: (V, K) uint8.
        weights: (V, K), summing to one.
        motions: (J, 4, 4) posed_from_rest.
    """
    moved = np.zeros((len(vertices), 3), np.float32)
    matrices = motions.astype(np.float32)
    for k in range(joints.shape[1]):
        share = weights[:, k]
        for joint in np.unique(joints[share > 0.0, k]):
            chosen = np.flatnonzero((joints[:, k] == joint) & (share > 0.0))
            at = vertices[chosen] @ matrices[joint, :3, :3].T + matrices[joint, :3, 3]
            moved[chosen] += share[chosen, None] * at
    return moved


def turn_rotations(turn: Float64Array) -> dict[str, Float64Array]:
    """Rotations of neck and head that together turn the head against the torso by `turn`."""
    lower = share_of_rotation(turn, NECK_SHARE)
    return {"Neck": lower, "Head": share_of_rotation(turn, 1.0 - NECK_SHARE)}


def wig_weights(vertices: Float32Array, joint_positions: Float32Array) -> tuple[BytesArray, Float32Array]:
    """(W, 2) joints and weights of hair: with the head above the chin, with the body where it lies on the shoulders.

    Args:
        vertices: (W, 3) at rest.
        joint_positions: (J, 3).
    """
    head, neck = joint_positions[HEAD, 1], joint_positions[NECK, 1]
    t = np.clip((vertices[:, 1] - (neck - 0.02)) / (head + 0.02 - (neck - 0.02)), 0.0, 1.0)
    share = (t * t * (3.0 - 2.0 * t)).astype(np.float32)
    joints = np.tile(np.array([HEAD, JOINTS.index("Spine2")], np.uint8), (len(vertices), 1))
    return joints, np.stack([share, 1.0 - share], axis=1)
