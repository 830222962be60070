"""A mirrored lamp has its shape, and sends as much light as the lamp does."""

from dataclasses import replace

import numpy as np
import pytest
from tests.runtime.light.numeric import spiral, unit

from chiaro.runtime.light.lamps import lamp_factor
from chiaro.runtime.light.light import AreaLamp, Lamp, PointLamp, SpotLamp, SunLamp
from chiaro.runtime.light.mirrored_lamp import lamp_radiance_along

ONE = np.ones(3)
TOWARDS = unit(0.3, -0.8, 0.5)
PLACE = np.array([0.1, 0.2, 0.3])


def area(**changes: object) -> AreaLamp:
    """A softbox a metre away that faces the place."""
    x = np.cross(TOWARDS, [0.0, 0.0, 1.0])
    x /= np.linalg.norm(x)
    y = np.cross(TOWARDS, x)
    lamp = AreaLamp(PLACE + TOWARDS, 0.15 * x, 0.05 * y, ONE)
    if float(np.cross(lamp.axis_x, lamp.axis_y) @ TOWARDS) < 0:
        lamp = replace(lamp, axis_y=-lamp.axis_y)
    return replace(lamp, **changes)  # type: ignore[arg-type]  # of the lamp's own fields


LAMPS: dict[str, Lamp] = {
    "sun": SunLamp(TOWARDS, ONE, angle=0.1),
    "small sun": SunLamp(TOWARDS, ONE, angle=0.001),
    "point": PointLamp(PLACE + 2 * TOWARDS, ONE, radius=0.1),
    "hard point": PointLamp(PLACE + 2 * TOWARDS, ONE),
    "spot": SpotLamp(PLACE + TOWARDS, -TOWARDS, ONE, cone_angle=0.7, radius=0.05),
    "area": area(),
    "disc": area(ellipse=True),
    "narrow": area(spread=1.0),
}


@pytest.mark.parametrize("blur", [0.01, 0.05])
@pytest.mark.parametrize("name", LAMPS)
def test_all_rays_together_carry_the_lamps_irradiance(name: str, blur: float) -> None:
    lamp = LAMPS[name]
    directions = spiral(400_000).astype(np.float32)
    places = np.broadcast_to(PLACE.astype(np.float32), directions.shape)
    radiance = lamp_radiance_along(lamp, places, directions, blur)
    cosine = np.maximum(directions @ TOWARDS, 0)
    found = float((radiance * cosine).mean()) * 4 * np.pi
    facing = float(lamp_factor(lamp, PLACE[None].astype(np.float32), TOWARDS[None].astype(np.float32))[0])
    assert found == pytest.approx(facing, rel=0.04)


def test_a_softbox_is_as_bright_as_it_is_and_has_edges() -> None:
    lamp = area()
    x, y = lamp.axis_x, lamp.axis_y
    aims = [0 * x, 0.9 * x, 1.1 * x, 0.8 * y, 1.2 * y, 0.9 * x + 0.8 * y]
    directions = np.stack([(TOWARDS + aim) / np.linalg.norm(TOWARDS + aim) for aim in aims]).astype(np.float32)
    places = np.broadcast_to(PLACE.astype(np.float32), directions.shape)
    np.testing.assert_allclose(lamp_radiance_along(lamp, places, directions, 0.005), [1, 1, 0, 1, 0, 1], atol=1e-4)
    disc = lamp_radiance_along(replace(lamp, ellipse=True), places, directions, 0.005)
    np.testing.assert_allclose(disc, [1, 1, 0, 1, 0, 0], atol=5e-3)


def test_no_lamp_is_seen_from_behind() -> None:
    lamp = area()
    behind = (PLACE + 2 * TOWARDS)[None].astype(np.float32)
    assert lamp_radiance_along(lamp, behind, -TOWARDS[None].astype(np.float32), 0.01)[0] == 0
    place = PLACE[None].astype(np.float32)
    for other in LAMPS.values():
        assert lamp_radiance_along(other, place, -TOWARDS[None].astype(np.float32), 0.01)[0] == 0
