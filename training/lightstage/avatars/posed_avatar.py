"""A mixed face with an expression, a gaze and a pose, in the head frame."""

from dataclasses import dataclass

import numpy as np

from ....runtime.arrays import Float32Array
from .avatar_model import AvatarModel
from .posing import joint_motions, skinned_vertices, wig_weights
from .topology import MESHES, Topology
from .variation import Mixture, mixed


@dataclass(frozen=True)
class PosedAvatar:
    """An avatar's surfaces in the head frame.

    Attributes:
        body: (V, 3) float32 metres, the shared mesh.
        wig: (W, 3) float32 metres.
        eye_rest: (V, 3) float32: ten times the direction from the eyeball's centre in its own axes; zero elsewhere.
        landmarks: (68, 3) float32 metres.
    """

    body: Float32Array
    wig: Float32Array
    eye_rest: Float32Array
    landmarks: Float32Array


def sphere_centre(points: Float32Array) -> Float32Array:
    """(3,) centre of the sphere through points (N, 3), by linear least squares."""
    middle = points.mean(axis=0)
    near = (points - middle).astype(np.float64)
    design = np.c_[2.0 * near, np.ones(len(near))]
    solution = np.linalg.lstsq(design, (near**2).sum(axis=1), rcond=None)[0]
    result: Float32Array = (solution[:3] + middle).astype(np.float32)
    return result


def _turned_eyes(vertices: Float32Array, topology: Topology, gaze: tuple[float, float]) -> Float32Array:
    """Turn the eyeballs in `vertices` in place; returns their rest directions."""
    yaw, pitch = gaze
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    turn = (about_y @ about_x).astype(np.float32)
    rest = np.zeros_like(vertices)
    for mesh in ("h_L_eye", "h_R_eye"):
        chosen = topology.mesh == MESHES.index(mesh)
        centre = sphere_centre(vertices[chosen])
        arm = vertices[chosen] - centre
        rest[chosen] = 10.0 * arm / np.linalg.norm(arm, axis=1, keepdims=True)
        vertices[chosen] = arm @ turn.T + centre
    return rest


def posed_avatar(
    model: AvatarModel,
    mixture: Mixture,
    weights: dict[str, float],
    gaze: tuple[float, float],
    rotations: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]],
) -> PosedAvatar:
    """Shape, expression, gaze and pose.

    Args:
        model: the avatars.
        mixture: whose face.
        weights: of shape keys.
        gaze: radians to the person's left and up, against the head.
        rotations: of joints by name (see `posing.joint_motions`).
    """
    base = mixture.shapes[0]
    vertices, joints, wig = mixed(mixture, model.topology, weights)
    rest = _turned_eyes(vertices, model.topology, gaze)
    motions = joint_motions(joints, rotations)
    body = skinned_vertices(vertices, base.joints, base.weights, motions)
    hair = skinned_vertices(wig, *wig_weights(wig, joints), motions)
    # The frame is that of a face at rest: jaws that open do not move it, nor does a turned head.
    origin = model.ears.on(body).mean(axis=0)
    body, hair = body - origin, hair - origin
    return PosedAvatar(body, hair, rest, model.landmarks.on(body))
