"""Maps of an encoding as one array, and changes of them put back."""

from dataclasses import replace

import numpy as np
import pytest
from tests.ball_head import ball_plate, ball_weights

from chiaro.runtime.encode import depth_from_offset, encode
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.network import load_network
from chiaro.runtime.temporal.maps import CHANNELS, changed, depth_offset, maps_of, reduced_maps

COUNT = sum(CHANNELS.values())


@pytest.fixture(scope="module")
def encoding(tmp_path_factory: pytest.TempPathFactory) -> Encoding:
    ball = ball_plate()
    weights = ball_weights(tmp_path_factory.mktemp("weights"))
    return encode(ball.frame.image, ball.camera, ball.box, load_network("portrait", folder=weights))


def test_every_map_has_its_channels(encoding: Encoding) -> None:
    maps = maps_of(encoding)
    assert maps.shape == (256, 256, COUNT)
    np.testing.assert_array_equal(maps[..., :3], encoding.albedo)
    np.testing.assert_array_equal(maps[..., 8:17], encoding.transport)
    assert (maps[..., 19:] == 0).all(), "an encoding without parts has none"


def test_depth_offset_undoes_the_encoders_metres(encoding: Encoding) -> None:
    offset = depth_offset(encoding)
    np.testing.assert_allclose(depth_from_offset(offset, encoding.crop), encoding.depth, atol=1e-6)


def test_reduced_maps_are_means_of_four_pixels(encoding: Encoding) -> None:
    matte = reduced_maps(encoding)[7]
    blocks = encoding.matte.reshape(128, 2, 128, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(matte, blocks, atol=1e-3)


def test_no_change_is_no_change(encoding: Encoding) -> None:
    parts = np.zeros((256, 256, 8), np.uint8)
    parts[..., 0] = 200
    whole = replace(encoding, parts=parts)
    same = changed(whole, np.zeros((COUNT, 256, 256), np.float32))
    for name in ("albedo", "depth", "matte", "transport", "roughness", "specular", "parts"):
        np.testing.assert_array_equal(getattr(same, name), getattr(whole, name))
    np.testing.assert_allclose(same.normal, whole.normal, atol=1e-6)


def test_changes_stay_in_the_range_of_each_map(encoding: Encoding) -> None:
    parts = np.full((256, 256, 8), 250, np.uint8)
    far = changed(replace(encoding, parts=parts), np.full((COUNT, 256, 256), 9.0, np.float32))
    assert far.albedo.max() == far.matte.max() == far.roughness.max() == far.specular.max() == 1
    assert far.parts is not None
    assert far.parts.min() == 255
    np.testing.assert_allclose(np.linalg.norm(far.normal, axis=-1), 1, atol=1e-5)
    near = changed(encoding, np.full((COUNT, 256, 256), -99.0, np.float32))
    assert near.albedo.min() == near.matte.max() == 0
    assert near.depth.min() > 0
