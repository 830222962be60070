"""The softness of skin: a profile that keeps light, on skin alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.training.lightstage.ball_person import RADIUS, ball_mesh, person_of
from tests.training.lightstage.test_surface_maps import SIZE, drawn

from chiaro.training.lightstage.parts import PartClass
from chiaro.training.lightstage.subsurface import profile_taps, soften
from chiaro.training.lightstage.surface_maps import SurfaceMaps


@pytest.fixture(scope="module")
def wall() -> SurfaceMaps:
    """A flat wall of skin in place of what a ball's maps show."""
    maps = drawn(person_of(ball_mesh((0.0, 0.0, 0.0), RADIUS, rows=10)))
    return replace(
        maps,
        matte=np.ones_like(maps.matte),
        depth=np.ones_like(maps.depth),
        parts=np.full_like(maps.parts, PartClass.SKIN),
    )


@settings(max_examples=30, deadline=None)
@given(st.floats(0.2, 6.0), st.floats(0.1, 4.0))
def test_a_profile_keeps_light_and_is_widest_in_red(millimetres: float, softness: float) -> None:
    taps = profile_taps(millimetres, softness)
    np.testing.assert_allclose(taps[0] + 2.0 * taps[1:].sum(axis=0), 1.0, atol=1e-5)
    assert taps[0, 0] <= taps[0, 1] <= taps[0, 2]
    assert (np.diff(taps, axis=0) <= 1e-7).all()


def test_an_edge_of_light_bleeds_and_evens_out(wall: SurfaceMaps) -> None:
    shading = np.zeros((SIZE, SIZE, 3), np.float32)
    shading[:, SIZE // 2 :] = 1.0
    soft = soften(shading, wall, 1.0)
    dark = soft[SIZE // 2, SIZE // 2 - 1]
    assert dark[0] > dark[1] > dark[2] > 0.0
    assert soft.mean() == pytest.approx(0.5, abs=1e-4)
    np.testing.assert_allclose(soft[:, :20], 0.0, atol=1e-6)


def test_light_does_not_cross_to_hair_or_over_steps(wall: SurfaceMaps) -> None:
    shading = np.zeros((SIZE, SIZE, 3), np.float32)
    shading[:, SIZE // 2 :] = 1.0
    parts, depth = wall.parts.copy(), wall.depth.copy()
    parts[:, SIZE // 2 :] = PartClass.HAIR
    depth[:, SIZE // 2 :] += 0.05
    for maps in (replace(wall, parts=parts), replace(wall, depth=depth)):
        np.testing.assert_array_equal(soften(shading, maps, 1.0), shading)


def test_even_light_stays_even(wall: SurfaceMaps) -> None:
    shading = np.full((SIZE, SIZE, 3), 0.4, np.float32)
    np.testing.assert_allclose(soften(shading, wall, 2.0), shading, atol=1e-6)
