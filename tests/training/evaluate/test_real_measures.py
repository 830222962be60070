"""What of a real frame counts: only what its camera recorded."""

import numpy as np

from chiaro.runtime.camera import camera_from_lens
from chiaro.runtime.crop import CROP_SIZE, crop_around
from chiaro.runtime.head import HeadBox
from chiaro.training.evaluate.real_measures import recorded_pixels


def test_a_crop_inside_the_plate_counts_whole() -> None:
    camera = camera_from_lens(640, 480, focal_length_mm=50.0)
    assert recorded_pixels(crop_around(HeadBox(320.0, 240.0, 100.0), camera)).all()


def test_beyond_the_plate_nothing_counts() -> None:
    camera = camera_from_lens(640, 480, focal_length_mm=50.0)
    recorded = recorded_pixels(crop_around(HeadBox(320.0, 480.0, 100.0), camera))
    # The box's centre lies on the plate's lower edge.
    rows = recorded.mean(axis=1)
    assert rows[: CROP_SIZE // 2 - 2].min() == 1.0
    assert rows[CROP_SIZE // 2 + 2 :].max() == 0.0
    np.testing.assert_allclose(recorded.mean(), 0.5, atol=0.01)
