"""The calmed light lights what the camera sees as before, and is of one colour behind."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.light.calmed_light import LUMINANCE, calmed_light
from chiaro.runtime.light.equirectangular import map_directions
from chiaro.runtime.light.harmonics import evaluate_harmonics, irradiance_from_harmonics, project_environment

FRONT = np.array([0.0, -1.0, 0.0])


def _chroma(colours: np.ndarray) -> float:
    """How far from grey, relative to the luminance."""
    luminance = np.maximum(colours @ LUMINANCE, 1e-6)[..., None]
    return float(np.abs(colours / luminance - 1.0).mean())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_light_of_one_colour_stays(seed: int) -> None:
    rng = np.random.default_rng(seed)
    light = np.outer(rng.normal(size=9), rng.uniform(0.2, 2.0, 3))
    light[0] = np.abs(light[0]) + 0.1
    grey_of_it = np.outer(light @ LUMINANCE, light[0] / (light[0] @ LUMINANCE))
    np.testing.assert_allclose(calmed_light(grey_of_it, FRONT), grey_of_it, atol=1e-9)


def test_a_gaudy_back_is_calmed_and_the_front_is_not_changed() -> None:
    directions = map_directions(32, 64)
    behind = np.maximum(directions @ -FRONT, 0.0)[..., None] ** 2
    front = np.maximum(directions @ FRONT, 0.0)[..., None]
    light = project_environment(0.3 + front * np.array([1.0, 0.9, 0.8]) + behind * np.array([1.5, 1.2, -0.8]))
    calmed = calmed_light(light, FRONT)
    facing = directions[directions @ FRONT > 0.3]
    before, after = irradiance_from_harmonics(light, facing), irradiance_from_harmonics(calmed, facing)
    np.testing.assert_allclose(after, before, rtol=0.12)
    np.testing.assert_allclose(after.mean(axis=0), before.mean(axis=0), rtol=0.03)
    back = directions[directions @ FRONT < -0.7]
    assert _chroma(evaluate_harmonics(calmed, back)) < 0.6 * _chroma(evaluate_harmonics(light, back))
