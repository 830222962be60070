"""The plate's own light is recovered, in spite of highlights, and the prior rules where nothing is seen."""

import numpy as np
import pytest
from numpy.typing import NDArray

from chiaro.runtime.light.harmonics import lambert_transport
from chiaro.runtime.own_light import STEP, Glossy, agreed_level, estimate_own_light


def sphere() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transport (64, 64, 9) and coverage (64, 64) of a white sphere."""
    x, y = np.meshgrid(np.linspace(-1, 1, 64), np.linspace(1, -1, 64))
    inside = x**2 + y**2 < 0.95
    normal = np.stack([x, y, np.sqrt(np.maximum(1 - x**2 - y**2, 0))], axis=-1)
    return lambert_transport(normal), inside.astype(float)


def light() -> NDArray[np.float64]:
    random = np.random.default_rng(1)
    coefficients = random.normal(0, 0.15, (9, 3))
    coefficients[0] = 1.2
    return coefficients


def test_a_clean_sphere_gives_its_light() -> None:
    transport, inside = sphere()
    albedo = np.full((64, 64, 3), 0.5)
    radiance = albedo * (transport @ light())
    found = estimate_own_light(
        radiance=radiance, albedo=albedo, transport=transport, weight=inside, prior=light() * 1.3
    )
    shading, truth = transport @ found, transport @ light()
    assert np.abs(shading - truth)[inside > 0].mean() < 0.06 * truth[inside > 0].mean()


def test_highlights_and_clipped_pixels_do_not_pull_the_light() -> None:
    transport, inside = sphere()
    albedo = np.full((64, 64, 3), 0.4)
    radiance = albedo * (transport @ light())
    radiance[10:20, 30:40] += 0.4
    radiance[40:45, 20:30] = 1.0
    found = estimate_own_light(radiance=radiance, albedo=albedo, transport=transport, weight=inside, prior=light())
    assert np.abs(found - light()).max() < 0.08


def test_with_nothing_to_see_the_prior_stands() -> None:
    transport, inside = sphere()
    found = estimate_own_light(
        radiance=np.zeros((64, 64, 3)),
        albedo=np.ones((64, 64, 3)),
        transport=transport,
        weight=inside * 0,
        prior=light(),
    )
    assert (found == light()).all()


def test_what_the_surface_mirrors_is_not_taken_for_more_light() -> None:
    transport, inside = sphere()
    normal = np.zeros((64, 64, 3), np.float32)
    x, y = np.meshgrid(np.linspace(-1, 1, 64), np.linspace(1, -1, 64))
    normal[:] = np.stack([x, y, np.sqrt(np.maximum(1 - x**2 - y**2, 0))], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    towards = np.broadcast_to(np.array([0.0, 0.0, 1.0], np.float32), normal.shape)
    glossy = Glossy(normal, towards, np.full((64, 64), 0.5, np.float32), np.full((64, 64), 0.04, np.float32))
    everywhere = np.ones(len(normal[::STEP, ::STEP].reshape(-1, 3)), bool)
    gloss = glossy.gloss(transport.astype(np.float32), everywhere)
    dark = np.full((64, 64, 3), 0.12)
    radiance = np.zeros((64, 64, 3))
    radiance[::STEP, ::STEP] = dark[::STEP, ::STEP] * (transport[::STEP, ::STEP] @ light())
    radiance[::STEP, ::STEP] += (gloss @ light()).reshape(*radiance[::STEP, ::STEP].shape)
    shown = {"radiance": radiance, "albedo": dark, "transport": transport, "weight": inside, "prior": light()}
    with_gloss = estimate_own_light(**shown, glossy=glossy, prior_pixels=1.0)
    without = estimate_own_light(**shown, prior_pixels=1.0)
    assert without[0].mean() > 1.2 * light()[0].mean()
    assert abs(with_gloss - light()).max() < 0.25 * abs(without - light()).max()


def test_a_colour_that_no_surface_gives_back_is_not_decided_by_reflections_alone() -> None:
    transport, inside = sphere()
    red = np.zeros((64, 64, 3))
    red[..., 0] = 0.5
    towards = np.zeros((64, 64, 3), np.float32)
    towards[..., 2] = 1.0
    glossy = Glossy(towards, towards, np.full((64, 64), 0.5, np.float32), np.full((64, 64), 0.04, np.float32))
    shown = {"radiance": red * (transport @ light()), "albedo": red, "transport": transport, "weight": inside}
    found = estimate_own_light(**shown, prior=light(), glossy=glossy)
    assert found[:, 1:] == pytest.approx(light()[:, 1:], rel=1e-6)


def test_the_level_is_halfway_in_stops() -> None:
    for factor in (0.25, 1.0, 3.0):
        assert agreed_level(light(), factor * light()) == pytest.approx(np.full(3, np.sqrt(factor)), rel=1e-12)
    assert agreed_level(light(), light() * (4.0, 1.0, 1.0)) == pytest.approx([2.0, 1.0, 1.0])


def test_a_colour_that_the_plate_lacks_is_not_made_up() -> None:
    fitted = light() * (1.0, 1e-6, 1.0)
    assert agreed_level(fitted, light()) == pytest.approx([1.0, 2.0, 1.0])
    assert agreed_level(light(), fitted) == pytest.approx([1.0, 0.5, 1.0])


def test_a_light_that_has_nothing_in_common_with_the_named_one_keeps_its_level() -> None:
    assert (agreed_level(light(), -light()) == 1.0).all()
    assert (agreed_level(np.zeros((9, 3)), light()) == 1.0).all()
