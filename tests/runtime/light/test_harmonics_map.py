"""Maps made of harmonics: never negative, and their harmonics are the given ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from chiaro.runtime.errors import LightError
from chiaro.runtime.light.equirectangular import map_directions
from chiaro.runtime.light.harmonics import project_environment
from chiaro.runtime.light.harmonics_map import map_of_harmonics


def _lobe(axis: NDArray[np.float64], sharpness: float) -> NDArray[np.float64]:
    """(32, 64, 3) a lamp of some width."""
    cosine = map_directions(32, 64) @ (axis / np.linalg.norm(axis))
    return np.repeat(np.exp(sharpness * (cosine - 1.0))[..., None], 3, axis=-1)


@settings(max_examples=12, deadline=None)
@given(
    axis=st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1),
    sharpness=st.floats(0.5, 8.0),
    floor=st.floats(0.0, 0.5),
)
def test_harmonics_of_real_light_come_back(axis: tuple[float, ...], sharpness: float, floor: float) -> None:
    wanted = project_environment(_lobe(np.array(axis), sharpness) + floor)
    radiance = map_of_harmonics(wanted, height=32)
    assert radiance.min() >= 0.0
    error = np.linalg.norm(project_environment(radiance.astype(np.float64)) - wanted) / np.linalg.norm(wanted)
    assert error < 0.02


def test_uniform_light_is_uniform() -> None:
    wanted = np.zeros((9, 3))
    wanted[0] = np.array([1.0, 2.0, 3.0]) * np.sqrt(4 * np.pi)
    np.testing.assert_allclose(map_of_harmonics(wanted, height=16), np.broadcast_to([1, 2, 3], (16, 32, 3)), rtol=1e-3)


def test_light_that_cannot_be_is_brought_near_without_going_negative() -> None:
    wanted = np.zeros((9, 3))
    wanted[0], wanted[3] = 1.0, 3.0  # no light has so strong a slope for so little in all
    radiance = map_of_harmonics(wanted, height=16)
    assert radiance.min() >= 0.0
    assert np.isfinite(radiance).all()
    assert radiance[:, 16].mean() > 10 * radiance[:, 0].mean(), "it comes from +X"


@pytest.mark.parametrize("bad", [np.zeros((4, 3)), np.full((9, 3), np.nan)])
def test_nonsense_is_refused(bad: NDArray[np.float64]) -> None:
    with pytest.raises(LightError, match="nine rows of three finite numbers are expected"):
        map_of_harmonics(bad)
