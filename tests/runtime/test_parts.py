"""Part mattes from a network whose answer is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.ball_head import BallPlate, ball_maps, ball_plate, ball_weights
from tests.tiny_networks import constant_portrait, red_disc_locator, write_weights

from chiaro.runtime.compose.part_mattes import plate_parts
from chiaro.runtime.encode import encode
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.errors import WeightsError
from chiaro.runtime.head import HeadBox
from chiaro.runtime.network import load_network
from chiaro.runtime.parts import PARTS, crop_parts


def _weights(folder: Path, channels: int = 8) -> Path:
    matte = ball_maps()["matte"][0, 0]
    parts = np.zeros((1, channels, 256, 256), np.float32)
    left = np.arange(256) < 128
    parts[0, 0], parts[0, 1], parts[0, 6] = 1 - matte, matte * left, matte * ~left
    folder.mkdir()
    portrait = constant_portrait({**ball_maps(), "parts": parts})
    return write_weights(folder, locator=red_disc_locator(), portrait=portrait)


def _encoded(ball: BallPlate, weights: Path, box: HeadBox | None = None) -> Encoding:
    return encode(ball.frame.image, ball.camera, box or ball.box, load_network("portrait", folder=weights))


@pytest.mark.parametrize("channels", [8, 9])
def test_mattes_lie_on_the_ball(tmp_path: Path, channels: int) -> None:
    ball = ball_plate(320, 240)
    mattes = plate_parts(ball.frame.image, _encoded(ball, _weights(tmp_path / "weights", channels)))
    assert mattes.shape == (240, 320, len(PARTS))
    y, x = np.mgrid[:240, :320] + 0.5
    distance = np.hypot(x - 160, y - 120)
    skin, hair = mattes[..., PARTS.index("skin")], mattes[..., PARTS.index("hair")]
    assert skin[(distance < 36) & (x < 154)].min() > 0.95
    assert hair[(distance < 36) & (x > 166)].min() > 0.95
    assert mattes[distance > 44].max() < 0.05
    assert mattes.sum(axis=-1).max() <= 1.0 + 1e-5
    assert mattes.min() >= 0.0


def test_a_crop_over_the_plates_edge_is_cut_off(tmp_path: Path) -> None:
    ball = ball_plate(320, 240)
    box = replace(ball.box, centre_x=5.0, centre_y=235.0)
    mattes = plate_parts(ball.frame.image, _encoded(ball, _weights(tmp_path / "weights"), box))
    assert np.isfinite(mattes).all()
    assert mattes[:100, 200:].max() == 0.0


def test_a_network_without_parts_says_so(tmp_path: Path) -> None:
    ball = ball_plate(320, 240)
    encoding = _encoded(ball, ball_weights(tmp_path / "weights"))
    assert encoding.parts is None
    with pytest.raises(WeightsError, match="names no parts of the person"):
        crop_parts(encoding)


def test_glasses_are_a_part_of_their_own_where_the_network_tells_them(tmp_path: Path) -> None:
    ball = ball_plate(320, 240)
    parts = np.zeros((1, 9, 256, 256), np.float32)
    parts[0, 8] = 0.75
    (tmp_path / "weights").mkdir()
    portrait = constant_portrait({**ball_maps(), "parts": parts})
    encoding = _encoded(ball, write_weights(tmp_path / "weights", portrait=portrait))
    probabilities = crop_parts(encoding)
    np.testing.assert_allclose(probabilities[..., PARTS.index("glasses")], 0.75, atol=1 / 510)
    assert probabilities[..., : PARTS.index("glasses")].max() == 0.0
