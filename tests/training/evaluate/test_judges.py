"""The judges: alignment in closed form, and nothing changed gives perfect values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.training.assets import AssetError, default_data_folder
from chiaro.training.evaluate.judges import (
    FACE_POINTS,
    FACE_SIZE,
    aligned_face,
    feature_distance,
    layer_distance,
    load_judges,
    same_face,
    similarity_transform,
)

DATA = default_data_folder()
NOISE = np.random.default_rng(9).uniform(0.0, 1.0, (FACE_SIZE, FACE_SIZE, 3)).astype(np.float32)


@settings(max_examples=20, deadline=None)
@given(st.floats(-3.0, 3.0), st.floats(0.2, 5.0), st.floats(-50.0, 50.0))
def test_turn_scale_and_shift_are_found(angle: float, scale: float, shift: float) -> None:
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = similarity_transform(FACE_POINTS, FACE_POINTS @ turn.T + [shift, -shift])
    np.testing.assert_allclose(found, np.column_stack([turn, [shift, -shift]]), atol=1e-8)


def test_a_face_that_lies_right_is_left_as_it_is() -> None:
    np.testing.assert_allclose(aligned_face(NOISE, FACE_POINTS), NOISE, atol=1e-5)
    shifted = aligned_face(NOISE, FACE_POINTS + np.array([3.0, 0.0]))
    np.testing.assert_allclose(shifted[:, :100], NOISE[:, 3:103], atol=1e-5)


def test_features_without_anything_in_common_are_two_apart() -> None:
    first, second = np.zeros((2, 4, 4)), np.zeros((2, 4, 4))
    first[0], second[1] = 3.0, 0.5
    assert layer_distance(first, first) == 0.0
    assert layer_distance(first, 7.0 * first) == pytest.approx(0.0, abs=1e-9)
    assert layer_distance(first, second) == pytest.approx(2.0)


def test_a_missing_judge_is_named() -> None:
    with pytest.raises(AssetError, match=r"metrics/MobileFaceNet\.onnx"):
        load_judges(None)


@pytest.mark.data
@pytest.mark.skipif(DATA is None, reason="the asset folder (CHIARO_DATA) is not here")
def test_a_picture_is_like_itself() -> None:
    judges = load_judges(DATA)
    assert same_face(judges, NOISE, NOISE) == pytest.approx(1.0, abs=1e-5)
    assert feature_distance(judges, NOISE, NOISE) == 0.0
    assert feature_distance(judges, NOISE, 1.0 - NOISE) > 0.1
