"""Environments without their suns: nothing is lost, and axes agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.light.equirectangular import map_directions, solid_angles
from chiaro.runtime.light.harmonics import basis, project_environment, rotate_harmonics
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll
from chiaro.training.lightstage.illumination import (
    LAMP_WINDOW,
    Illumination,
    Lamps,
    SplitEnvironment,
    illuminated,
    split_environment,
)

SUN = np.array([0.6, -0.3, 0.74]) / np.linalg.norm([0.6, -0.3, 0.74])
angles = st.floats(-1.5, 1.5)


def sky_with_sun() -> np.ndarray:  # type: ignore[type-arg]  # (256, 512, 3)
    directions = map_directions(256, 512)
    sky = 0.3 + 0.2 * directions[..., 2:3] * np.array([0.5, 0.8, 1.0])
    sky = np.where((directions @ SUN > np.cos(np.radians(1.0)))[..., None], [9000.0, 8000.0, 6000.0], sky)
    return sky.astype(np.float32)


def test_a_sun_becomes_a_lamp_in_its_place() -> None:
    sky = sky_with_sun()
    environment = split_environment(sky)
    assert len(environment.suns.radius) == 1
    assert np.degrees(np.arccos(environment.suns.direction[0] @ SUN)) < 0.3
    assert np.degrees(environment.suns.radius[0]) == pytest.approx(1.0, abs=0.3)
    expected = (sky * solid_angles(256, 512)[..., None])[map_directions(256, 512) @ SUN > 0.999].sum(axis=0)
    np.testing.assert_allclose(environment.suns.irradiance[0], expected, rtol=0.02)
    assert environment.levels[0].max() < 1.0
    np.testing.assert_allclose(environment.harmonics, project_environment(sky), rtol=0.02, atol=0.02)


@settings(max_examples=8, deadline=None)
@given(angles, angles, angles)
def test_turning_turns_map_and_suns_alike(yaw: float, pitch: float, roll: float) -> None:
    environment = split_environment(sky_with_sun())
    turn = rotation_yaw_pitch_roll(yaw, pitch, roll)
    turned = environment.turned(turn)
    expected = rotate_harmonics(environment.harmonics, turn)
    np.testing.assert_allclose(turned.harmonics, expected, atol=0.01 * np.abs(expected).max())


def test_environments_scale_and_add() -> None:
    environment = split_environment(sky_with_sun())
    mixture = environment.scaled(0.25).plus(environment.scaled(np.array([0.75, 0.75, 0.75])))
    np.testing.assert_allclose(mixture.harmonics, environment.harmonics, rtol=1e-5, atol=1e-6)
    assert isinstance(mixture, SplitEnvironment)
    assert len(mixture.suns.radius) == 2


@pytest.mark.parametrize("mirror", [False, True])
def test_harmonics_of_the_camera_and_of_the_mesh_are_one_light(mirror: bool) -> None:
    environment = split_environment(sky_with_sun())
    panorama_from_camera = rotation_yaw_pitch_roll(0.8, 0.1, 0.2)
    camera_from_head = rotation_yaw_pitch_roll(-0.4, 0.2, 0.0) * (np.array([-1.0, 1.0, 1.0]) if mirror else 1.0)
    lamps = Lamps(np.array([[0.0, 0.6, 0.8]]), np.array([1.5]), np.array([0.1]), np.array([[2.0, 1.0, 0.5]]))
    light = illuminated(environment, panorama_from_camera, camera_from_head, lamps)
    assert len(light.lamps.radius) == 2
    in_camera, in_head = light.harmonics(camera_from_head), light.head_harmonics
    # The same radiance along the same direction, named in either axes.
    directions = np.random.default_rng(0).normal(size=(30, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    seen = basis(directions) @ in_camera
    np.testing.assert_allclose(basis(directions @ camera_from_head) @ in_head, seen, atol=0.01 * np.abs(seen).max())


def test_a_windowed_lamp_is_dark_from_behind() -> None:
    lamp = Lamps(np.array([[0.0, 0.0, 1.0]]), np.array([np.inf]), np.array([0.0]), np.ones((1, 3)))
    light = Illumination(np.zeros((6, 32, 64, 3), np.float32), np.eye(3), lamp)
    behind, front = (basis(np.array([0.0, 0.0, z])) @ light.bounce_harmonics for z in (-1.0, 1.0))
    np.testing.assert_allclose(behind, 0.0, atol=1e-12)
    assert (front > 0.2).all()
    assert LAMP_WINDOW[0] == 1.0
