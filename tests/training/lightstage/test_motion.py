"""Paths of heads, cameras, faces and lights over a shot."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.light.harmonics import rotate_harmonics
from chiaro.training.lightstage.gestures import SPOKEN, Gesture, random_curves
from chiaro.training.lightstage.illumination import split_environment
from chiaro.training.lightstage.lamps import random_lamps
from chiaro.training.lightstage.light_script import Change, LightScript, random_script
from chiaro.training.lightstage.lights import SceneLight
from chiaro.training.lightstage.motion import random_motion, smooth_path
from chiaro.training.lightstage.panorama import Panorama, panorama_rotation, studio_radiance
from chiaro.training.lightstage.pose import further_pose, random_pose

seeds = st.integers(0, 10_000)


def _light(seed: int) -> SceneLight:
    random = np.random.default_rng(seed)
    radiance = studio_radiance(random)
    panorama = Panorama(str(seed), radiance.astype(np.float16), split_environment(radiance))
    return SceneLight(panorama.environment, panorama_rotation(random, np.eye(3)), random_lamps(random, 1), panorama)


def _harmonics(light: SceneLight) -> np.ndarray:  # type: ignore[type-arg]
    return light.on(np.eye(3)).harmonics(np.eye(3))


def _script(seed: int, frames: int = 8) -> LightScript:
    return random_script(_light(seed), _light(seed + 1), frames, np.random.default_rng(seed), np.eye(3))


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_paths_begin_at_rest_and_do_not_jump(seed: int) -> None:
    path = smooth_path(np.random.default_rng(seed), 50, 1.5)
    assert path[0] == 0.0
    assert np.abs(np.diff(path)).max() < 1.5


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_moving_head_stays_a_head_in_the_crop(seed: int) -> None:
    random = np.random.default_rng(seed)
    pose = random_pose(random)
    motion = random_motion(pose, 12, random)
    np.testing.assert_allclose(motion.poses[0].rotation, pose.rotation, atol=1e-12)
    np.testing.assert_allclose(motion.poses[0].offset, pose.offset, atol=1e-12)
    for frame, moved in enumerate(motion.poses):
        np.testing.assert_allclose(moved.rotation @ moved.rotation.T, np.eye(3), atol=1e-9)
        np.testing.assert_allclose(
            motion.camera_from_first[frame] @ motion.camera_from_first[frame].T, np.eye(3), atol=1e-9
        )
        assert np.abs(moved.offset[:2]).max() < 0.25 * pose.half_width
        assert moved.mirrored == pose.mirrored
    turns = [np.trace(a.rotation.T @ b.rotation) for a, b in zip(motion.poses, motion.poses[1:], strict=False)]
    # From frame to frame a head turns by degrees, not by tens of them.
    assert np.degrees(np.arccos(np.clip((min(turns) - 1.0) / 2.0, -1.0, 1.0))) < 14.0


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_further_cameras_look_from_the_papers_ranges(seed: int) -> None:
    random = np.random.default_rng(seed)
    forward = further_pose(random_pose(random), random).rotation[:, 2]
    yaw, pitch = np.degrees(np.arctan2(forward[0], forward[2])), np.degrees(np.arcsin(forward[1]))
    assert abs(yaw) < 49.0 * 1.1 + 15.0
    assert abs(pitch) < 26.0 * 1.1 + 15.0


def test_people_talk_pause_and_blink() -> None:
    curves = [random_curves(np.random.default_rng(seed), 50) for seed in range(60)]
    for curve in curves:
        assert curve.shape == (len(Gesture), 50)
        assert curve.min() >= 0.0
        assert curve.max() <= 1.0
    talking = [curve[list(SPOKEN)].max() > 0.2 for curve in curves]
    blinking = [curve[Gesture.BLINK].max() > 0.5 for curve in curves]
    assert 0.45 < np.mean(talking) < 0.9
    assert 0.3 < np.mean(blinking) < 0.95


def test_every_kind_of_change_is_drawn() -> None:
    assert set(Counter(_script(seed, 3).change for seed in range(60))) == set(Change)


@settings(max_examples=12, deadline=None)
@given(seeds)
def test_each_frame_has_the_light_that_its_script_says(seed: int) -> None:
    script = _script(seed)
    first, second = _harmonics(script.first), _harmonics(script.second)
    for frame in (0, 5, 7):
        share = script.share[frame]
        found, expected = _harmonics(script.at(frame)), share * first + (1.0 - share) * second
        # The total is kept whatever moves; the second map loses a little where it is looked up.
        np.testing.assert_allclose(found[0], expected[0], rtol=0.02)
        if script.change in {Change.MIXING, Change.SWITCHING, Change.STEADY}:
            np.testing.assert_allclose(found, expected, atol=0.03 * np.abs(expected).max())


def test_a_turning_light_turns_about_the_vertical() -> None:
    light = _light(3)
    still = np.ones(4), np.zeros((4, 2))
    turn = np.array([0.0, 0.5, 1.0, 1.5])
    script = LightScript(Change.TURNING, light, light, still[0], turn, still[1], np.eye(3))
    start, later = _harmonics(script.at(0)), _harmonics(script.at(2))
    # What does not depend on the azimuth stays: the mean, and the parts of order 1 along y.
    np.testing.assert_allclose(start[:2], later[:2], atol=1e-6)
    cosine, sine = np.cos(1.0), np.sin(1.0)
    about_y = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    np.testing.assert_allclose(later, rotate_harmonics(start, about_y), atol=2e-3 * np.abs(start).max())


def test_the_second_light_is_as_strong_as_the_first() -> None:
    script = _script(11)
    first, second = (np.abs(_harmonics(light)[0]).mean() for light in (script.first, script.second))
    assert second == pytest.approx(first, rel=0.02)
