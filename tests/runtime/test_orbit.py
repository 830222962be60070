"""Orbits keep their target, and go the way they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiaro.runtime.camera import camera_from_lens
from chiaro.runtime.orbit import lamp_pose, looking_along_y, turned_around

ANGLES = st.floats(-1.2, 1.2)
TARGET = np.array([0.1, 2.0, 0.2])


@given(ANGLES, ANGLES)
def test_the_target_stays_in_the_image_at_its_distance(yaw: float, pitch: float) -> None:
    camera = camera_from_lens(1920, 1080, world_from_camera=looking_along_y())
    turned = turned_around(camera, TARGET, yaw=yaw, pitch=pitch)
    before = camera.camera_from_world @ np.append(TARGET, 1)
    after = turned.camera_from_world @ np.append(TARGET, 1)
    assert after == pytest.approx(before, abs=1e-9)


def test_positive_yaw_is_to_the_right_and_positive_pitch_is_up() -> None:
    camera = camera_from_lens(1920, 1080, world_from_camera=looking_along_y())
    assert turned_around(camera, TARGET, yaw=0.3, pitch=0).world_from_camera[0, 3] > 0.1
    assert turned_around(camera, TARGET, yaw=0, pitch=0.3).world_from_camera[2, 3] > 0.1


@given(ANGLES, ANGLES, st.floats(0.1, 10))
def test_a_lamp_shines_on_its_target(yaw: float, pitch: float, distance: float) -> None:
    camera = camera_from_lens(1920, 1080, world_from_camera=looking_along_y())
    pose = lamp_pose(camera, TARGET, yaw=yaw, pitch=pitch, distance=distance)
    assert np.linalg.inv(pose) @ np.append(TARGET, 1) == pytest.approx([0, 0, -distance, 1], abs=1e-9)
    assert pose[:3, :3].T @ pose[:3, :3] == pytest.approx(np.eye(3))
