import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.runtime.light.numeric import cap_directions, unit

from chiaro.runtime.light.lamps import lamp_irradiance, towards_lamp
from chiaro.runtime.light.light import AreaLamp, Lamp, PointLamp, SpotLamp, SunLamp
from chiaro.runtime.light.scaled import scaled_lamp
from chiaro.runtime.light.spherical_cap import cap_cosine
from chiaro.runtime.light.spot_cone import cone_falloff

WHITE = np.ones(3)
ORIGIN = np.zeros((1, 3), np.float32)
UP = np.array([[0.0, 0.0, 1.0]], np.float32)


def irradiance(lamp: Lamp, position: NDArray[np.float32] = ORIGIN, normal: NDArray[np.float32] = UP) -> float:
    return float(lamp_irradiance(lamp, position, normal)[0, 0])


def horizontal_area(half_x: float, half_y: float, height: float, **options: float) -> AreaLamp:
    """Above the origin, shining down: −(x × y) is −z."""
    return AreaLamp(
        np.array([0.0, 0.0, height]), np.array([half_x, 0.0, 0.0]), np.array([0.0, half_y, 0.0]), WHITE, **options
    )


def area_by_sampling(lamp: AreaLamp, normal: NDArray[np.float64], count: int = 400) -> float:
    """∫ cos θ_surface cos θ_lamp / d² over the lamp, for the point at the origin."""
    nodes = (np.arange(count) + 0.5) / count * 2.0 - 1.0
    u, v = np.meshgrid(nodes, nodes)
    inside = u * u + v * v <= 1.0 if lamp.ellipse else np.ones_like(u, bool)
    points = lamp.position + u[inside, None] * lamp.axis_x + v[inside, None] * lamp.axis_y
    cell = 4.0 * np.linalg.norm(np.cross(lamp.axis_x, lamp.axis_y)) / count**2
    forward = -unit(*np.cross(lamp.axis_x, lamp.axis_y))
    squared = (points**2).sum(axis=1)
    cosine_lamp = np.maximum(-(points @ forward) / np.sqrt(squared), 0.0)
    cosine = np.maximum(points @ normal / np.sqrt(squared), 0.0)
    attenuation = np.ones(len(points))
    if lamp.spread < np.pi:
        half = lamp.spread / 2.0
        tangent = np.sqrt(1.0 / np.maximum(cosine_lamp, 1e-6) ** 2 - 1.0)
        attenuation = np.maximum(np.tan(half) - tangent, 0.0) / (np.tan(half) - half)
    return float((attenuation * cosine * cosine_lamp / squared).sum() * cell)


def test_a_point_falls_off_with_the_square_of_the_distance() -> None:
    near = PointLamp(np.array([0.0, 0.0, 2.0]), 8.0 * WHITE)
    assert irradiance(near) == pytest.approx(2.0)
    assert irradiance(PointLamp(np.array([0.0, 0.0, -2.0]), WHITE)) == 0.0


def test_soft_falloff_stays_finite_at_the_lamp() -> None:
    lamp = PointLamp(np.array([0.0, 0.0, 1e-6]), 4.0 * WHITE, radius=0.5)
    assert irradiance(lamp) == pytest.approx(16.0, rel=1e-3)


