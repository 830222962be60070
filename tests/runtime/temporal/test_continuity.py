"""Cuts: nothing is carried over them, and nothing else is taken for one."""

from dataclasses import replace

import numpy as np
import pytest
from tests.ball_head import ball_plate, ball_weights

from chiaro.runtime.encode import encode
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.network import load_network
from chiaro.runtime.temporal.continuity import continues, correlation, unbroken

RANDOM = np.random.default_rng(5)


@pytest.fixture(scope="module")
def encoding(tmp_path_factory: pytest.TempPathFactory) -> Encoding:
    """A ball with a face of random blotches."""
    ball = ball_plate()
    weights = ball_weights(tmp_path_factory.mktemp("weights"))
    plain = encode(ball.frame.image, ball.camera, ball.box, load_network("portrait", folder=weights))
    return replace(plain, luminance=blotches(128), albedo=np.repeat(blotches(256)[..., None], 3, axis=2))


def blotches(size: int) -> np.ndarray:
    return np.kron(RANDOM.random((16, 16)), np.ones((size // 16, size // 16))).astype(np.float32)


def test_noise_is_no_cut(encoding: Encoding) -> None:
    assert encoding.luminance is not None
    noisy = encoding.luminance + RANDOM.normal(scale=0.05, size=(128, 128)).astype(np.float32)
    assert continues(encoding, replace(encoding, luminance=noisy))


def test_a_lamp_that_goes_on_is_no_cut(encoding: Encoding) -> None:
    assert continues(encoding, replace(encoding, luminance=blotches(128)))


def test_another_person_is_a_cut(encoding: Encoding) -> None:
    other = replace(encoding, luminance=blotches(128), albedo=np.repeat(blotches(256)[..., None], 3, axis=2))
    assert not continues(encoding, other)


def test_another_place_is_a_cut(encoding: Encoding) -> None:
    box = encoding.box
    moved = replace(encoding, box=replace(box, centre_x=box.centre_x + 0.6 * box.half_size))
    assert not continues(encoding, moved)
    assert continues(encoding, replace(encoding, box=replace(box, centre_x=box.centre_x + 0.1 * box.half_size)))
    assert not continues(encoding, replace(encoding, box=replace(box, half_size=1.4 * box.half_size)))


def test_another_silhouette_is_a_cut(encoding: Encoding) -> None:
    assert not continues(encoding, replace(encoding, matte=np.roll(encoding.matte, 60, axis=1)))


def test_a_frame_without_luminance_stands_alone(encoding: Encoding) -> None:
    assert not continues(replace(encoding, luminance=None), encoding)
    assert not continues(encoding, replace(encoding, luminance=None))


def test_a_window_begins_after_its_last_cut(encoding: Encoding) -> None:
    other = replace(encoding, luminance=blotches(128), albedo=np.repeat(blotches(256)[..., None], 3, axis=2))
    assert list(unbroken([encoding, encoding, other, other, other])) == [other, other, other]
    assert list(unbroken([encoding, other])) == [other]
    assert list(unbroken([encoding])) == [encoding]


def test_correlation_of_known_images() -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    even = np.ones((8, 8), np.float32)
    assert correlation(ramp, 3 * ramp + 2, even) == pytest.approx(1)
    assert correlation(ramp, -ramp, even) == pytest.approx(-1)
    assert correlation(even, 2 * even, even) == 1
