"""Shadows of a ball on a plane, as lamps of several sizes and places cast them."""

import numpy as np
import pytest
from tests.training.lightstage.ball_person import ball_mesh, person_of

from chiaro.training.lightstage.rasterise import NO_TEXTURE, Coverage
from chiaro.training.lightstage.shadow_map import ShadowMap, draw_shadow_map, lamp_axes, lit_share

UP = np.array([0.0, 0.0, 1.0])
HEIGHT, BALL = 0.1, 0.03


def shadow_of(direction: np.ndarray, distance: float, radius: float, present: bool = True) -> ShadowMap:  # type: ignore[type-arg]  # (3,)
    person = person_of(ball_mesh((0.0, 0.0, HEIGHT), BALL))
    kind = Coverage.OPAQUE if present else Coverage.ABSENT
    coverage = np.full(len(person.triangles), kind, np.uint8)
    floor = np.array([[x, y, 0.0] for x in (-0.2, 0.2) for y in (-0.2, 0.2)], np.float32)
    return draw_shadow_map(person, coverage, NO_TEXTURE, direction, distance, radius, floor)


def on_floor(shadow: ShadowMap, x: float, radius: float) -> float:
    return float(lit_share(shadow, x, 0.0, 0.0, 0.0, 0.0, 1.0, radius))


def test_lamp_axes_are_a_frame() -> None:
    for direction in (UP, np.array([0.6, 0.0, 0.8]), np.array([-1.0, 0.0, 0.0])):
        axes = lamp_axes(direction)
        np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-6)
        np.testing.assert_allclose(axes[2], direction, atol=1e-6)


def test_a_small_sun_casts_a_sharp_shadow() -> None:
    shadow = shadow_of(UP, np.inf, 0.004)
    assert on_floor(shadow, 0.0, 0.004) == 0.0
    assert on_floor(shadow, BALL - 0.003, 0.004) == 0.0
    assert on_floor(shadow, BALL + 0.003, 0.004) == 1.0
    assert on_floor(shadow, 0.15, 0.004) == 1.0


def test_a_near_lamp_casts_a_larger_shadow() -> None:
    distance = 0.4
    shadow = shadow_of(UP, distance, 0.004)
    # The tangent from the lamp to the ball, down to the floor.
    edge = distance * np.tan(np.arcsin(BALL / (distance - HEIGHT)))
    assert on_floor(shadow, edge - 0.004, 0.004) == 0.0
    assert on_floor(shadow, edge + 0.004, 0.004) == 1.0


@pytest.mark.parametrize("radius", [0.05, 0.15])
def test_a_penumbra_is_as_wide_as_the_lamp_says(radius: float) -> None:
    shadow = shadow_of(UP, np.inf, radius)
    width = HEIGHT * np.tan(radius)
    places = np.linspace(0.0, 0.12, 121)
    lit = np.array([on_floor(shadow, x, radius) for x in places])
    assert on_floor(shadow, BALL, radius) == pytest.approx(0.5, abs=0.2)
    assert lit[places > BALL + 1.6 * width].min() > 0.97
    umbra = places < BALL - 1.6 * width
    assert not umbra.any() or lit[umbra].max() < 0.05
    assert (np.diff(lit) > -0.12).all()


def test_what_casts_no_shadow_leaves_everything_lit() -> None:
    assert on_floor(shadow_of(UP, np.inf, 0.004, present=False), 0.0, 0.004) == 1.0


def test_a_ball_does_not_shadow_its_own_lit_side() -> None:
    person = person_of(ball_mesh((0.0, 0.0, 0.0), 0.1))
    coverage = np.zeros(len(person.triangles), np.uint8)
    for radius in (0.004, 0.1, 0.25):
        shadow = draw_shadow_map(person, coverage, NO_TEXTURE, UP, np.inf, radius, person.vertices)
        facing = person.normals @ UP > 0.25
        lit = [
            lit_share(shadow, *v, *n, radius)
            for v, n in zip(person.vertices[facing], person.normals[facing], strict=True)
        ]
        assert np.mean(lit) > 0.995
        assert np.min(lit) > 0.8
