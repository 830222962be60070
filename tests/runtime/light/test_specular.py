import numpy as np
import pytest
from numpy.typing import NDArray
from tests.runtime.light.numeric import spiral, unit

from chiaro.runtime.light.brdf import specular_brdf, specular_occlusion
from chiaro.runtime.light.environment_brdf import environment_brdf
from chiaro.runtime.light.equirectangular import map_directions, solid_angles
from chiaro.runtime.light.own_specular import lobe_coefficients
from chiaro.runtime.light.prefilter import (
    HEIGHT,
    ROUGHNESS_LEVELS,
    WIDTH,
    prefilter_map,
    reduced_map,
    reflection_lobe,
    sample_reflections,
)


def float32(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def test_a_uniform_world_reflects_itself_at_every_roughness() -> None:
    levels = prefilter_map(np.full((20, 40, 3), 1.7, np.float32))
    assert levels.shape == (len(ROUGHNESS_LEVELS), HEIGHT, WIDTH, 3)
    np.testing.assert_allclose(levels, 1.7, rtol=1e-4)


def test_reduction_keeps_the_mean_radiance() -> None:
    radiance = np.random.default_rng(0).random((100, 150, 3), dtype=np.float32)
    before = (radiance * solid_angles(100, 150)[..., None]).sum(axis=(0, 1))
    after = (reduced_map(radiance) * solid_angles(HEIGHT, WIDTH)[..., None]).sum(axis=(0, 1))
    np.testing.assert_allclose(after, before, rtol=1e-4)


@pytest.mark.parametrize("level", [2, 3, 5])
def test_a_level_is_the_map_blurred_by_its_lobe(level: int) -> None:
    radiance = np.exp(3.0 * map_directions(64, 128) @ unit(0.4, 0.7, 0.5))[..., None].repeat(3, axis=2)
    levels = prefilter_map(radiance.astype(np.float32))
    directions = map_directions(64, 128).reshape(-1, 3)
    for row, column in ((3, 10), (16, 20), (25, 50)):
        mirror = map_directions(HEIGHT, WIDTH)[row, column]
        weight = reflection_lobe(directions @ mirror, ROUGHNESS_LEVELS[level]) * np.repeat(solid_angles(64, 128), 128)
        exact = (weight @ radiance[..., 0].ravel()) / weight.sum()
        assert levels[level, row, column, 0] == pytest.approx(exact, rel=0.02)


def test_lookups_follow_direction_and_roughness() -> None:
    directions = map_directions(HEIGHT, WIDTH)
    levels = np.stack([(np.exp(directions) * (1.0 + index)) for index in range(len(ROUGHNESS_LEVELS))])
    sought = np.stack([unit(0.1, 0.2, -0.9), unit(-0.999, 0.02, 0.0), unit(0.0, 0.01, 1.0)]).astype(np.float32)
    roughness = float32(0.0, 0.3, 1.0)
    expected = np.exp(sought) * (1.0 + roughness[:, None] * (len(ROUGHNESS_LEVELS) - 1))
    np.testing.assert_allclose(sample_reflections(levels.astype(np.float32), sought, roughness), expected, rtol=0.06)


def reflected_share(cosine_view: float, roughness: float, f0: float) -> float:
    """∫ brdf · cos over the hemisphere, by brute force."""
    lights = spiral(400000)
    lights = lights[lights[:, 2] > 0].astype(np.float32)
    view = float32(np.sqrt(1.0 - cosine_view**2), 0.0, cosine_view)
    count = len(lights)
    alpha = np.full(count, roughness**2, np.float32)
    brdf = specular_brdf(
        np.broadcast_to(float32(0.0, 0.0, 1.0), lights.shape),
        np.broadcast_to(view, lights.shape),
        lights,
        alpha=alpha,
        distribution_alpha=alpha,
        f0=np.full(count, f0, np.float32),
    )
    return float((brdf * lights[:, 2]).mean() * 2.0 * np.pi)


@pytest.mark.parametrize("roughness", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("cosine_view", [0.15, 0.3, 0.7, 1.0])
def test_the_environment_brdf_is_the_integral_of_the_lamps_brdf(roughness: float, cosine_view: float) -> None:
    exact = reflected_share(cosine_view, roughness, 0.04)
    tabled = environment_brdf(float32(cosine_view), float32(roughness), float32(0.04))[0]
    assert tabled == pytest.approx(exact, rel=0.03)


def test_no_more_light_is_reflected_than_arrives() -> None:
    for roughness in (0.3, 0.6, 1.0):
        assert reflected_share(0.5, roughness, 1.0) <= 1.01


def test_the_highlight_lies_in_the_mirror_direction() -> None:
    lights = spiral(20000).astype(np.float32)
    view, normal = unit(0.5, 0.0, 1.0).astype(np.float32), float32(0.0, 0.0, 1.0)
    alpha = np.full(len(lights), 0.04, np.float32)
    brdf = specular_brdf(
        np.broadcast_to(normal, lights.shape),
        np.broadcast_to(view, lights.shape),
        lights,
        alpha=alpha,
        distribution_alpha=alpha,
        f0=np.full(len(lights), 0.04, np.float32),
    )
    np.testing.assert_allclose(lights[brdf.argmax()], unit(-0.5, 0.0, 1.0), atol=0.05)
    assert (brdf[lights[:, 2] <= 0] == 0.0).all()


def test_occlusion_leaves_open_surfaces_alone_and_closes_hidden_ones() -> None:
    view = float32(0.2, 0.9)
    np.testing.assert_allclose(specular_occlusion(view, float32(1.0, 1.0), float32(0.5, 0.5)), 1.0, atol=1e-3)
    np.testing.assert_allclose(specular_occlusion(view, float32(0.0, 0.0), float32(0.5, 0.5)), 0.0, atol=0.2)


def test_lobes_flatten_with_roughness() -> None:
    coefficients = lobe_coefficients(float32(0.0, 0.5, 1.0))
    assert (np.diff(coefficients, axis=0) < 0).all()
    assert coefficients[0].min() > 0.99
    assert (coefficients[:, 1] < coefficients[:, 0]).all()
