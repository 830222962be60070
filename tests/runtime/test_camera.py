"""Cameras project as Blender's do, and refuse what no camera is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiaro.runtime.camera import Camera, camera_from_lens
from chiaro.runtime.errors import CameraError


def test_the_axis_meets_the_middle_of_the_image() -> None:
    camera = camera_from_lens(1920, 1080)
    assert camera.project(np.array([0.0, 0.0, -3.0])) == pytest.approx([960, 540])


def test_a_50_mm_lens_on_36_mm_sees_39_6_degrees() -> None:
    camera = camera_from_lens(1920, 1080, focal_length_mm=50, sensor_width_mm=36)
    edge = camera.directions(np.array([1920.0, 540.0]))
    assert 2 * np.rad2deg(np.arctan(edge[0])) == pytest.approx(39.5978, abs=1e-3)


def test_up_is_up_and_right_is_right() -> None:
    camera = camera_from_lens(100, 100)
    assert camera.project(np.array([1.0, 0.0, -5.0]))[0] > 50
    assert camera.project(np.array([0.0, 1.0, -5.0]))[1] < 50


@given(st.floats(0, 1920), st.floats(0, 1080), st.floats(0.1, 1000))
def test_projection_undoes_directions(x: float, y: float, depth: float) -> None:
    camera = Camera(1920, 1080, 1500, 1400, 930, 560)
    assert camera.project(camera.directions(np.array([x, y])) * depth) == pytest.approx([x, y], abs=1e-6)


@given(st.floats(-500, 500), st.floats(-500, 500), st.floats(-1000, -0.1))
def test_the_matrix_agrees_with_project(x: float, y: float, z: float) -> None:
    camera = Camera(1920, 1080, 1500, 1400, 930, 560)
    point = np.array([x, y, z])
    homogeneous = camera.pixel_from_camera @ point
    assert homogeneous[:2] / homogeneous[2] == pytest.approx(camera.project(point), rel=1e-9, abs=1e-6)


def test_points_behind_the_camera_are_nan() -> None:
    assert np.isnan(camera_from_lens(10, 10).project(np.array([0.0, 0.0, 1.0]))).all()


def test_resizing_keeps_the_view() -> None:
    camera = Camera(1920, 1080, 1500, 1400, 930, 560)
    point = np.array([0.2, 0.1, -1.0])
    assert camera.resized(960, 540).project(point) == pytest.approx(camera.project(point) / 2)


def test_camera_from_world_is_the_inverse() -> None:
    angle = 0.3
    pose = np.eye(4)
    pose[:3, :3] = [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    pose[:3, 3] = [1, 2, 3]
    camera = camera_from_lens(10, 10, world_from_camera=pose)
    assert camera.camera_from_world @ pose == pytest.approx(np.eye(4))


@pytest.mark.parametrize(
    ("pose", "text"),
    [
        (np.eye(3), "4x4 matrix is expected"),
        (np.full((4, 4), np.nan), "finite 4x4"),
        (np.diag([2.0, 2.0, 2.0, 1.0]), "scales, shears or mirrors"),
        (np.diag([-1.0, 1.0, 1.0, 1.0]), "scales, shears or mirrors"),
    ],
)
def test_bad_poses_are_refused(pose: np.ndarray, text: str) -> None:
    with pytest.raises(CameraError, match=text):
        camera_from_lens(10, 10, world_from_camera=pose)


def test_bad_lenses_and_sizes_are_refused() -> None:
    with pytest.raises(CameraError, match="both must be above zero"):
        camera_from_lens(10, 10, focal_length_mm=0)
    with pytest.raises(CameraError, match="at least one pixel"):
        Camera(0, 10, 1, 1, 0, 0)
    with pytest.raises(CameraError, match="must be a positive number"):
        Camera(10, 10, -1, 1, 0, 0)
