"""Places around a head: for cameras that orbit it, and lamps that shine on it. World axes, z up."""

import numpy as np

from .arrays import AnyFloatArray, Float64Array
from .camera import Camera


def looking_along_y() -> Float64Array:
    """(4, 4) pose at the origin that looks along +Y with z up: Blender's front view, the plate camera's default."""
    pose = np.eye(4)
    pose[:3, :3] = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    return pose


def turned_around(camera: Camera, target: AnyFloatArray, *, yaw: float, pitch: float) -> Camera:
    """The camera carried around a point, which stays where it was in the image.

    Args:
        camera: where it was.
        target: (3,) the point, metres, world.
        yaw: radians; positive moves the camera to its right.
        pitch: radians; positive moves the camera up.
    """
    right = camera.world_from_camera[:3, 0]
    rotation = rotation_about(np.array([0.0, 0.0, 1.0]), yaw) @ rotation_about(right, -pitch)
    pose = np.eye(4)
    pose[:3, :3] = rotation @ camera.world_from_camera[:3, :3]
    pose[:3, 3] = target + rotation @ (camera.world_from_camera[:3, 3] - target)
    return camera.with_pose(pose)


def rotation_about(axis: AnyFloatArray, angle: float) -> Float64Array:
    """(3, 3) rotation about a unit axis (Rodrigues' formula), radians, right-handed."""
    x, y, z = (float(value) for value in axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation: Float64Array = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
    return rotation


def lamp_pose(camera: Camera, target: AnyFloatArray, *, yaw: float, pitch: float, distance: float) -> Float64Array:
    """A pose from which a lamp, which shines along its −z, shines on a point.

    Args:
        camera: yaw 0 and pitch 0 lie on the line from the point to this camera.
        target: (3,) the point, metres, world.
        yaw: radians; positive is to the camera's right.
        pitch: radians; positive is above the camera.
        distance: metres from the point.

    Returns:
        (4, 4) world_from_lamp.
    """
    turned = turned_around(camera, target, yaw=yaw, pitch=pitch)
    backward = turned.world_from_camera[:3, 3] - target
    backward = backward / np.linalg.norm(backward)
    up = np.array([0.0, 0.0, 1.0]) if abs(backward[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, backward)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(backward, right), backward], axis=1)
    pose[:3, 3] = target + distance * backward
    return pose
