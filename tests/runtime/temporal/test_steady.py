"""A window steadied by a network whose answer is known: the mean of its frames."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.ball_head import BallPlate, ball_plate, ball_weights
from tests.tiny_networks import mean_temporal, write_weights

from chiaro.runtime.encode import CropInput, crop_input, encoding_of_outputs, head_pose
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.errors import WeightsError
from chiaro.runtime.network import Network, load_network
from chiaro.runtime.temporal.maps import CHANNELS
from chiaro.runtime.temporal.steady import FRAMES, head_numbers, light_for, steadied
from chiaro.runtime.temporal.streaming import StreamingEncoder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = ball_weights(tmp_path_factory.mktemp("weights"))
    networks = {path.stem: path.read_bytes() for path in folder.glob("*.onnx")}
    return write_weights(folder, **networks, temporal=mean_temporal(sum(CHANNELS.values())))


@pytest.fixture(scope="module")
def ball() -> BallPlate:
    return ball_plate()


@pytest.fixture(scope="module")
def temporal(weights: Path) -> Network:
    return load_network("temporal", folder=weights)


@pytest.fixture(scope="module")
def seen(ball: BallPlate) -> CropInput:
    return crop_input(ball.frame.image, ball.camera, ball.box)


@pytest.fixture(scope="module")
def plain(weights: Path, seen: CropInput) -> Encoding:
    return encoding_of_outputs(load_network("portrait", folder=weights).run(plate=seen.plate), seen)


def brighter(encoding: Encoding, step: float) -> Encoding:
    return replace(encoding, albedo=encoding.albedo * np.float32(1 + step))


def test_a_frame_alone_is_the_plain_one(plain: Encoding, temporal: Network) -> None:
    assert steadied([plain], temporal) is plain


def test_nothing_comes_over_a_cut(plain: Encoding, temporal: Network) -> None:
    elsewhere = replace(plain, box=replace(plain.box, centre_x=0.0))
    assert steadied([elsewhere, elsewhere, plain], temporal) is plain


def test_frames_are_mixed(plain: Encoding, temporal: Network) -> None:
    window = [brighter(plain, -0.2), brighter(plain, -0.1), plain]
    found = steadied(window, temporal)
    inside = (slice(100, 156), slice(100, 156))  # of the ball, away from its edge
    np.testing.assert_allclose(found.albedo[inside], 0.9 * plain.albedo[inside], atol=2e-3)


def test_only_the_last_frames_count(plain: Encoding, temporal: Network) -> None:
    window = [brighter(plain, -0.1 * step) for step in range(5)]
    alone = steadied(window, temporal)
    longer = steadied([brighter(plain, 0.3)] * 3 + window, temporal)
    assert len(window) == FRAMES
    np.testing.assert_array_equal(alone.albedo, longer.albedo)
    np.testing.assert_array_equal(alone.light, longer.light)


def test_the_own_light_explains_the_present_plate(plain: Encoding, temporal: Network) -> None:
    """Albedo that is steadied down by a tenth needs light that is brighter by as much."""
    found = steadied([brighter(plain, -0.2), plain], temporal)
    np.testing.assert_allclose(found.light[0, 0], plain.light[0, 0] / 0.9, rtol=2e-2)


def test_the_own_light_is_fitted_again_to_maps_that_changed(plain: Encoding) -> None:
    bent = plain.transport.copy()
    bent[..., 1:4] *= np.float32(0.7)
    bent[..., 3] += np.float32(0.1)
    maps = replace(plain, transport=bent, albedo=plain.albedo * np.array([0.8, 0.9, 1.1], np.float32))
    found = light_for(maps, plain)
    inside = plain.matte > 0.5

    def picture(encoding: Encoding, light: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]  # any float
        return (encoding.albedo * np.maximum(encoding.transport @ light, 0.0))[inside]  # type: ignore[no-any-return]

    truth = picture(plain, plain.light)
    before, after = (np.abs(picture(maps, light) - truth).mean() for light in (plain.light, found))
    assert after < 0.4 * before


def test_rounding_on_disk_changes_nothing(plain: Encoding, temporal: Network) -> None:
    shaded = replace(plain, albedo=plain.albedo * np.float32(0.123457))
    stored = replace(shaded, albedo=shaded.albedo.astype(np.float16).astype(np.float32))
    fresh = steadied([shaded, plain], temporal)
    again = steadied([stored, plain], temporal)
    np.testing.assert_array_equal(fresh.albedo, again.albedo)


def test_head_numbers_are_the_networks_own(plain: Encoding) -> None:
    numbers = head_numbers(plain.crop_camera_from_head)
    pose = head_pose(np.append(numbers, 0.0), plain.crop)
    np.testing.assert_allclose(pose, plain.crop_camera_from_head, atol=1e-6)


def test_a_network_for_planes_names_what_is_missing(plain: Encoding, temporal: Network) -> None:
    class Given:
        name, shape = "albedo_planes", ["F", 72, 64, 64]

    class Session:
        def get_inputs(self) -> list[Given]:
            return [Given()]

    with pytest.raises(WeightsError, match="72 channels of albedo planes, and the portrait network gives none"):
        steadied([plain, plain], Network("temporal", "", Session()))


def test_a_stream_begins_plain_and_may_begin_again(ball: BallPlate, weights: Path, plain: Encoding) -> None:
    stream = StreamingEncoder(load_network("portrait", folder=weights), load_network("temporal", folder=weights))
    first = stream.encode(ball.frame.image, ball.camera, ball.box)
    np.testing.assert_array_equal(first.albedo, plain.albedo)
    second = stream.encode(ball.frame.image, ball.camera, ball.box)
    np.testing.assert_allclose(second.albedo, plain.albedo, atol=1e-6)
    assert second is not first
    stream.begin()
    again = stream.encode(ball.frame.image, ball.camera, ball.box)
    np.testing.assert_array_equal(again.light, first.light)
