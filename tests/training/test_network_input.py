"""The portrait network's input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.network_input import BRIGHTEST_MEAN, DARKEST_MEAN, network_input
from chiaro.runtime.transfer import srgb_from_linear


@settings(max_examples=10, deadline=None)
@given(st.floats(DARKEST_MEAN, BRIGHTEST_MEAN))
def test_ordinary_exposures_are_left_alone(level: float) -> None:
    plate, gain = network_input(np.full((256, 256, 3), level, np.float32))
    assert gain == pytest.approx(1.0, rel=1e-4)
    assert float(plate[0, 1, 7, 9]) == pytest.approx(float(srgb_from_linear(np.array(level))), abs=1e-4)


@pytest.mark.parametrize(("level", "mean"), [(0.001, DARKEST_MEAN), (4.0, BRIGHTEST_MEAN)])
def test_dark_and_bright_crops_are_brought_to_the_bounds(level: float, mean: float) -> None:
    plate, gain = network_input(np.full((256, 256, 3), level, np.float32))
    assert gain == pytest.approx(mean / level, rel=1e-4)
    assert float(plate[0, 0, 0, 0]) == pytest.approx(float(srgb_from_linear(np.array(mean))), abs=1e-4)


def test_only_the_middle_sets_the_exposure() -> None:
    crop = np.full((256, 256, 3), 50.0, np.float32)
    crop[64:192, 64:192] = 0.2
    assert network_input(crop)[1] == pytest.approx(1.0, rel=1e-4)


def test_coordinates_run_right_and_down_through_pixel_centres() -> None:
    plate, _ = network_input(np.zeros((256, 256, 3), np.float32))
    x, y = plate[0, 3], plate[0, 4]
    assert (x[0, 0], x[0, -1]) == pytest.approx((-1 + 1 / 256, 1 - 1 / 256))
    assert (y[0, 0], y[-1, 0]) == pytest.approx((-1 + 1 / 256, 1 - 1 / 256))


def test_numbers_that_are_not_finite_do_no_harm() -> None:
    crop = np.full((256, 256, 3), 0.2, np.float32)
    crop[100, 100] = (np.nan, np.inf, -np.inf)
    plate, gain = network_input(crop)
    assert np.isfinite(plate).all()
    assert np.isfinite(gain)
    assert plate.shape == (1, 5, 256, 256)
    assert plate.dtype == np.float32


def test_encoding_is_the_standards() -> None:
    np.testing.assert_allclose(
        srgb_from_linear(np.array([0.0, 0.0031308, 0.18, 1.0, 3.0])), [0, 0.04045, 0.461356, 1, 1], atol=1e-4
    )
