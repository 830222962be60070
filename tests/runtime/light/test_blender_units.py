"""Numbers that Cycles was measured to give; renders are compared in tests/nodes/test_scene_light.py."""

import numpy as np
import pytest
from numpy.typing import NDArray

from chiaro.runtime.errors import LightError
from chiaro.runtime.light.blender_units import LampStrength, area_lamp, point_lamp, spot_lamp, sun_lamp

FORTY_WATTS = LampStrength(40.0)


def pose(*scale: float) -> NDArray[np.float64]:
    return np.diag([*(scale or (1.0, 1.0, 1.0)), 1.0])


def test_strength_is_the_product_of_all_factors() -> None:
    strength = LampStrength(2.0, (1.0, 0.5, 0.25), exposure=1.0, temperature_colour=(1.5, 1.0, 0.5))
    np.testing.assert_allclose(strength.strength, [6.0, 2.0, 0.5])


def test_a_sun_comes_from_its_z_axis_whatever_its_angle() -> None:
    lamp = sun_lamp(LampStrength(3.0), pose(), angle=0.2)
    np.testing.assert_allclose(lamp.direction, (0.0, 0.0, 1.0))
    np.testing.assert_allclose(lamp.irradiance, 3.0)


def test_a_sun_that_is_not_normalised_has_radiance() -> None:
    lamp = sun_lamp(LampStrength(1.0, normalise=False), pose(), angle=0.2)
    np.testing.assert_allclose(lamp.irradiance, np.pi * np.sin(0.1) ** 2)
    np.testing.assert_allclose(sun_lamp(LampStrength(1.0, normalise=False), pose(), angle=0.0).irradiance, 1.0)


def test_a_point_spreads_its_power_over_the_sphere() -> None:
    np.testing.assert_allclose(point_lamp(FORTY_WATTS, pose(), 0.1).intensity, 40.0 / (4.0 * np.pi))


def test_a_point_that_is_not_normalised_grows_with_its_disc() -> None:
    plain = LampStrength(40.0, normalise=False)
    np.testing.assert_allclose(point_lamp(plain, pose(), 0.1).intensity, 0.4)
    np.testing.assert_allclose(point_lamp(plain, pose(), 0.0).intensity, 40.0 / np.pi)


def test_the_scale_of_a_spot_along_its_axis_narrows_the_cone() -> None:
    narrow = spot_lamp(FORTY_WATTS, pose(1.0, 1.0, 2.0), radius=0.0, spot_size=1.0, spot_blend=0.1)
    assert np.tan(narrow.cone_angle / 2.0) == pytest.approx(np.tan(0.5) / 2.0)
    same = spot_lamp(FORTY_WATTS, pose(3.0, 3.0, 3.0), radius=0.0, spot_size=1.0, spot_blend=0.1)
    assert same.cone_angle == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("shape", "area"),
    [("SQUARE", 0.25), ("RECTANGLE", 0.5), ("DISK", np.pi / 16.0), ("ELLIPSE", np.pi / 8.0)],
)
def test_an_area_lamp_spreads_its_power_over_its_area(shape: str, area: float) -> None:
    lamp = area_lamp(FORTY_WATTS, pose(), shape=shape, size=0.5, size_y=1.0)
    np.testing.assert_allclose(lamp.radiance, 40.0 / (np.pi * area))
    plain = area_lamp(LampStrength(40.0, normalise=False), pose(), shape=shape, size=0.5, size_y=1.0)
    np.testing.assert_allclose(plain.radiance, 40.0 / np.pi)


def test_the_scale_of_an_area_lamp_is_part_of_its_size() -> None:
    lamp = area_lamp(FORTY_WATTS, pose(2.0, 3.0, 1.0), shape="SQUARE", size=0.5, size_y=9.0)
    np.testing.assert_allclose(lamp.axis_x, (0.5, 0.0, 0.0))
    np.testing.assert_allclose(lamp.axis_y, (0.0, 0.75, 0.0))
    np.testing.assert_allclose(lamp.radiance, 40.0 / (np.pi * 1.5))


def test_bad_numbers_are_refused_with_a_sentence() -> None:
    with pytest.raises(LightError, match="check its power, colour and exposure"):
        sun_lamp(LampStrength(np.nan), pose(), 0.0)
    with pytest.raises(LightError, match="a size above zero is expected"):
        area_lamp(FORTY_WATTS, pose(), shape="SQUARE", size=0.0, size_y=1.0)
    with pytest.raises(LightError, match="'TRIANGLE'"):
        area_lamp(FORTY_WATTS, pose(), shape="TRIANGLE", size=1.0, size_y=1.0)
    with pytest.raises(LightError, match="a finite 4x4 matrix"):
        point_lamp(FORTY_WATTS, np.full((4, 4), np.inf), 0.1)
    with pytest.raises(LightError, match="zero scale along its z axis"):
        sun_lamp(FORTY_WATTS, pose(1.0, 1.0, 0.0), 0.0)
