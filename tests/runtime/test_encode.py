"""From plate to encoding: scales, axes and poses are right, and profiles are refused."""

from pathlib import Path

import numpy as np
import pytest
from tests.ball_head import RADIUS, ball_light, ball_plate, ball_weights

from chiaro.runtime.encode import encode, head_yaw, rotation_from_6d
from chiaro.runtime.errors import HeadError
from chiaro.runtime.head import CROP_HALF_WIDTH_METRES
from chiaro.runtime.network import load_network


def test_the_ball_is_encoded_in_metres_and_in_the_plates_exposure(tmp_path: Path) -> None:
    ball = ball_plate()
    portrait = load_network("portrait", folder=ball_weights(tmp_path))
    encoding = encode(ball.frame.image, ball.camera, ball.box, portrait)
    assert encoding.depth[128, 128] == pytest.approx(
        encoding.crop.head_distance - RADIUS * CROP_HALF_WIDTH_METRES, abs=1e-4
    )
    assert np.linalg.norm(encoding.normal, axis=-1) == pytest.approx(1.0, abs=1e-5)
    assert encoding.light[:, 0] == pytest.approx(ball_light()[:, 0], abs=0.08)
    assert encoding.crop_camera_from_head[2, 3] == pytest.approx(-encoding.crop.head_distance)


def test_the_light_scales_with_the_plate(tmp_path: Path) -> None:
    ball = ball_plate()
    portrait = load_network("portrait", folder=ball_weights(tmp_path))
    dark = encode(ball.frame.image * 0.01, ball.camera, ball.box, portrait)
    assert dark.light[0, 0] == pytest.approx(0.01 * ball_light()[0, 0], rel=0.2)


def test_a_profile_is_refused(tmp_path: Path) -> None:
    ball = ball_plate()
    portrait = load_network("portrait", folder=ball_weights(tmp_path, yaw=np.deg2rad(80)))
    with pytest.raises(HeadError, match="turned 80 degrees away from the camera; up to 65 degrees"):
        encode(ball.frame.image, ball.camera, ball.box, portrait)


def test_six_numbers_make_a_rotation() -> None:
    random = np.random.default_rng(0)
    rotation = rotation_from_6d(random.normal(size=6))
    assert rotation.T @ rotation == pytest.approx(np.eye(3))
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    assert rotation_from_6d(np.zeros(6)).shape == (3, 3)


def test_yaw_is_positive_to_the_images_right() -> None:
    pose = np.eye(4)
    pose[:3, 2] = [np.sin(0.4), 0, np.cos(0.4)]
    assert head_yaw(pose) == pytest.approx(0.4)
