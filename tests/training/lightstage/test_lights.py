"""Light of the stage: axes, mixtures and the small environment."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.light.harmonics import basis, rotate_harmonics
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll
from chiaro.training.lightstage.illumination import Lamps, split_environment
from chiaro.training.lightstage.lamps import HARD_RADIUS, random_lamps
from chiaro.training.lightstage.lights import ENVIRONMENT_SIZE, SceneLight, mixed, random_light, small_environment
from chiaro.training.lightstage.panorama import (
    PANORAMA_FROM_UPRIGHT,
    SMALL_HEIGHT,
    Panorama,
    panorama_directions,
    panorama_rotation,
    studio_radiance,
)

angles = st.floats(-1.2, 1.2)


def _panorama(seed: int) -> Panorama:
    radiance = studio_radiance(np.random.default_rng(seed))
    return Panorama(str(seed), radiance.astype(np.float16), split_environment(radiance))


def _light(seed: int) -> SceneLight:
    panorama = _panorama(seed)
    random = np.random.default_rng(seed)
    turn = panorama_rotation(random, np.eye(3))
    return SceneLight(panorama.environment, turn, random_lamps(random, 2), panorama)


def _harmonics(light: SceneLight) -> np.ndarray:  # type: ignore[type-arg]
    return light.on(np.eye(3)).harmonics(np.eye(3))


@settings(max_examples=10, deadline=None)
@given(angles, angles, st.integers(0, 20))
def test_light_seen_from_another_camera_is_the_same_light(yaw: float, pitch: float, seed: int) -> None:
    turn = rotation_yaw_pitch_roll(yaw, pitch, 0.2)
    light = _light(seed)
    np.testing.assert_allclose(
        _harmonics(light.seen_from(turn)), rotate_harmonics(_harmonics(light), turn), atol=1e-4 * len(turn)
    )


@settings(max_examples=10, deadline=None)
@given(st.floats(0.0, 1.0), st.integers(0, 20))
def test_a_mixture_is_the_weighted_sum(share: float, seed: int) -> None:
    first, second = _light(seed), _light(seed + 1)
    expected = share * _harmonics(first) + (1.0 - share) * _harmonics(second)
    # The second map is looked up along turned directions, which blurs it a little.
    np.testing.assert_allclose(_harmonics(mixed(first, second, share)), expected, atol=0.03 * np.abs(expected).max())


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_the_small_environment_holds_all_light(seed: int) -> None:
    light = _light(seed)
    small = small_environment(light)
    assert small.shape == (ENVIRONMENT_SIZE, ENVIRONMENT_SIZE, 3)
    directions, solid = panorama_directions(ENVIRONMENT_SIZE, ENVIRONMENT_SIZE)
    upright = directions @ PANORAMA_FROM_UPRIGHT.astype(np.float32)
    weighted = (basis(upright) * solid[..., None]).reshape(-1, 9)
    projected = weighted.T @ small.reshape(-1, 3)
    expected = _harmonics(light)
    np.testing.assert_allclose(projected[0], expected[0], rtol=0.01)
    np.testing.assert_allclose(projected[1:4], expected[1:4], atol=0.12 * np.abs(expected).max())


def test_a_lamp_to_the_right_lies_where_the_convention_says() -> None:
    dark = split_environment(np.zeros((SMALL_HEIGHT, 2 * SMALL_HEIGHT, 3), np.float32))
    for direction, column in (((0.0, 0.0, 1.0), 7.5), ((1.0, 0.0, 0.0), 3.5), ((-1.0, 0.0, 0.0), 11.5)):
        lamp = Lamps(np.array([direction]), np.array([np.inf]), np.array([0.1]), np.ones((1, 3)))
        small = small_environment(SceneLight(dark, np.eye(3), lamp, _panorama(1)))[..., 0]
        weights = small.sum(axis=0)
        assert (weights * np.arange(ENVIRONMENT_SIZE)).sum() / weights.sum() == pytest.approx(column, abs=0.3)


def test_random_light_is_as_various_as_it_says() -> None:
    panoramas = (_panorama(1), _panorama(2))
    lights = [random_light(panoramas, np.random.default_rng(seed), np.eye(3)) for seed in range(400)]
    counts = np.array([len(light.lamps.distance) for light in lights])
    assert set(counts) == {0, 1, 2, 3}
    directions = np.concatenate([light.lamps.direction for light in lights])
    radii = np.concatenate([light.lamps.radius for light in lights])
    assert 0.2 < (directions[:, 2] < -0.2).mean() < 0.5
    assert (np.abs(directions[:, 2]) < 0.5).mean() > 0.2
    assert 0.3 < (radii <= HARD_RADIUS).mean() < 0.6
    assert radii.max() < 0.61
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1.0, atol=1e-9)