def test_a_sun_gives_its_irradiance_times_the_cosine() -> None:
    lamp = SunLamp(unit(0.0, 1.0, 1.0), np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(
        lamp_irradiance(lamp, ORIGIN, UP)[0], np.array([1.0, 2.0, 3.0]) * np.sqrt(0.5), rtol=1e-6
    )


@settings(deadline=None)
@given(tilt=st.floats(0.0, 3.1), radius=st.floats(0.01, 1.4))
def test_a_round_source_at_the_horizon_is_the_integral_over_its_visible_part(tilt: float, radius: float) -> None:
    axis = np.array([np.sin(tilt), 0.0, np.cos(tilt)])
    directions = cap_directions(axis, radius, 20000)
    exact = np.maximum(directions[:, 2], 0.0).sum() / (directions @ axis).sum()
    actual = cap_cosine(np.array([np.cos(tilt)]), np.sin(radius) ** 2)[0]
    assert actual == pytest.approx(exact, abs=2e-3)


def test_a_hard_sphere_lights_as_its_intensity_says_and_a_wide_one_past_the_horizon() -> None:
    lamp = PointLamp(np.array([1.0, 0.0, 0.0]), WHITE, radius=0.5, soft_falloff=False)
    towards = np.array([[1.0, 0.0, 0.0]], np.float32)
    assert irradiance(lamp, normal=towards) == pytest.approx(1.0)
    beyond = unit(-0.2, 0.0, 1.0).astype(np.float32)[None]
    assert irradiance(lamp, normal=beyond) > 0.0


@pytest.mark.parametrize("normal", [(0.0, 0.0, 1.0), (0.9, 0.1, 0.3), (1.0, 0.0, -0.1), (-0.4, 0.9, 0.1)])
@pytest.mark.parametrize("ellipse", [False, True])
def test_area_irradiance_is_the_integral_also_where_the_horizon_cuts_it(
    normal: tuple[float, float, float], ellipse: bool
) -> None:
    lamp = AreaLamp(
        np.array([0.3, 0.1, 0.6]), np.array([0.5, 0.0, 0.1]), np.array([0.0, 0.3, 0.0]), WHITE, ellipse=ellipse
    )
    exact = area_by_sampling(lamp, unit(*normal))
    assert irradiance(lamp, normal=unit(*normal).astype(np.float32)[None]) == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("spread", [0.2, 0.6, 1.5, 2.8])
@pytest.mark.parametrize("ellipse", [False, True])
def test_a_narrow_spread_is_the_integral_with_its_attenuation(spread: float, ellipse: bool) -> None:
    lamp = horizontal_area(0.3, 0.2, 0.7, ellipse=ellipse, spread=spread)
    normal = unit(0.3, -0.2, 1.0)
    exact = area_by_sampling(lamp, normal)
    assert irradiance(lamp, normal=normal.astype(np.float32)[None]) == pytest.approx(exact, rel=0.02)


def test_an_area_lamp_does_not_shine_backwards() -> None:
    lamp = horizontal_area(0.5, 0.5, -1.0)
    assert irradiance(lamp) == 0.0
    assert irradiance(lamp, normal=-UP) == 0.0


def test_a_small_area_lamp_is_a_point_of_its_intensity() -> None:
    lamp = horizontal_area(0.01, 0.01, 3.0)
    assert irradiance(lamp) == pytest.approx(4e-4 / 9.0, rel=1e-3)


def test_a_spot_is_dark_outside_its_cone_and_a_point_inside() -> None:
    lamp = SpotLamp(np.array([0.0, 0.0, 2.0]), np.array([0.0, 0.0, -1.0]), 4.0 * WHITE, cone_angle=0.5, blend=0.2)
    assert irradiance(lamp) == pytest.approx(1.0)
    assert irradiance(lamp, np.array([[2.0 * np.tan(0.26), 0.0, 0.0]], np.float32)) == 0.0


def test_the_edge_of_a_spot_is_half_way_in_the_middle_of_its_blend() -> None:
    edge = np.cos(0.4)
    half_way = np.array([edge + 0.5 * (1.0 - edge) * 0.3])
    assert cone_falloff(half_way, 0.8, 0.3)[0] == pytest.approx(0.5)


def test_a_wide_spot_blurs_its_edge_and_keeps_its_light() -> None:
    x = np.linspace(-1.5, 1.5, 301, dtype=np.float32)
    grid = np.stack(np.meshgrid(x, x), axis=-1).reshape(-1, 2)
    positions = np.concatenate([grid, np.zeros((len(grid), 1), np.float32)], axis=1)
    normals = np.broadcast_to(UP, positions.shape)
    place, axis = np.array([0.0, 0.0, 2.0]), np.array([0.0, 0.0, -1.0])
    sharp, wide = (
        lamp_irradiance(SpotLamp(place, axis, WHITE, 0.6, radius=radius), positions, normals)[:, 0]
        for radius in (0.0, 0.1)
    )
    assert wide.sum() == pytest.approx(sharp.sum(), rel=0.03)
    assert (
        np.abs(np.diff(wide.reshape(301, 301)[150])).max() < 0.2 * np.abs(np.diff(sharp.reshape(301, 301)[150])).max()
    )


@pytest.mark.parametrize(
    "lamp",
    [
        SunLamp(unit(0.1, 0.2, 1.0), WHITE, angle=0.2),
        PointLamp(np.array([0.1, 0.2, 1.0]), WHITE, radius=0.1),
        SpotLamp(np.array([0.1, 0.2, 1.0]), unit(-0.1, -0.2, -1.0), WHITE, 0.8, 0.5, 0.1),
        horizontal_area(0.2, 0.3, 1.0),
        horizontal_area(0.2, 0.3, 1.0, spread=1.0),
    ],
)
def test_light_is_linear_in_the_lamps_colour(lamp: Lamp) -> None:
    assert irradiance(scaled_lamp(lamp, 3.0)) == pytest.approx(3.0 * irradiance(lamp), rel=1e-6)
    assert irradiance(scaled_lamp(lamp, 0.0)) == 0.0
    assert irradiance(lamp) > 0.0


def test_directions_and_sizes_towards_lamps() -> None:
    direction, distance, tangent = towards_lamp(horizontal_area(0.5, 0.5, 2.0), ORIGIN)
    np.testing.assert_allclose(direction, UP)
    np.testing.assert_allclose(distance, 2.0)
    np.testing.assert_allclose(tangent, np.sqrt(1.0 / np.pi) / 2.0, rtol=1e-6)
    assert np.isinf(towards_lamp(SunLamp(unit(0.0, 0.0, 1.0), WHITE), ORIGIN)[1]).all()


def test_positions_keep_their_shape() -> None:
    positions = np.zeros((4, 5, 3), np.float32)
    normals = np.broadcast_to(UP[0], positions.shape)
    result = lamp_irradiance(PointLamp(np.array([0.0, 0.0, 1.0]), WHITE), positions, normals)
    assert result.shape == (4, 5, 3)
    assert result.dtype == np.float32
