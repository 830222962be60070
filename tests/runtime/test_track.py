"""Head boxes stay steady over a shot, and do not lag."""

from collections.abc import Sequence

import numpy as np
import pytest

from chiaro.runtime.errors import HeadError, PlateError
from chiaro.runtime.head import HeadBox
from chiaro.runtime.track import FindHeads, steady_head, weighted_mean

SIZE = (1920, 1080)


def shot(boxes: dict[int, list[HeadBox]]) -> FindHeads:
    def find(frame: int) -> Sequence[HeadBox]:
        if frame not in boxes:
            raise PlateError(f"Frame {frame} is missing.")
        return boxes[frame]

    return find


def test_jitter_is_reduced() -> None:
    random = np.random.default_rng(0)
    noisy = {f: [HeadBox(800 + random.normal(0, 4), 500 + random.normal(0, 4), 200)] for f in range(100)}
    steady = [steady_head(f, shot(noisy), *SIZE).box.centre_x for f in range(3, 97)]
    raw = [noisy[f][0].centre_x for f in range(3, 97)]
    assert np.std(np.diff(steady)) < 0.4 * np.std(np.diff(raw))


def test_constant_motion_is_followed_without_lag_up_to_the_ends() -> None:
    moving = {f: [HeadBox(300 + 12.0 * f, 400, 180)] for f in range(20)}
    for frame in (0, 1, 10, 19):
        assert steady_head(frame, shot(moving), *SIZE).box.centre_x == pytest.approx(300 + 12 * frame)


def test_a_cut_is_not_averaged_over() -> None:
    before = {f: [HeadBox(400, 400, 150)] for f in range(5)}
    after = {f: [HeadBox(1400, 600, 300)] for f in range(5, 10)}
    find = shot(before | after)
    for frame, expected in ((4, before[4][0]), (5, after[5][0])):
        box = steady_head(frame, find, *SIZE).box
        assert (box.centre_x, box.centre_y) == (expected.centre_x, expected.centre_y)
        assert box.half_size == pytest.approx(expected.half_size)


def test_one_missed_frame_is_filled_in() -> None:
    boxes = {f: [HeadBox(500 + 10 * f, 400, 150)] for f in range(9)}
    boxes[4] = []
    assert steady_head(4, shot(boxes), *SIZE).box.centre_x == pytest.approx(540)


def test_two_missed_frames_are_an_error() -> None:
    boxes: dict[int, list[HeadBox]] = {f: [HeadBox(500, 400, 150)] for f in range(9)}
    boxes[4] = boxes[5] = []
    with pytest.raises(HeadError, match="No head was found"):
        steady_head(4, shot(boxes), *SIZE)


def test_angles_are_averaged_across_the_turn() -> None:
    boxes = [HeadBox(0, 0, 1, roll=np.pi - 0.1), HeadBox(0, 0, 1, roll=-np.pi + 0.1)]
    assert abs(weighted_mean(boxes, [1, 1]).roll) == pytest.approx(np.pi)
