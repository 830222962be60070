"""Measures of maps: nothing wrong gives perfect values, a known error gives a known value."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.training.evaluate.map_measures import (
    class_unions,
    confusion,
    extent,
    intersection_over_union,
    mean_angle,
    scaled_depth_error,
)
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll

EVERYWHERE = np.ones((8, 8), bool)
NOWHERE = np.zeros((8, 8), bool)


def _normals() -> np.ndarray:  # type: ignore[type-arg]  # floats
    vectors = np.random.default_rng(1).normal(size=(8, 8, 3))
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.0, 170.0))
def test_normals_turned_about_their_own_perpendicular_are_off_by_that_angle(degrees: float) -> None:
    normals = np.zeros((8, 8, 3))
    normals[..., 2] = 1.0
    turned = normals @ rotation_yaw_pitch_roll(np.deg2rad(degrees), 0.0, 0.0).T
    assert mean_angle(turned, normals, EVERYWHERE) == pytest.approx(degrees, abs=1e-3)


def test_equal_normals_are_off_by_nothing_and_an_empty_mask_tells_nothing() -> None:
    assert mean_angle(_normals(), _normals(), EVERYWHERE) == pytest.approx(0.0, abs=1e-5)
    assert np.isnan(mean_angle(_normals(), _normals(), NOWHERE))


def test_only_the_mask_counts() -> None:
    wrong, half = -_normals(), NOWHERE.copy()
    half[:4] = True
    wrong[:4] = _normals()[:4]
    assert mean_angle(wrong, _normals(), half) == pytest.approx(0.0, abs=1e-5)
    assert mean_angle(wrong, _normals(), ~half) == pytest.approx(180.0)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 10.0))
def test_depth_is_right_up_to_a_factor(factor: float) -> None:
    true = np.random.default_rng(2).uniform(1.0, 1.3, (8, 8))
    assert scaled_depth_error(true * factor, true, EVERYWHERE) == pytest.approx(0.0, abs=1e-9)


def test_a_step_of_depth_has_the_error_of_a_step() -> None:
    true = np.full((8, 8), 1000.0)
    predicted = true.copy()
    predicted[:, :4] += 0.5
    predicted[:, 4:] -= 0.5
    # So far away that no factor can help: half a metre everywhere.
    assert scaled_depth_error(predicted, true, EVERYWHERE) == pytest.approx(0.5, rel=1e-3)
    assert np.isnan(scaled_depth_error(predicted, true, NOWHERE))


def test_extent_is_between_the_outer_hundredths() -> None:
    depth = np.linspace(2.0, 3.0, 64).reshape(8, 8)
    assert extent(depth, EVERYWHERE) == pytest.approx(0.98)
    assert np.isnan(extent(depth, NOWHERE))


def test_overlap_of_masks() -> None:
    first, second = NOWHERE.copy(), NOWHERE.copy()
    first[:, :6], second[:, 2:] = True, True
    assert intersection_over_union(first, second) == pytest.approx(4 / 8)
    assert intersection_over_union(first, first) == 1.0
    assert intersection_over_union(NOWHERE, NOWHERE) == 1.0
    assert intersection_over_union(first, NOWHERE) == 0.0


def test_classes_are_counted_and_each_has_its_overlap() -> None:
    true = np.array([[0, 0, 1, 1]], np.uint8)
    predicted = np.array([[0, 1, 1, 1]], np.uint8)
    counts = confusion(predicted, true, np.ones((1, 4), bool), 3)
    np.testing.assert_array_equal(counts, [[1, 1, 0], [0, 2, 0], [0, 0, 0]])
    np.testing.assert_allclose(class_unions(counts), [1 / 2, 2 / 3, np.nan])
    np.testing.assert_allclose(class_unions(confusion(true, true, np.ones((1, 4), bool), 2)), 1.0)
    assert confusion(predicted, true, np.array([[True, False, False, False]]), 3).sum() == 1
