"""A lamp mirrors in a cornea where the law of reflection says, as bright as a tear film makes it."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.runtime.light import surfaces
from tests.runtime.light.numeric import unit

from chiaro.runtime.camera import Camera
from chiaro.runtime.eyes import CORNEA_METRES
from chiaro.runtime.gbuffer import CornealReflection
from chiaro.runtime.light.cornea import REFLECTANCE, corneal_reflections
from chiaro.runtime.light.environment import environment_from_map
from chiaro.runtime.light.light import AreaLamp, Lamp, Light, SunLamp

CENTRE = np.array([0.0, -0.12 + CORNEA_METRES, 0.0])
"""Its front touches the surface of the sphere of `surfaces`, in the middle of the picture."""


def camera(size: int = 1024) -> Camera:
    return surfaces.camera().resized(size, size)


def reflection(light: Light, size: int = 1024) -> CornealReflection:
    found = corneal_reflections(surfaces.sphere(), camera(size), [CENTRE], light)[0]
    assert found is not None
    return found


def sun(direction: NDArray[np.float64], irradiance: float = 1.0) -> SunLamp:
    return SunLamp(direction, np.full(3, irradiance), angle=0.02)


def place_of_highlight(found: CornealReflection) -> NDArray[np.float64]:
    """(2,) right and down, in radii of the ball."""
    weight = found.radiance.mean(axis=-1)
    size = len(weight)
    steps = (np.arange(size) + 0.5) * 2 / size - 1
    return np.array([weight.sum(axis=0) @ steps, weight.sum(axis=1) @ steps]) / weight.sum()


@pytest.mark.parametrize("towards", [(0.0, -1.0, 0.0), (0.6, -0.7, 0.3), (-0.8, -0.5, -0.2)])
def test_a_sun_mirrors_where_the_normal_halves_the_way_to_it(towards: tuple[float, float, float]) -> None:
    direction = unit(*towards)
    found = reflection(Light(lamps=(sun(direction),)))
    to_camera = camera().world_from_camera[:3, 3] - CENTRE
    half = direction + to_camera / np.linalg.norm(to_camera)
    half /= np.linalg.norm(half)
    np.testing.assert_allclose(place_of_highlight(found), [half[0], -half[2]], atol=0.03)


def test_it_lies_where_the_camera_sees_the_cornea() -> None:
    found = reflection(Light(lamps=(sun(unit(0.0, -1.0, 0.2)),)))
    np.testing.assert_allclose(found.pixel, [512, 512], atol=1e-6)
    metres_per_pixel = 0.5 / 1024 * (surfaces.DISTANCE + CENTRE[1]) / surfaces.DISTANCE
    np.testing.assert_allclose(found.radius, CORNEA_METRES / metres_per_pixel, rtol=1e-3)
    behind = corneal_reflections(surfaces.sphere(), camera(), [np.array([0.0, -3.0, 0.0])], Light())
    assert behind == (None,)


@pytest.mark.parametrize("size", [512, 2048, 4096])
def test_a_highlights_light_does_not_depend_on_the_pixels(size: int) -> None:
    found = reflection(Light(lamps=(sun(unit(0.3, -0.9, 0.2)),)), size)
    # A mirrored ball sends a distant lamp's light evenly into all directions, r² E F / 4 per steradian; its picture is
    # two radii wide.
    assert 4 * float(found.radiance.mean()) == pytest.approx(REFLECTANCE / 4, rel=0.05)


def test_a_softbox_is_as_bright_as_the_tear_film_reflects() -> None:
    right, down = np.array([0.3, 0.0, 0.0]), np.array([0.0, 0.0, -0.3])
    lamp = AreaLamp(np.array([0.0, -1.0, 0.0]), right, down, np.full(3, 50.0), casts_shadow=False)
    front, back = (reflection(Light(lamps=(one,)), 4096).radiance for one in (replace(lamp, axis_y=-down), lamp))
    assert not back.any()
    assert float(front.max()) == pytest.approx(50.0 * REFLECTANCE, rel=0.02)


def test_an_even_sky_is_mirrored_as_the_film_reflects() -> None:
    sky = environment_from_map(np.ones((32, 64, 3), np.float32))
    found = reflection(Light(environment=sky), 4096)
    middle = len(found.radiance) // 2
    assert found.radiance[middle, middle] == pytest.approx(REFLECTANCE, rel=0.15)
    edge = found.radiance[middle, round(0.06 * middle)]
    assert (edge > 2 * found.radiance[middle, middle]).all()


def test_what_hides_a_lamp_from_the_eye_hides_it_from_the_cornea() -> None:
    wall = surfaces.wall_with_ball()
    low_sun: Lamp = SunLamp(unit(1.0, -0.35, 0.0), np.ones(3), angle=0.02)
    light = Light(lamps=(low_sun,))
    shaded = np.array([-0.12, surfaces.WALL_Y + CORNEA_METRES, 0.0])
    open_place = np.array([0.15, surfaces.WALL_Y + CORNEA_METRES, 0.0])
    hidden, seen = corneal_reflections(wall, camera(), [shaded, open_place], light)
    assert hidden is not None
    assert seen is not None
    assert float(hidden.radiance.sum()) < 0.3 * float(seen.radiance.sum())


def test_no_light_mirrors_nothing_and_strength_scales() -> None:
    assert not reflection(Light()).radiance.any()
    one = reflection(Light(lamps=(sun(unit(0.0, -1.0, 0.3)),)))
    two = reflection(Light(lamps=(sun(unit(0.0, -1.0, 0.3), 2.0),)))
    np.testing.assert_allclose(two.radiance, 2 * one.radiance, rtol=1e-5)
