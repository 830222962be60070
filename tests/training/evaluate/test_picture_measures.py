"""Measures of pictures: nothing wrong gives perfect values, a known error gives a known value."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.training.evaluate.picture_measures import (
    HIGHEST,
    best_factor,
    centres,
    jitter,
    psnr,
    scale_free_psnr,
    shown,
    ssim,
    warping_error,
)

SIZE = 32
MIDDLE = np.zeros((SIZE, SIZE), bool)
MIDDLE[8:24, 8:24] = True
PICTURE = np.random.default_rng(3).uniform(0.2, 0.7, (SIZE, SIZE, 3)).astype(np.float32)


def test_equal_pictures_are_perfect() -> None:
    assert psnr(PICTURE, PICTURE, MIDDLE) == HIGHEST
    assert ssim(PICTURE, PICTURE, MIDDLE) == pytest.approx(1.0)
    assert jitter([PICTURE, PICTURE], MIDDLE) == 0.0


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-3, 0.2))
def test_a_constant_error_has_its_decibels(error: float) -> None:
    assert psnr(PICTURE + np.float32(error), PICTURE, MIDDLE) == pytest.approx(-20.0 * np.log10(error), abs=1e-2)
    assert jitter([PICTURE, PICTURE + np.float32(error), PICTURE], MIDDLE) == pytest.approx(error, rel=1e-3)


def test_what_lies_outside_the_mask_does_not_matter() -> None:
    other = PICTURE.copy()
    other[~MIDDLE] = 0.9
    assert psnr(other, PICTURE, MIDDLE) == HIGHEST
    assert ssim(other, PICTURE, MIDDLE) == pytest.approx(1.0)
    assert np.isnan(psnr(other, PICTURE, np.zeros_like(MIDDLE)))
    assert np.isnan(ssim(other, PICTURE, np.zeros_like(MIDDLE)))


def test_noise_is_less_alike_than_a_shift_of_the_same_strength() -> None:
    noise = np.random.default_rng(4).choice([-0.1, 0.1], PICTURE.shape).astype(np.float32)
    assert psnr(PICTURE + noise, PICTURE, MIDDLE) == pytest.approx(psnr(PICTURE + 0.1, PICTURE, MIDDLE), abs=1e-3)
    assert ssim(PICTURE + noise, PICTURE, MIDDLE) < ssim(PICTURE + np.float32(0.1), PICTURE, MIDDLE) < 1.0


@settings(max_examples=20, deadline=None)
@given(st.floats(0.2, 5.0))
def test_a_factor_is_forgiven_where_scale_is_free(factor: float) -> None:
    assert best_factor(PICTURE * factor, PICTURE, MIDDLE) == pytest.approx(1.0 / factor, rel=1e-4)
    assert scale_free_psnr(PICTURE * np.float32(factor), PICTURE, MIDDLE) > 90.0


def test_pictures_are_shown_at_the_exposure_of_the_truth() -> None:
    grey = np.full((SIZE, SIZE, 3), 0.25, np.float32)
    np.testing.assert_allclose(shown(grey, grey, MIDDLE), 1.0, atol=1e-5)
    half = shown(grey * np.float32(0.5), grey, MIDDLE)
    np.testing.assert_allclose(half, 1.055 * 0.5 ** (1 / 2.4) - 0.055, atol=1e-5)


def _wave(shift: float) -> np.ndarray:  # type: ignore[type-arg]  # floats
    x = centres(SIZE, SIZE)[..., 0] - shift
    return np.repeat((0.5 + 0.01 * x)[..., None], 3, axis=-1).astype(np.float32)


def test_a_picture_that_moves_as_it_should_has_no_warping_error() -> None:
    motion = np.zeros((SIZE, SIZE, 2))
    motion[..., 0] = 1.5
    assert warping_error([_wave(0.0), _wave(1.5)], [motion], [MIDDLE]) == pytest.approx(0.0, abs=1e-10)
    # Standing still under that motion, each pixel is off by one and a half steps of 0.01.
    assert warping_error([_wave(0.0), _wave(0.0)], [motion], [MIDDLE]) == pytest.approx(0.015**2, rel=1e-3)


def test_warping_error_needs_points_that_both_frames_see() -> None:
    still, nowhere = np.zeros((SIZE, SIZE, 2)), np.zeros((SIZE, SIZE), bool)
    assert np.isnan(warping_error([PICTURE, PICTURE], [still], [nowhere]))
    pictures = [PICTURE, PICTURE + np.float32(0.1), PICTURE + np.float32(0.1)]
    assert warping_error(pictures, [still, still], [MIDDLE, MIDDLE]) == pytest.approx(0.01 / 2, rel=1e-3)
