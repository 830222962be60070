"""The matte fades along those sides of the crop beyond which the plate goes on, and along no other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiaro.runtime.camera import Camera
from chiaro.runtime.crop import Crop, crop_around, transform_pixels
from chiaro.runtime.head import HeadBox
from chiaro.runtime.view.border import FADED_BORDER, CropBorder, central_weight

WIDTH, HEIGHT = 1920, 1080
CAMERA = Camera(WIDTH, HEIGHT, 2600.0, 2600.0, WIDTH / 2, HEIGHT / 2, np.eye(4))


def _crop(x: float, y: float, half: float, roll: float = 0.0) -> Crop:
    return crop_around(HeadBox(x, y, half, roll), CAMERA)


def test_inside_the_plate_all_four_sides_fade() -> None:
    np.testing.assert_array_equal(CropBorder(_crop(900, 500, 200, 0.2)).fade(), central_weight(256))


@pytest.mark.parametrize(
    ("x", "y", "side"), [(900, 1000, "bottom"), (900, 80, "top"), (80, 500, "left"), (1860, 500, "right")]
)
def test_the_side_beyond_which_the_plate_ends_stays_whole(x: float, y: float, side: str) -> None:
    fade = CropBorder(_crop(x, y, 200)).fade()
    middles = {"top": fade[0, 128], "bottom": fade[-1, 128], "left": fade[128, 0], "right": fade[128, -1]}
    assert middles.pop(side) == 1.0
    assert max(middles.values()) < 0.01


def test_a_crop_larger_than_the_plate_does_not_fade_at_all() -> None:
    assert (CropBorder(_crop(960, 540, 1400)).fade() == 1.0).all()


@given(st.floats(0, WIDTH), st.floats(0, HEIGHT), st.floats(60, 900), st.floats(-0.6, 0.6))
def test_it_is_smooth_and_nothing_wherever_the_plate_goes_on(x: float, y: float, half: float, roll: float) -> None:
    crop = _crop(x, y, half, roll)
    border = CropBorder(crop)
    fade = border.fade()
    assert fade.min() >= 0.0
    assert fade.max() <= 1.0
    # A smoothstep is never steeper than 1.5 over its width; a corner is the product of two.
    steepest = 1.5 / (FADED_BORDER * 256)
    assert np.abs(np.diff(fade, axis=0)).max() < 2.0 * steepest + 1e-3
    assert np.abs(np.diff(fade, axis=1)).max() < 2.0 * steepest + 1e-3
    along = np.linspace(2.0, 254.0, 40)
    sides = np.concatenate([np.stack([along, np.full(40, end)], -1) for end in (0.0, 256.0)])
    sides = np.concatenate([sides, sides[:, ::-1]])
    in_plate = transform_pixels(crop.plate_from_crop, sides)
    margin = 4.0 * half / 128
    deep = ((in_plate > margin) & (in_plate < np.array([WIDTH, HEIGHT]) - margin)).all(axis=1)
    assert (border.fade_at(sides)[deep] < 0.01).all()
