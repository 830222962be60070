"""Exposure, compositing and what the network is shown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.light.harmonics import lambert_transport
from chiaro.runtime.network_input import BRIGHTEST_MEAN, DARKEST_MEAN
from chiaro.runtime.transfer import LUMINANCE
from chiaro.training.lightstage.picture import (
    MIDDLE_ALBEDO,
    MIDDLE_EXPOSURE,
    Exposure,
    encoded_plate,
    exposure_factor,
    over,
    random_exposure,
)

NORMALS = np.random.default_rng(1).normal(size=(200, 3)).astype(np.float32)
NORMALS /= np.linalg.norm(NORMALS, axis=1, keepdims=True)


def _light(seed: int) -> np.ndarray:  # type: ignore[type-arg]
    light = np.random.default_rng(seed).normal(size=(9, 3)) * 0.1
    light[0] = 3.0
    return light


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 2.0), st.integers(0, 99))
def test_a_white_person_gets_the_level_that_is_asked_for(level: float, seed: int) -> None:
    transport, light = lambert_transport(NORMALS), _light(seed)
    exposure = Exposure(level, 0.0, np.ones(3), 1.0)
    factor = exposure_factor(exposure, transport, np.full((200, 3), 0.1, np.float32), light)
    shading = np.maximum(transport @ (light * factor).astype(np.float32), 0.0) @ LUMINANCE
    assert float(shading.mean()) == pytest.approx(level, rel=1e-3)


def test_metering_makes_up_for_albedo() -> None:
    transport, light = lambert_transport(NORMALS), _light(3)
    levels = []
    for metering in (0.0, 0.5, 1.0):
        exposure = Exposure(1.0, metering, np.ones(3), 1.0)
        dark, middle = (
            exposure_factor(exposure, transport, np.full((200, 3), albedo, np.float32), light)
            for albedo in (MIDDLE_ALBEDO / 4.0, MIDDLE_ALBEDO)
        )
        levels.append(float(dark[0] / middle[0]))
    np.testing.assert_allclose(levels, [1.0, 2.0, 4.0], rtol=1e-4)


def test_some_pictures_are_far_under_and_some_over() -> None:
    levels = np.log2([random_exposure(np.random.default_rng(seed)).level / MIDDLE_EXPOSURE for seed in range(800)])
    assert abs(np.median(levels)) < 0.15
    assert 0.03 < (levels < -1.5).mean() < 0.12
    assert 0.02 < (levels > 1.0).mean() < 0.14
    assert levels.min() > -6.5


def test_over_leaves_background_where_nobody_is() -> None:
    matte = np.zeros((4, 4), np.float32)
    matte[1], matte[2] = 1.0, 0.25
    scene = over(np.full((4, 4, 3), 2.0), matte, np.ones((4, 4, 3)))
    np.testing.assert_allclose(scene[:, 0, 0], [1.0, 2.0, 1.25, 1.0])


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-3, 8.0))
def test_the_plate_is_shown_at_a_steady_exposure(level: float) -> None:
    plate, gain = encoded_plate(np.full((16, 16, 3), level, np.float32))
    assert plate.shape == (3, 16, 16)
    assert plate.dtype == np.float16
    assert level * gain == pytest.approx(float(np.clip(level, DARKEST_MEAN, BRIGHTEST_MEAN)), rel=1e-3)
