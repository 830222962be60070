"""Where cameras stand relative to the encoded head."""

import numpy as np

from ..arrays import Float64Array
from ..camera import Camera
from ..crop import Crop
from ..errors import CameraError
from ..small_matrices import inverse_pose

SURFACE_REACH = 0.16
"""Metres before and behind the head's centre (midway between the ears) within which the visible surface lies."""
HEAD_RADIUS = 0.13
"""Metres: a camera nearer to the head's centre than this stands inside the head."""
LARGEST_TANGENT = 1.5
"""Half the widest view crop as a tangent; only a camera that almost touches the head would need more."""

_SAME_PIXEL = 0.02
"""Pixels by which two cameras may differ and still count as one: far below what can be seen."""
_SAME_POSITION = 1e-4
"""Metres; a tenth of a millimetre moves a head one metre away by a hundredth of a pixel of the crop."""


def world_from_crop_camera(crop: Crop, plate_camera: Camera) -> Float64Array:
    """(4, 4) pose of the crop's camera in the world."""
    pose: Float64Array = plate_camera.world_from_camera @ crop.camera.world_from_camera
    return pose


def head_centre(crop: Crop, plate_camera: Camera) -> Float64Array:
    """(3,) metres, world."""
    centre: Float64Array = (world_from_crop_camera(crop, plate_camera) @ [0.0, 0.0, -crop.head_distance, 1.0])[:3]
    return centre


def head_volume(crop: Crop) -> Float64Array:
    """(8, 3) corners, in the crop camera's space, of the part of its frustum in which the surface lies."""
    size = float(crop.camera.width)
    corners = crop.camera.directions(np.array([[0.0, 0.0], [size, 0.0], [0.0, size], [size, size]]))
    nearest = max(crop.head_distance - SURFACE_REACH, 0.1 * crop.head_distance)
    return np.concatenate([corners * nearest, corners * (crop.head_distance + SURFACE_REACH)])


def same_view(first: Camera, second: Camera) -> bool:
    """Whether two cameras see the same image, up to its pixel size."""
    if np.linalg.norm(first.world_from_camera[:3, 3] - second.world_from_camera[:3, 3]) > _SAME_POSITION:
        return False
    second = second.resized(first.width, first.height)
    corners = np.array([[0.0, 0.0], [first.width, 0.0], [0.0, first.height], [first.width, first.height]])
    rays = first.directions(corners) @ first.world_from_camera[:3, :3].T @ second.world_from_camera[:3, :3]
    seen = second.project(rays)
    tolerance = max(_SAME_PIXEL, 1e-5 * max(first.width, first.height))
    return bool(np.abs(np.nan_to_num(seen, nan=np.inf) - corners).max() <= tolerance)


def check_lens(crop: Crop, plate_camera: Camera) -> None:
    """Refuse a plate camera that is not the one the plate was encoded with.

    Raises:
        CameraError: its lens gives another crop.
    """
    camera = plate_camera.resized(crop.plate_width, crop.plate_height)
    crop_size = float(crop.camera.width)
    corners = np.array([[0.0, 0.0, 1.0], [crop_size, 0.0, 1.0], [0.0, crop_size, 1.0], [crop_size, crop_size, 1.0]])
    expected = corners @ crop.plate_from_crop.T
    rays = crop.camera.directions(corners[:, :2]) @ crop.plate_camera_from_crop_camera.T
    difference = float(np.abs(camera.project(rays) - expected[:, :2] / expected[:, 2:]).max())
    if not difference <= 0.5:
        raise CameraError(
            f"The plate camera's lens ({plate_camera.focal_x:.1f} pixels at {plate_camera.width}x{plate_camera.height})"
            " is not the one this frame was encoded with; encode the frame again with this camera."
        )


def check_outside_head(crop: Crop, plate_camera: Camera, render_camera: Camera) -> None:
    """Refuse a camera inside the head.

    Raises:
        CameraError: the camera is nearer to the head's centre than HEAD_RADIUS.
    """
    distance = float(np.linalg.norm(render_camera.world_from_camera[:3, 3] - head_centre(crop, plate_camera)))
    if distance < HEAD_RADIUS:
        raise CameraError(
            f"The render camera stands {100 * distance:.0f} cm from the centre of the head, inside it; "
            f"move it at least {100 * HEAD_RADIUS:.0f} cm away."
        )


def sees_head(crop: Crop, plate_camera: Camera, render_camera: Camera) -> bool:
    """Whether any of the head's volume can be inside the camera's image."""
    render_from_crop = render_camera.camera_from_world @ world_from_crop_camera(crop, plate_camera)
    corners = head_volume(crop) @ render_from_crop[:3, :3].T + render_from_crop[:3, 3]
    in_front = corners[:, 2] < -1e-3
    if not in_front.any():
        return False
    if not in_front.all():
        return True
    pixels = render_camera.project(corners)
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    return bool((high > 0).all() and low[0] < render_camera.width and low[1] < render_camera.height)


def view_crop_camera(crop: Crop, plate_camera: Camera, render_camera: Camera, size: int) -> Camera:
    """A square camera that stands where the render camera stands and holds the head's volume.

    The volume is the crop's frustum, not the person in it, so the camera does not breathe with the actor.
    """
    position = render_camera.world_from_camera[:3, 3]
    backward = position - head_centre(crop, plate_camera)
    backward /= np.linalg.norm(backward)
    right = np.cross(render_camera.world_from_camera[:3, 1], backward)
    if np.linalg.norm(right) < 1e-3:  # The head stands straight above or below: any upright will do.
        right = np.cross(render_camera.world_from_camera[:3, 2], backward)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(backward, right), backward], axis=1)
    pose[:3, 3] = position

    view_from_crop = inverse_pose(pose) @ world_from_crop_camera(crop, plate_camera)
    corners = head_volume(crop) @ view_from_crop[:3, :3].T + view_from_crop[:3, 3]
    depth = np.maximum(-corners[:, 2], 1e-6)
    tangent = min(float((np.abs(corners[:, :2]) / depth[:, None]).max()), LARGEST_TANGENT)
    focal = size / 2 / tangent
    return Camera(size, size, focal, focal, size / 2, size / 2, pose)


def pixels_of_view(at_256: int, camera: Camera) -> int:
    """Pixels of a view of another size, at least one."""
    return max(1, round(at_256 * camera.width / 256))
