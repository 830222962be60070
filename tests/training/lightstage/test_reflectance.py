"""Microfacet reflection: energy, symmetry and agreement with the environment's table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.training.lightstage.reflectance import (
    environment_share,
    lamp_reflection,
    panorama_value,
    specular_occlusion,
)
from chiaro.training.lightstage.transport import sphere_directions


def reflected(view: np.ndarray, light: np.ndarray, roughness: float, f0: float, radius: float = 0.0) -> float:  # type: ignore[type-arg]  # unit vectors
    half = (view + light) / np.linalg.norm(view + light)
    return float(lamp_reflection(light[2], view[2], half[2], light @ half, roughness, radius, f0))


@settings(max_examples=12, deadline=None)
@given(st.floats(0.35, 1.0), st.floats(0.2, 1.0), st.floats(0.02, 1.0))
def test_lamps_from_everywhere_add_up_to_the_environment(roughness: float, cosine: float, f0: float) -> None:
    view = np.array([np.sqrt(1 - cosine**2), 0.0, cosine])
    lights = sphere_directions(4000).astype(np.float64)
    lights = lights[lights[:, 2] > 0]
    total = sum(reflected(view, light, roughness, f0) for light in lights) * 4 * np.pi / 4000
    assert total == pytest.approx(environment_share(cosine, roughness, f0), rel=0.06, abs=0.003)
    assert total <= 1.02


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 1.0), st.floats(-1.0, 1.0), st.floats(0.1, 1.4))
def test_reflection_is_reciprocal(roughness: float, across: float, polar: float) -> None:
    view = np.array([np.sin(0.6), 0.0, np.cos(0.6)])
    light = np.array([np.sin(polar) * np.cos(across), np.sin(polar) * np.sin(across), np.cos(polar)])
    forth, back = reflected(view, light, roughness, 0.04), reflected(light, view, roughness, 0.04)
    assert forth / light[2] == pytest.approx(back / view[2], rel=1e-3)


def test_nothing_is_reflected_from_behind() -> None:
    assert lamp_reflection(-0.1, 0.8, 0.5, 0.3, 0.4, 0.0, 0.04) == 0.0


def test_a_larger_lamp_has_a_larger_and_dimmer_highlight() -> None:
    view = np.array([0.0, 0.0, 1.0])
    aside = np.array([np.sin(0.5), 0.0, np.cos(0.5)])
    assert reflected(view, view, 0.2, 0.04, 0.3) < reflected(view, view, 0.2, 0.04)
    assert reflected(view, aside, 0.2, 0.04, 0.3) > reflected(view, aside, 0.2, 0.04)


def test_occlusion_of_reflections_has_its_ends() -> None:
    for roughness in (0.1, 0.5, 1.0):
        assert specular_occlusion(0.7, 1.0, roughness) == pytest.approx(1.0)
        assert specular_occlusion(0.7, 0.0, roughness) < 0.3
        assert specular_occlusion(0.7, 0.4, roughness) < specular_occlusion(0.7, 0.6, roughness)


def test_a_panorama_is_looked_up_between_pixels_and_levels() -> None:
    levels = np.zeros((2, 4, 8, 3), np.float32)
    levels[1] = 1.0
    levels[:, :, :, 1] = np.arange(4)[None, :, None]
    out = np.zeros(3, np.float32)
    # Straight along the horizon: between rows 1 and 2.
    panorama_value(levels, 0.25, 1.0, 0.0, 0.0, out)
    np.testing.assert_allclose(out, [0.25, 1.5, 0.25], atol=1e-5)
