"""The camera in an EXR header: the standard attributes worldToCamera and worldToNDC.

OpenEXR multiplies row vectors from the left, `p_camera = p_world · worldToCamera`, so its matrices are the transposes
of ours. Its camera space (RenderMan's) is left-handed: x right, y up, z *forward*, where Blender's looks along −z.
Its NDC has (0, 0) at the top left corner of the display window and (1, 1) at the bottom right. World axes are
Blender's: right-handed, z up, metres. (OpenEXR, "Standard Attributes"; ImfStandardAttributes.h.)
"""

import numpy as np

from ..arrays import AnyFloatArray, Float64Array
from ..camera import Camera

FORWARD_FROM_BACKWARD = np.diag([1.0, 1.0, -1.0, 1.0])
"""Blender's camera axes to OpenEXR's, and back."""


def world_to_camera(camera: Camera) -> Float64Array:
    """(4, 4) OpenEXR worldToCamera, for row vectors."""
    return (FORWARD_FROM_BACKWARD @ camera.camera_from_world).T


def world_to_ndc(camera: Camera) -> Float64Array:
    """(4, 4) OpenEXR worldToNDC, for row vectors; divide by w. The z it gives, to be ignored, is one over the depth."""
    ndc_from_pixel = np.diag([1 / camera.width, 1 / camera.height, 1.0])
    x, y, w = ndc_from_pixel @ camera.pixel_from_camera
    ndc_from_camera = np.array([[*x, 0.0], [*y, 0.0], [0.0, 0.0, 0.0, 1.0], [*w, 0.0]])
    return (ndc_from_camera @ camera.camera_from_world).T


def camera_from_matrices(to_camera: AnyFloatArray, to_ndc: AnyFloatArray, width: int, height: int) -> Camera:
    """The camera that the two attributes describe.

    Args:
        to_camera: (4, 4) worldToCamera.
        to_ndc: (4, 4) worldToNDC.
        width: of the display window, pixels.
        height: of the display window, pixels.

    Raises:
        CameraError: the matrices are those of no pinhole camera.
    """
    camera_from_world = FORWARD_FROM_BACKWARD @ np.asarray(to_camera, np.float64).T
    rotation, translation = camera_from_world[:3, :3], camera_from_world[:3, 3]
    pose = np.eye(4)
    pose[:3, :3] = rotation.T
    pose[:3, 3] = -rotation.T @ translation
    ndc_from_world = np.asarray(to_ndc, np.float64).T
    # Only the rotation is needed to undo the pose, which keeps far cameras precise.
    lens = ndc_from_world[[0, 1, 3], :3] @ rotation.T
    lens = lens / -lens[2, 2]
    return Camera(
        width=width,
        height=height,
        focal_x=float(lens[0, 0]) * width,
        focal_y=float(-lens[1, 1]) * height,
        principal_x=float(-lens[0, 2]) * width,
        principal_y=float(-lens[1, 2]) * height,
        world_from_camera=pose,
    )
