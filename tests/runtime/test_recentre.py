"""Head boxes are corrected by what the portrait network says, never by more than a little."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.camera import camera_from_lens
from chiaro.runtime.command.bench import astronaut
from chiaro.runtime.crop import CROP_SIZE, crop_around, transform_pixels
from chiaro.runtime.head import HeadBox
from chiaro.runtime.network import load_network
from chiaro.runtime.plate.opening import open_plate
from chiaro.runtime.recentre import FURTHEST_SHIFT, LARGEST_LOG_SCALE, LARGEST_TURN, corrected, recentred

CAMERA = camera_from_lens(1920, 1080, focal_length_mm=50.0)
BOX = HeadBox(1200.0, 420.0, 260.0, roll=0.2)
CROP = crop_around(BOX, CAMERA)
STRAIGHT = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def head_numbers(x: float = 0.0, y: float = 0.0, log_scale: float = 0.0, roll: float = 0.0) -> Float32Array:
    """What a perfect network says of a head that leans clockwise by `roll` inside the crop."""
    columns = [np.cos(roll), -np.sin(roll), 0.0, np.sin(roll), np.cos(roll), 0.0]
    return np.array([*columns, x, y, log_scale], dtype=np.float32)


shifts = st.floats(-FURTHEST_SHIFT, FURTHEST_SHIFT)


@given(shifts, shifts, st.floats(-LARGEST_LOG_SCALE, LARGEST_LOG_SCALE), st.floats(-LARGEST_TURN, LARGEST_TURN))
def test_a_perfect_network_gives_the_true_box(x: float, y: float, log_scale: float, roll: float) -> None:
    box = corrected(BOX, head_numbers(x, y, log_scale, roll), CROP)
    in_crop = transform_pixels(CROP.crop_from_plate, np.array([box.centre_x, box.centre_y]))
    assert in_crop == pytest.approx(CROP_SIZE / 2 * np.array([1 + x, 1 - y]), abs=1e-3)
    # A crop that is too wide sees a head that is too small.
    assert box.half_size == pytest.approx(BOX.half_size * np.exp(-log_scale), rel=1e-5)
    assert box.roll == pytest.approx(BOX.roll + roll, abs=1e-5)


def test_a_box_that_is_right_stays() -> None:
    box = corrected(BOX, head_numbers(), CROP)
    assert (box.centre_x, box.centre_y, box.half_size, box.roll) == pytest.approx((1200.0, 420.0, 260.0, 0.2))


@given(arrays(np.float32, 9, elements=st.floats(-50, 50, width=32)))
def test_no_network_moves_a_box_far(head: Float32Array) -> None:
    box = corrected(BOX, head, CROP)
    moved = np.hypot(box.centre_x - BOX.centre_x, box.centre_y - BOX.centre_y)
    assert moved <= 1.5 * np.sqrt(2) * FURTHEST_SHIFT * BOX.half_size
    assert abs(np.log(box.half_size / BOX.half_size)) <= LARGEST_LOG_SCALE + 1e-6
    assert abs(box.roll - BOX.roll) <= LARGEST_TURN + 1e-6


@pytest.mark.parametrize("nonsense", [np.nan, np.inf])
def test_numbers_that_are_none_change_nothing(nonsense: float) -> None:
    assert corrected(BOX, np.array([*STRAIGHT, nonsense, 0.0, 0.0]), CROP) == BOX


def test_the_pose_is_the_portrait_networks() -> None:
    yaw, pitch = 0.5, 0.3
    forward = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    right = np.cross([0.0, 1.0, 0.0], forward)
    right /= np.linalg.norm(right)
    box = corrected(BOX, np.array([*right, *np.cross(forward, right), 0.0, 0.0, 0.0]), CROP)
    assert (box.yaw, box.pitch) == pytest.approx((yaw, pitch))


def test_boxes_around_a_real_head_come_closer_to_each_other() -> None:
    with open_plate(astronaut()) as plate:
        image = plate.read(plate.first_frame).image
    portrait = load_network("portrait")
    centre = HeadBox(221.0, 114.0, 138.0, roll=0.15)
    step = 0.08 * centre.half_size
    disturbed = [
        replace(centre, centre_x=centre.centre_x - step),
        replace(centre, centre_x=centre.centre_x + step),
        replace(centre, centre_y=centre.centre_y - step),
        replace(centre, centre_y=centre.centre_y + step),
        replace(centre, half_size=centre.half_size / 1.12),
        replace(centre, half_size=centre.half_size * 1.12),
        replace(centre, roll=centre.roll - 0.12),
        replace(centre, roll=centre.roll + 0.12),
    ]

    def spread(boxes: list[HeadBox]) -> np.ndarray:
        return np.std([(b.centre_x, b.centre_y, np.log(b.half_size), b.roll) for b in boxes], axis=0)

    once = [recentred(image, box, portrait) for box in disturbed]
    twice = [recentred(image, box, portrait) for box in once]
    assert (spread(once) < 0.8 * spread(disturbed)).all()
    assert (spread(twice) <= spread(once)).all()
    assert (spread(twice) < 0.65 * spread(disturbed)).all()
    assert (spread(twice) / spread(disturbed)).mean() < 0.4
