"""Measures of lights: nothing wrong gives perfect values, a known error gives a known value."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.light.harmonics import harmonics_of_distant_light, rotate_harmonics
from chiaro.training.evaluate.light_measures import (
    directedness,
    dominant_angle,
    order_one,
    relative_error,
    scale_free_error,
)
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll

TOWARDS = np.array([0.6, 0.0, 0.8])
LAMP = harmonics_of_distant_light(TOWARDS, np.array([3.0, 2.0, 1.0]))
AROUND = np.zeros((9, 3))
AROUND[0] = 1.0


def test_the_true_light_is_perfect() -> None:
    assert relative_error(LAMP, LAMP) == 0.0
    assert scale_free_error(LAMP, LAMP) == pytest.approx(0.0, abs=1e-9)
    assert dominant_angle(LAMP, LAMP) == pytest.approx(0.0, abs=1e-4)


def test_twice_the_light_is_wrong_by_one_but_right_up_to_scale() -> None:
    assert relative_error(2.0 * LAMP, LAMP) == pytest.approx(1.0)
    assert scale_free_error(2.0 * LAMP, LAMP) == pytest.approx(0.0, abs=1e-7)
    assert relative_error(np.zeros((9, 3)), LAMP) == pytest.approx(1.0)


@settings(max_examples=20, deadline=None)
@given(st.floats(1.0, 170.0))
def test_a_turned_light_is_off_by_its_turn(degrees: float) -> None:
    # About the vertical, in whose plane the lamp stands.
    turned = rotate_harmonics(LAMP, rotation_yaw_pitch_roll(np.deg2rad(degrees), 0.0, 0.0))
    assert dominant_angle(turned, LAMP) == pytest.approx(degrees, abs=1e-3)


def test_a_lamp_is_wholly_directed_and_light_all_around_not_at_all() -> None:
    np.testing.assert_allclose(order_one(LAMP) / np.linalg.norm(order_one(LAMP)), TOWARDS, atol=1e-6)
    assert directedness(LAMP) == pytest.approx(1.0, rel=1e-6)
    assert directedness(AROUND) == 0.0
    assert np.isnan(dominant_angle(LAMP, AROUND + 0.01 * LAMP))
