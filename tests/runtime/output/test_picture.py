"""Passes as pictures: what each colour stands for."""

from collections.abc import Callable

import numpy as np
import pytest

from chiaro.runtime.output.picture import (
    depth_picture,
    exposure_for,
    normal_picture,
    shading_picture,
    weight_picture,
)


def test_normals() -> None:
    normal = np.array([[[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, -1], [1, 1, 1]]], np.float32)
    matte = np.array([[1, 1, 1, 1, 0]], np.float32)
    expected = [[[255, 128, 128], [128, 255, 128], [128, 128, 255], [128, 128, 0], [0, 0, 0]]]
    np.testing.assert_array_equal(normal_picture(normal, matte), expected)


def test_near_is_white_and_outside_is_black() -> None:
    depth = np.tile(np.linspace(1.0, 2.0, 101, dtype=np.float32), (5, 1))
    matte = np.ones_like(depth)
    matte[:, 90:], depth[:, 90:] = 0, 1e10
    picture = depth_picture(depth, matte)
    grey = picture[2, :, 0].astype(int)
    assert grey[0] == 255
    assert (np.diff(grey[:90]) <= 0).all()
    assert grey[89] == pytest.approx(255 * 0.1, abs=2)  # the farthest is not yet black
    assert (grey[90:] == 0).all()


def test_flat_and_empty_depth() -> None:
    depth = np.full((4, 4), 3.0, np.float32)
    assert (depth_picture(depth, np.ones((4, 4), np.float32)) == 255).all()
    assert (depth_picture(depth, np.zeros((4, 4), np.float32)) == 0).all()


def test_weights_are_not_bent() -> None:
    picture = weight_picture(np.array([[0.0, 0.5, 1.0, 2.0]], np.float32))
    np.testing.assert_array_equal(picture[0, :, 1], [0, 128, 255, 255])


@pytest.mark.parametrize("level", [1e-3, 1.0, 400.0])
def test_shading_of_any_strength_looks_the_same(level: float) -> None:
    shading = np.random.default_rng(3).random((40, 40, 3), np.float32)
    matte = np.ones((40, 40), np.float32)
    np.testing.assert_allclose(
        shading_picture(shading * np.float32(level), matte).astype(int), shading_picture(shading, matte), atol=1
    )


@pytest.mark.parametrize("draw", [depth_picture, shading_picture, normal_picture])
def test_a_soft_edge_is_drawn_softly(draw: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> None:
    """What is half covered is darker than inside, and lighter than nothing."""
    matte = np.tile(np.array([1.0, 0.5, 0.25, 0.0], np.float32), (4, 1))
    values = np.ones((4, 4), np.float32) if draw is depth_picture else np.full((4, 4, 3), 0.6, np.float32)
    row = draw(values, matte)[0, :, 0].astype(int)
    assert (np.diff(row) < 0).all()
    assert row[-1] == 0


def test_exposure_without_light_or_person() -> None:
    black = np.zeros((4, 4, 3), np.float32)
    assert exposure_for(black, np.ones((4, 4), bool)) == 1.0
    assert exposure_for(black + 5, np.zeros((4, 4), bool)) == 1.0
    assert exposure_for(black + 4, np.ones((4, 4), bool)) == pytest.approx(0.25)
