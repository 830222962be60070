"""Where the head is against a camera, and what that does to maps."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array, Float64Array
from ...runtime.camera import Camera
from ...runtime.head import CROP_HALF_WIDTH_METRES
from ...runtime.light.harmonics import harmonics_rotation
from .body import rotation_yaw_pitch_roll

MIRROR_SIGNS = np.array([1, 1, 1, -1, -1, 1, 1, -1, 1], np.float32)
"""What x ↦ −x does to each harmonic."""
PAPER_FIELD_OF_VIEW, PAPER_PITCH, PAPER_YAW = 18.8, 26.0, 49.0
"""Cameras of R3DPVR (sec. 4): full angle of view, and ranges of the head's pitch and yaw, degrees."""


@dataclass(frozen=True)
class Pose:
    """Where the head is against the crop camera.

    Attributes:
        rotation: (3, 3) crop_camera_from_head.
        offset: (3,) head centre in camera space, metres (z < 0).
        half_width: metres, true half width of the crop at the head's depth.
        mirrored: whether the mesh is mirrored.
    """

    rotation: Float64Array
    offset: Float64Array
    half_width: float
    mirrored: bool

    @property
    def tangent(self) -> float:
        """Half the crop's width at depth one."""
        return self.half_width / -float(self.offset[2])

    @property
    def numbers(self) -> Float32Array:
        """(9,) the portrait network's head output: two columns of the rotation, centre, logarithm of the scale."""
        centre = self.offset[:2] / self.half_width
        scale = np.log(self.half_width / CROP_HALF_WIDTH_METRES)
        return np.concatenate([self.rotation[:, 0], self.rotation[:, 1], centre, [scale]]).astype(np.float32)


def _degrees(random: np.random.Generator, spread: float, limit: float, extreme: float) -> float:
    """An angle in radians: mostly normal within the limit, 12 % anywhere up to the extreme (all in degrees)."""
    if random.uniform() < 0.12:
        return float(np.deg2rad(random.uniform(-extreme, extreme)))
    return float(np.deg2rad(np.clip(random.normal() * spread, -limit, limit)))


def random_half_angle(random: np.random.Generator) -> float:
    """Half the angle of view of a crop, radians: a third near R3DPVR's lens, the others from 8° to 40° in full."""
    if random.uniform() < 0.33:
        full = PAPER_FIELD_OF_VIEW * np.exp(random.normal() * 0.1)
    else:
        full = np.exp(random.uniform(np.log(8.0), np.log(40.0)))
    return 0.5 * float(np.deg2rad(np.clip(full, 8.0, 40.0)))


def random_pose(random: np.random.Generator) -> Pose:
    """Yaw mostly under 55° and up to ±80°, pitch to ±34°, roll to ±10°, any lens, with jitter of the crop."""
    yaw = _degrees(random, 25.0, 60.0, 80.0)
    pitch = _degrees(random, 11.0, 30.0, 34.0)
    roll = np.deg2rad(np.clip(random.normal() * 4.0, -10.0, 10.0))
    half_width = CROP_HALF_WIDTH_METRES * float(np.clip(np.exp(random.normal() * 0.1 - 0.03), 0.75, 1.2))
    distance = half_width / np.tan(random_half_angle(random))
    shift = random.uniform(-0.08, 0.08, 2) * half_width
    mirrored = bool(random.uniform() < 0.5)
    return Pose(rotation_yaw_pitch_roll(yaw, pitch, roll), np.array([*shift, -distance]), half_width, mirrored)


def further_pose(pose: Pose, random: np.random.Generator) -> Pose:
    """Another camera on the same moment: anywhere over R3DPVR's ranges and a little beyond, with its own lens."""
    yaw = np.deg2rad(random.uniform(-1.1, 1.1) * PAPER_YAW)
    pitch = np.deg2rad(random.uniform(-1.1, 1.1) * PAPER_PITCH)
    roll = np.deg2rad(random.normal() * 3.0)
    distance = pose.half_width / np.tan(random_half_angle(random))
    shift = random.uniform(-0.05, 0.05, 2) * pose.half_width
    rotation = rotation_yaw_pitch_roll(yaw, pitch, roll)
    return Pose(rotation, np.array([*shift, -distance]), pose.half_width, pose.mirrored)


def mesh_rotation(pose: Pose) -> Float64Array:
    """(3, 3) orthogonal, camera from the mesh's axes: mirrors x first when the pose is mirrored."""
    return pose.rotation * (np.array([-1.0, 1.0, 1.0]) if pose.mirrored else 1.0)


def turned_transport(transport: Float32Array, pose: Pose) -> Float32Array:
    """(h, w, 9) transport from the mesh's head axes to the crop camera's."""
    turn = harmonics_rotation(pose.rotation) * (MIRROR_SIGNS if pose.mirrored else 1.0)
    turned: Float32Array = transport @ turn.T.astype(np.float32)
    return turned


def camera_points(head_points: AnyFloatArray, pose: Pose) -> Float64Array:
    """(..., 3) points of the mesh's head frame in camera space, metres."""
    result: Float64Array = head_points @ mesh_rotation(pose).T + pose.offset
    return result


def crop_camera(pose: Pose, size: int, world_from_camera: Float64Array) -> Camera:
    """The crop's pinhole camera.

    Args:
        pose: of the head.
        size: pixels.
        world_from_camera: (3, 3) rotation; the world's origin lies in the head's centre.
    """
    matrix = np.eye(4)
    matrix[:3, :3] = world_from_camera
    matrix[:3, 3] = -world_from_camera @ pose.offset
    focal = size / 2 / pose.tangent
    return Camera(size, size, focal, focal, size / 2, size / 2, matrix)
