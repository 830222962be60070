"""Everything that is true of a view, beyond what the first network is taught: metres, world axes, landmarks, camera."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array, Float64Array
from ...runtime.camera import Camera
from .panorama import PANORAMA_FROM_UPRIGHT
from .person import BytesArray
from .pose import camera_points, crop_camera
from .view import View

# fmt: off
MIRRORED_LANDMARKS = np.array(
    [
        16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
        26, 25, 24, 23, 22, 21, 20, 19, 18, 17,
        27, 28, 29, 30, 35, 34, 33, 32, 31,
        45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
        54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,
    ]
)
# fmt: on
"""Which of the 68 points a point becomes in a mirrored picture."""
HIDDEN_METRES = 0.012
"""A landmark this far behind the surface that is seen in its place is hidden."""


@dataclass(frozen=True)
class Landmarks:
    """Points of the head in a picture.

    Attributes:
        pixels: (N, 2) x and y, the centre of the top-left pixel at 0.5; may lie outside of the picture.
        depth: (N,) metres along the axis.
        visible: (N,) bool: inside the picture and not behind anything.
    """

    pixels: Float32Array
    depth: Float32Array
    visible: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class ViewTruth:
    """What is true of a view whatever the light; the world has z up and its origin in the head's centre, metres.

    Attributes:
        camera: the crop's camera.
        world_from_head: (4, 4) rigid: the head's own axes, in which a mirrored person is mirrored already.
        albedo: (h, w, 3) linear.
        normal: (h, w, 3) unit, camera axes.
        world_normal: (h, w, 3) unit.
        depth: (h, w) metres along the axis; 0 on the background.
        matte: (h, w) 0..1.
        parts: (h, w) uint8 PartClass.
        transport: (h, w, 9) camera axes.
        roughness: (h, w) GGX roughness.
        specular: (h, w) F0.
        landmarks: the 68 points.
        dense: points spread over the face, see `dense_landmarks`.
    """

    camera: Camera
    world_from_head: Float64Array
    albedo: Float32Array
    normal: Float32Array
    world_normal: Float32Array
    depth: Float32Array
    matte: Float32Array
    parts: BytesArray
    transport: Float32Array
    roughness: Float32Array
    specular: Float32Array
    landmarks: Landmarks
    dense: Landmarks


def seen_landmarks(points: AnyFloatArray, view: View) -> Landmarks:
    """Where points (N, 3) of the mesh's head frame, metres, lie in a view."""
    camera = crop_camera(view.pose, view.maps.matte.shape[0], np.eye(3))
    local = camera_points(points, view.pose)
    pixels = camera.project(local)
    depth = -local[:, 2]
    size = camera.width
    inside = np.isfinite(pixels).all(axis=1) & (pixels >= 0.0).all(axis=1) & (pixels < size).all(axis=1)
    column, row = (np.clip(np.nan_to_num(pixels[:, axis]), 0, size - 1).astype(int) for axis in (0, 1))
    front, covered = view.maps.depth[row, column], view.maps.matte[row, column] > 0.5
    visible = inside & covered & (depth < front + HIDDEN_METRES)
    return Landmarks(pixels.astype(np.float32), depth.astype(np.float32), visible)


def view_truth(view: View, upright_from_camera: Float64Array, dense: Float32Array) -> ViewTruth:
    """The truth of a view.

    Args:
        view: drawn.
        upright_from_camera: (3, 3) rotation to axes with y up.
        dense: (N, 3) points of the person, mesh head frame, metres, in the order of a person who is not mirrored.
    """
    maps, pose = view.maps, view.pose
    world_from_camera = PANORAMA_FROM_UPRIGHT @ upright_from_camera
    camera = crop_camera(pose, maps.matte.shape[0], world_from_camera)
    world_from_head = np.eye(4)
    world_from_head[:3, :3] = world_from_camera @ pose.rotation
    points = view.subject.person.landmarks
    return ViewTruth(
        camera=camera,
        world_from_head=world_from_head,
        albedo=maps.albedo,
        normal=maps.normal,
        world_normal=(maps.normal @ world_from_camera.T.astype(np.float32)).astype(np.float32),
        depth=maps.depth,
        matte=maps.matte,
        parts=maps.parts,
        transport=view.transport,
        roughness=maps.roughness,
        specular=maps.specular,
        landmarks=seen_landmarks(points[MIRRORED_LANDMARKS] if pose.mirrored else points, view),
        dense=seen_landmarks(dense, view),
    )
