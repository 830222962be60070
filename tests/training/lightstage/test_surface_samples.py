"""Which sub-samples are shaded, and the eye's cornea."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.training.lightstage.cornea import CORNEA_RADIUS, EYE_RADIUS, LIMBUS_RADIUS, corneal_normal
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.sample_choice import choose_samples

LIMBUS = np.arcsin(LIMBUS_RADIUS / EYE_RADIUS)


def bulged(angle: float, axes: np.ndarray | None = None) -> np.ndarray:  # type: ignore[type-arg]  # (3,)
    rest = np.array([10 * np.sin(angle), 0.0, 10 * np.cos(angle), 0.0], np.float32)
    normal = np.array([np.sin(angle), 0.0, np.cos(angle)], np.float32)
    axes = np.eye(3) if axes is None else axes
    normal = (axes @ normal).astype(np.float32)
    corneal_normal(rest, axes.astype(np.float32), normal)
    return normal


def test_interiors_get_two_samples_hair_three_and_edges_more() -> None:
    parts = np.array([Part.SKIN, Part.HAIR], np.uint8)
    seen = np.full((9, 9), -1, np.int32)
    seen[:3, :3] = 0
    seen[:3, 3:6] = 1
    seen[3:6, :3] = 0
    seen[3:6, 2] = 1
    seen[3:6, 4] = 0
    pixel, place, matte = choose_samples(seen, parts)
    counts = np.bincount(pixel, minlength=9)
    np.testing.assert_array_equal(counts, [2, 3, 0, 5, 1, 0, 0, 0, 0])
    np.testing.assert_allclose(matte, np.array([[9, 9, 0], [9, 3, 0], [0, 0, 0]]) / 9.0)
    assert all(seen[p // 3 * 3 + s // 3, p % 3 * 3 + s % 3] >= 0 for p, s in zip(pixel, place, strict=True))


def test_a_lone_sub_sample_is_shaded() -> None:
    seen = np.full((3, 3), -1, np.int32)
    seen[0, 1] = 0
    pixel, place, matte = choose_samples(seen, np.zeros(1, np.uint8))
    np.testing.assert_array_equal(pixel, [0])
    np.testing.assert_array_equal(place, [1])
    assert matte[0, 0] == pytest.approx(1 / 9)


def test_the_cornea_bulges() -> None:
    np.testing.assert_allclose(bulged(0.0), [0, 0, 1], atol=1e-6)
    for angle in (0.1, 0.25, 0.9 * LIMBUS):
        expected = np.arcsin(EYE_RADIUS * np.sin(angle) / CORNEA_RADIUS)
        assert np.arctan2(bulged(angle)[0], bulged(angle)[2]) == pytest.approx(expected, abs=1e-3)
    # The white of the eye is a sphere again.
    np.testing.assert_allclose(bulged(0.9), [np.sin(0.9), 0.0, np.cos(0.9)], atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.0, 3.1))
def test_corneal_normals_are_unit_and_turn_with_the_eye(angle: float) -> None:
    turn = np.array([[0.0, -1.0, 0.0], [0.6, 0.0, -0.8], [0.8, 0.0, 0.6]])
    normal = bulged(angle, turn)
    assert np.linalg.norm(normal) == pytest.approx(1.0, abs=1e-4)
    np.testing.assert_allclose(normal, turn @ bulged(angle), atol=1e-5)
