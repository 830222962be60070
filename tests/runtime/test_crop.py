"""The crop is a real camera: its homography agrees with projecting points, and cutting does not alias."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiaro.runtime.camera import Camera, camera_from_lens
from chiaro.runtime.crop import (
    CROP_SIZE,
    box_reduced,
    crop_around,
    cut_crop,
    inside_plate,
    sample_bilinear,
    towards_camera,
    transform_pixels,
)
from chiaro.runtime.errors import HeadError
from chiaro.runtime.head import CROP_HALF_WIDTH_METRES, HeadBox

PLATE_CAMERA = Camera(1920, 1080, 2600, 2500, 940, 555)


@given(st.floats(100, 1800), st.floats(100, 1000), st.floats(30, 700), st.floats(-1, 1))
def test_homography_agrees_with_projection(x: float, y: float, half_size: float, roll: float) -> None:
    crop = crop_around(HeadBox(x, y, half_size, roll=roll), PLATE_CAMERA)
    pixels = np.array([[10.0, 20.0], [200.0, 128.0], [128.0, 250.0]])
    crop_points = crop.camera.directions(pixels) * 2.0
    plate_points = crop_points @ crop.plate_camera_from_crop_camera.T
    assert transform_pixels(crop.plate_from_crop, pixels) == pytest.approx(PLATE_CAMERA.project(plate_points), abs=1e-6)


def test_the_crop_looks_at_the_box() -> None:
    crop = crop_around(HeadBox(700, 300, 200), PLATE_CAMERA)
    assert transform_pixels(crop.plate_from_crop, np.array([128.0, 128.0])) == pytest.approx([700, 300])
    assert transform_pixels(crop.plate_from_crop, np.array([256.0, 128.0]))[0] == pytest.approx(900, abs=4)


def test_a_head_that_leans_clockwise_is_turned_upright() -> None:
    crop = crop_around(HeadBox(960, 540, 200, roll=0.3), camera_from_lens(1920, 1080))
    above = transform_pixels(crop.plate_from_crop, np.array([128.0, 28.0])) - (960, 540)
    assert np.arctan2(above[0], -above[1]) == pytest.approx(0.3)


def test_the_distance_makes_the_box_as_wide_as_agreed() -> None:
    camera = camera_from_lens(1920, 1080)
    crop = crop_around(HeadBox(960, 540, 200), camera)
    edge = camera.project(np.array([CROP_HALF_WIDTH_METRES, 0.0, -crop.head_distance]))
    assert edge[0] - 960 == pytest.approx(200)


def test_cutting_a_gradient_gives_the_gradient() -> None:
    x, y = np.meshgrid(np.arange(1920) + 0.5, np.arange(1080) + 0.5)
    plate = np.stack([x, y, x + y], axis=-1).astype(np.float32)
    crop = crop_around(HeadBox(900, 500, 420, roll=0.2), PLATE_CAMERA)
    expected = transform_pixels(crop.plate_from_crop, crop.camera.pixel_centres())
    assert cut_crop(plate, crop)[..., :2] == pytest.approx(expected, abs=0.6)


def test_cutting_a_fine_checkerboard_gives_grey() -> None:
    plate = np.indices((2000, 2000)).sum(axis=0) % 2 * np.ones((3, 1, 1))
    crop = crop_around(HeadBox(1000, 1000, 900), camera_from_lens(2000, 2000))
    inner = cut_crop(plate.transpose(1, 2, 0).astype(np.float32), crop)[20:-20, 20:-20]
    assert np.abs(inner - 0.5).max() < 0.1


def test_a_crop_that_leaves_the_plate_repeats_its_edge() -> None:
    crop = crop_around(HeadBox(10, 10, 300), camera_from_lens(640, 360))
    assert (cut_crop(np.ones((360, 640, 3), dtype=np.float32), crop) == 1).all()


def test_box_reduced_averages_and_fills_odd_sizes() -> None:
    image = np.arange(15, dtype=np.float32).reshape(3, 5)
    reduced = box_reduced(image, 2)
    assert reduced.shape == (2, 3)
    assert reduced[0, 0] == pytest.approx((0 + 1 + 5 + 6) / 4)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 5), st.sampled_from([(), (3,)]))
def test_box_reduced_takes_the_means_of_blocks(height: int, width: int, factor: int, channels: tuple[int, ...]) -> None:
    image = np.random.default_rng(height * width).random((height, width, *channels), dtype=np.float32)
    rows, columns = -(-height // factor), -(-width // factor)
    y, x = np.arange(rows * factor).clip(max=height - 1), np.arange(columns * factor).clip(max=width - 1)
    whole = image[y[:, None], x].reshape(rows, factor, columns, factor, *channels)
    np.testing.assert_allclose(box_reduced(image, factor), whole.mean(axis=(1, 3)), atol=1e-6)


def test_sampling_at_pixel_centres_is_exact() -> None:
    image = np.random.default_rng(0).random((7, 9, 3)).astype(np.float32)
    x, y = np.meshgrid(np.arange(9) + 0.5, np.arange(7) + 0.5)
    assert (sample_bilinear(image, np.stack([x, y], axis=-1)) == image).all()


def test_bad_boxes_are_refused() -> None:
    with pytest.raises(HeadError, match="size above zero"):
        HeadBox(10, 10, 0)
    with pytest.raises(HeadError, match="finite numbers"):
        HeadBox(float("nan"), 10, 5)


def test_beyond_the_plate_nothing_is_inside() -> None:
    camera = camera_from_lens(640, 480, focal_length_mm=50.0)
    assert inside_plate(crop_around(HeadBox(320.0, 240.0, 100.0), camera)).all()
    # The box's centre lies on the plate's lower edge.
    rows = inside_plate(crop_around(HeadBox(320.0, 480.0, 100.0), camera)).mean(axis=1)
    assert rows[: CROP_SIZE // 2 - 2].min() == 1.0
    assert rows[CROP_SIZE // 2 + 2 :].max() == 0.0


def test_pixels_look_back_at_the_camera() -> None:
    crop = crop_around(HeadBox(320.0, 240.0, 100.0), camera_from_lens(640, 480, focal_length_mm=50.0))
    towards = towards_camera(crop)
    assert np.linalg.norm(towards, axis=-1) == pytest.approx(np.ones(towards.shape[:2]), abs=1e-5)
    assert towards[CROP_SIZE // 2, CROP_SIZE // 2] == pytest.approx([0.0, 0.0, 1.0], abs=2e-3)
    # What lies to the right of the axis and above it sees the camera to its left and below.
    assert towards[0, -1, 0] < -0.01
    assert towards[0, -1, 1] < -0.01
