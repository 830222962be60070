"""The calmed map lights what the camera sees as the harmonics do, and is calm behind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from chiaro.runtime.errors import LightError
from chiaro.runtime.light.calmed_light import LUMINANCE, calmed_map
from chiaro.runtime.light.equirectangular import map_directions
from chiaro.runtime.light.harmonics import irradiance_from_harmonics, project_environment
from chiaro.runtime.light.harmonics_map import map_of_harmonics

FRONT = np.array([0.0, -1.0, 0.0])
DIRECTIONS = map_directions(64, 128)


def _chroma(colours: NDArray[np.floating]) -> float:
    """How far from grey, relative to the luminance."""
    luminance = np.maximum(colours @ LUMINANCE, 1e-3)[..., None]
    return float(np.abs(colours / luminance - 1.0).mean())


def _facing(radiance: NDArray[np.floating]) -> NDArray[np.float64]:
    facing = DIRECTIONS[::4, ::4][DIRECTIONS[::4, ::4] @ FRONT > 0.3]
    return np.asarray(irradiance_from_harmonics(project_environment(radiance.astype(np.float64)), facing))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_light_of_one_colour_keeps_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    axis = rng.normal(size=3)
    lobe = 0.1 + np.exp(3.0 * (DIRECTIONS @ (axis / np.linalg.norm(axis)) - 1.0))
    colour = rng.uniform(0.3, 2.0, 3)
    light = project_environment(lobe[..., None] * colour)
    calmed = calmed_map(light, FRONT)
    np.testing.assert_allclose(calmed / colour, np.repeat(calmed[..., :1] / colour[0], 3, axis=-1), rtol=1e-3)
    np.testing.assert_allclose(_facing(calmed), _facing(lobe[..., None] * colour), rtol=0.04, atol=0.02)


def test_warm_from_one_side_and_cold_from_the_other_stays_so() -> None:
    left, right = (np.maximum(DIRECTIONS @ np.array([x, -0.5, 0.3]), 0.0)[..., None] for x in (-1.0, 1.0))
    scene = 0.2 + left * np.array([1.0, 0.7, 0.4]) + right * np.array([0.4, 0.7, 1.0])
    calmed = calmed_map(project_environment(scene), FRONT)
    np.testing.assert_allclose(_facing(calmed), _facing(scene), rtol=0.06)


def test_a_gaudy_back_is_calmed_and_the_front_is_hardly_changed() -> None:
    behind = np.maximum(DIRECTIONS @ -FRONT, 0.0)[..., None] ** 2
    front = np.maximum(DIRECTIONS @ FRONT, 0.0)[..., None]
    light = project_environment(0.3 + front * np.array([1.0, 0.9, 0.8]) + behind * np.array([1.5, 1.2, -0.8]))
    calmed = calmed_map(light, FRONT)
    assert calmed.min() >= 0.0
    as_it_is = map_of_harmonics(light)
    np.testing.assert_allclose(_facing(calmed).mean(axis=0), _facing(as_it_is).mean(axis=0), rtol=0.05)
    back = DIRECTIONS @ FRONT < -0.7
    assert _chroma(calmed[back]) < 0.6 * _chroma(as_it_is[back])


def test_nonsense_is_refused() -> None:
    with pytest.raises(LightError, match="nine rows of three finite numbers"):
        calmed_map(np.zeros((4, 3)), FRONT)
