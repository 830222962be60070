"""Pinhole cameras in Blender's convention: x right, y up, looking along −z, metres.

Pixel coordinates: x to the right, y down, the centre of the top-left pixel is (0.5, 0.5).
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .arrays import AnyFloatArray, Float64Array
from .errors import CameraError
from .small_matrices import determinant, inverse_pose


def _identity_pose() -> Float64Array:
    return np.eye(4)


@dataclass(frozen=True)
class Camera:
    """A pinhole camera with its pose and its intrinsics in pixels at the image's size.

    Attributes:
        width: image width in pixels.
        height: image height in pixels.
        focal_x: focal length in pixel widths.
        focal_y: focal length in pixel heights (differs from focal_x for non-square pixels).
        principal_x: x of the principal point, pixels from the left edge.
        principal_y: y of the principal point, pixels from the top edge.
        world_from_camera: (4, 4) float64 rigid transform, metres.
    """

    width: int
    height: int
    focal_x: float
    focal_y: float
    principal_x: float
    principal_y: float
    world_from_camera: Float64Array = field(default_factory=_identity_pose)

    def __post_init__(self) -> None:
        """Reject sizes, focal lengths and poses that no real camera has."""
        if self.width < 1 or self.height < 1:
            raise CameraError(
                f"The camera's image is {self.width}x{self.height} pixels; "
                "it needs at least one pixel each way: check the render resolution."
            )
        numbers = (self.focal_x, self.focal_y, self.principal_x, self.principal_y)
        if not all(np.isfinite(numbers)) or self.focal_x <= 0 or self.focal_y <= 0:
            raise CameraError(
                f"The camera's focal length is {self.focal_x:g} x {self.focal_y:g} pixels; "
                "it must be a positive number: check the lens and the sensor size."
            )
        pose = np.asarray(self.world_from_camera, dtype=np.float64)
        if pose.shape != (4, 4) or not np.isfinite(pose).all():
            raise CameraError(
                f"The camera's matrix has shape {pose.shape} or holds numbers that are not finite; "
                "a finite 4x4 matrix is expected: check the camera's transform."
            )
        rotation = pose[:3, :3]
        if not np.allclose(rotation.T @ rotation, np.eye(3), atol=1e-4) or determinant(rotation) < 0:
            raise CameraError(
                "The camera's matrix scales, shears or mirrors; a rotation and a position are expected: "
                "apply the scale of the camera and of its parents."
            )
        object.__setattr__(self, "world_from_camera", pose)

    @property
    def intrinsics(self) -> tuple[int, int, float, float, float, float]:
        """Width, height, focal lengths and principal point, in the order of the constructor: all but the pose."""
        return (self.width, self.height, self.focal_x, self.focal_y, self.principal_x, self.principal_y)

    @property
    def camera_from_world(self) -> Float64Array:
        """(4, 4) inverse of the pose."""
        return inverse_pose(self.world_from_camera)

    @property
    def pixel_from_camera(self) -> Float64Array:
        """(3, 3) matrix that takes camera-space points (x, y, z) to homogeneous pixels (x·w, y·w, w), w = −z."""
        return np.array(
            [
                [self.focal_x, 0.0, -self.principal_x],
                [0.0, -self.focal_y, -self.principal_y],
                [0.0, 0.0, -1.0],
            ]
        )

    def directions(self, pixels: AnyFloatArray) -> Float64Array:
        """Camera-space rays through pixels, scaled so that depth along the axis is one.

        Args:
            pixels: (..., 2) pixel coordinates.

        Returns:
            (..., 3) directions with z = −1; multiplied by a depth they are camera-space positions.
        """
        pixels = np.asarray(pixels, dtype=np.float64)
        x = (pixels[..., 0] - self.principal_x) / self.focal_x
        y = (self.principal_y - pixels[..., 1]) / self.focal_y
        return np.stack([x, y, -np.ones_like(x)], axis=-1)

    def project(self, camera_points: AnyFloatArray) -> Float64Array:
        """Project camera-space points to pixels.

        Args:
            camera_points: (..., 3) metres, in front of the camera (z < 0).

        Returns:
            (..., 2) pixel coordinates; points at or behind the camera give NaN.
        """
        points = np.asarray(camera_points, dtype=np.float64)
        depth = np.where(points[..., 2] < 0, -points[..., 2], np.nan)
        x = self.principal_x + self.focal_x * points[..., 0] / depth
        y = self.principal_y - self.focal_y * points[..., 1] / depth
        return np.stack([x, y], axis=-1)

    def pixel_centres(self) -> Float64Array:
        """(height, width, 2) coordinates of all pixel centres."""
        x, y = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
        return np.stack([x, y], axis=-1)

    @cached_property
    def pixel_directions(self) -> Float64Array:
        """(height, width, 3) `directions` of all pixel centres, read-only: several steps of a frame want them."""
        directions = self.directions(self.pixel_centres())
        directions.flags.writeable = False
        return directions

    def resized(self, width: int, height: int) -> "Camera":
        """The same view at another pixel size."""
        scale_x, scale_y = width / self.width, height / self.height
        return Camera(
            width,
            height,
            self.focal_x * scale_x,
            self.focal_y * scale_y,
            self.principal_x * scale_x,
            self.principal_y * scale_y,
            self.world_from_camera,
        )

    def with_pose(self, world_from_camera: Float64Array) -> "Camera":
        """The same lens at another place."""
        return Camera(
            self.width,
            self.height,
            self.focal_x,
            self.focal_y,
            self.principal_x,
            self.principal_y,
            world_from_camera,
        )


def camera_from_lens(
    width: int,
    height: int,
    *,
    focal_length_mm: float = 50.0,
    sensor_width_mm: float = 36.0,
    world_from_camera: Float64Array | None = None,
) -> Camera:
    """A camera from a lens and a sensor fitted along the image's longer side (Blender's "Auto" fit).

    Args:
        width: image width in pixels.
        height: image height in pixels.
        focal_length_mm: focal length in millimetres.
        sensor_width_mm: size of the sensor along the longer side, in millimetres.
        world_from_camera: (4, 4) pose; at the origin looking along −z when None.
    """
    if not focal_length_mm > 0 or not sensor_width_mm > 0:
        raise CameraError(
            f"The lens is {focal_length_mm:g} mm on a {sensor_width_mm:g} mm sensor; both must be above zero."
        )
    focal = focal_length_mm / sensor_width_mm * max(width, height)
    pose = _identity_pose() if world_from_camera is None else world_from_camera
    return Camera(width, height, focal, focal, width / 2, height / 2, pose)
