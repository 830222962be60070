"""From plate to encoding: scales, axes and poses are right, and profiles are refused."""

from pathlib import Path

import numpy as np
import pytest
from tests.ball_head import RADIUS, ball_light, ball_maps, ball_plate, ball_weights
from tests.tiny_networks import constant_portrait, write_weights

from chiaro.runtime.encode import (
    DEFAULT_ROUGHNESS,
    DEFAULT_SPECULAR,
    crop_input,
    encode,
    head_yaw,
    rotation_from_6d,
)
from chiaro.runtime.errors import HeadError
from chiaro.runtime.field.planes import PLANES
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
    ball, maps = ball_plate(), ball_maps()
    image = ball.frame.image * 0.01
    gain = crop_input(image, ball.camera, ball.box).gain
    shown = maps | {"light": maps["light"] * np.float32(0.01 * gain)}  # as the network would name it in its exposure
    write_weights(tmp_path, portrait=constant_portrait(shown))
    dark = encode(image, ball.camera, ball.box, load_network("portrait", folder=tmp_path))
    assert dark.light[0, 0] == pytest.approx(0.01 * ball_light()[0, 0], rel=0.2)


def test_what_the_network_does_not_give_stays_missing(tmp_path: Path) -> None:
    ball = ball_plate()
    portrait = load_network("portrait", folder=ball_weights(tmp_path))
    encoding = encode(ball.frame.image, ball.camera, ball.box, portrait)
    assert encoding.planes is None
    assert encoding.parts is None
    assert encoding.environment is None
    assert (encoding.specular == np.float32(DEFAULT_SPECULAR)).all()
    assert (encoding.roughness == np.float32(DEFAULT_ROUGHNESS)).all()


def test_what_the_network_gives_is_taken(tmp_path: Path) -> None:
    ball, maps = ball_plate(), ball_maps()
    random = np.random.default_rng(0)
    planes = {name: random.normal(size=(1, 4, 64, 64)).astype(np.float32) for name in PLANES}
    more = {
        "specular": np.full((1, 1, 256, 256), 0.04, np.float32),
        "parts": np.full((1, 9, 256, 256), 1 / 9, np.float32),
        "environment": np.full((1, 3, 16, 16), 2.0, np.float32),
    }
    write_weights(tmp_path, portrait=constant_portrait(maps | planes | more))
    dark = encode(0.01 * ball.frame.image, ball.camera, ball.box, load_network("portrait", folder=tmp_path))
    assert (dark.specular == np.float32(0.04)).all()
    assert dark.parts is not None
    assert (dark.parts == 28).all()
    assert dark.environment is not None
    bright = encode(0.02 * ball.frame.image, ball.camera, ball.box, load_network("portrait", folder=tmp_path))
    assert bright.environment == pytest.approx(2.0 * dark.environment, rel=1e-4)  # in the plate's exposure
    assert dark.planes is not None
    for name, plane in planes.items():
        np.testing.assert_array_equal(getattr(dark.planes, name), plane[0])
    truth = -np.sqrt(RADIUS**2 - 0.25**2)
    assert dark.planes.depth[32, 40] == pytest.approx(truth, abs=0.02)
    assert dark.planes.matte[32, 32] == 1.0


def test_where_the_network_contradicts_itself_light_and_albedo_meet_halfway(tmp_path: Path) -> None:
    ball, maps = ball_plate(), ball_maps()
    maps["albedo"] = np.repeat(maps["albedo"][:, :1], 3, axis=1)  # grey: the red ball says nothing of green and blue
    image, found = np.repeat(ball.frame.image[..., :1], 3, axis=-1), []
    for brightness in (1.0, 3.0):  # of the light that the network names, beside the same albedo
        named = maps | {"light": brightness * maps["light"]}
        folder = tmp_path / f"{brightness:g}"
        folder.mkdir()
        write_weights(folder, portrait=constant_portrait(named))
        found.append(encode(image, ball.camera, ball.box, load_network("portrait", folder=folder)))
    agreeing, contradicting = found
    assert contradicting.light[0] / agreeing.light[0] == pytest.approx(3.0**0.5, rel=0.02)
    inside = agreeing.matte > 0.9
    pictures = [one.albedo * (one.transport @ one.light.astype(np.float32)) for one in found]
    np.testing.assert_allclose(pictures[1][inside], pictures[0][inside], rtol=0.03)


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
