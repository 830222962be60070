"""The network's environment in world axes, and a world that lights as the harmonics say with what stands around."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from chiaro.runtime.light.calmed_light import calmed_map
from chiaro.runtime.light.equirectangular import map_directions
from chiaro.runtime.light.harmonics import irradiance_from_harmonics, project_environment, rotate_harmonics
from chiaro.runtime.light.surroundings import CAMERA_FROM_MAP, surroundings_map

DIRECTIONS = map_directions(64, 128)


@pytest.mark.parametrize(
    ("row", "column", "towards"),
    [
        (8, 8, (0, 0, 1)), (0, 5, (0, 1, 0)), (15, 5, (0, -1, 0)), (8, 12, (-1, 0, 0)), (8, 4, (1, 0, 0)),
        (8, 0, (0, 0, -1)),
    ],
)  # fmt: skip
def test_a_spot_lies_where_the_camera_sees_it(row: int, column: int, towards: tuple[float, float, float]) -> None:
    environment = np.zeros((16, 16, 3), np.float32)
    environment[row, column] = 1.0
    world = surroundings_map(environment, np.eye(3))
    brightest = (world[..., :1] * DIRECTIONS).sum(axis=(0, 1))
    assert brightest @ np.array(towards) / np.linalg.norm(brightest) > 0.94


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_light_turns_with_the_camera(seed: int) -> None:
    random = np.random.default_rng(seed)
    axis = random.normal(size=3)
    lobe = map_directions(16, 16) @ (axis / np.linalg.norm(axis))
    environment = np.exp(2.0 * lobe)[..., None] * random.uniform(0.5, 1.5, 3)
    turn = Rotation.random(random_state=random).as_matrix()
    straight, turned = (surroundings_map(environment.astype(np.float32), matrix) for matrix in (np.eye(3), turn))
    expected = rotate_harmonics(project_environment(straight), turn)
    np.testing.assert_allclose(project_environment(turned), expected, atol=0.02 * float(expected[0].mean()))


def test_the_axes_of_the_networks_map_are_a_rotation() -> None:
    np.testing.assert_allclose(CAMERA_FROM_MAP @ CAMERA_FROM_MAP.T, np.eye(3))
    assert np.linalg.det(CAMERA_FROM_MAP) == pytest.approx(1.0)


def test_a_window_stays_a_window_and_the_person_is_lit_as_the_harmonics_say() -> None:
    front = np.array([0.0, -1.0, 0.0])
    window = np.full((64, 128, 3), 0.05, np.float32)
    window[18:30, 84:100] = (3.0, 4.0, 6.0)  # before the person, to one side
    light = project_environment(window)
    soft, sharp = calmed_map(light, front), calmed_map(light, front, 0.3 * window)
    facing = DIRECTIONS[::4, ::4][DIRECTIONS[::4, ::4] @ front > 0.3]
    wanted = irradiance_from_harmonics(light, facing)
    np.testing.assert_allclose(irradiance_from_harmonics(project_environment(sharp), facing), wanted, rtol=0.02)
    np.testing.assert_allclose(sharp, window, rtol=0.05)
    assert soft.max() < 0.6 * sharp.max()
