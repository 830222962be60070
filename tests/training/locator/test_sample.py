"""Targets and variations of the locator, decoded by the runtime."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.head import HeadBox
from chiaro.runtime.locate import INPUT_SIZE, Window, decode_heads
from chiaro.training.locator.network import LocatorNetwork, locator_loss
from chiaro.training.locator.sample import SIZE, LocatorSample, grid_truth, varied

pixels = st.floats(1.0, 255.0)
WHOLE = Window(0.0, 0.0, float(INPUT_SIZE))


@settings(max_examples=25, deadline=None)
@given(pixels, pixels, st.floats(10.0, 250.0), st.floats(-0.8, 0.8), st.floats(-1.4, 1.4), st.floats(-0.7, 0.7))
def test_the_runtime_decodes_the_truth(  # noqa: PLR0917 - hypothesis fills them
    x: float, y: float, half: float, roll: float, yaw: float, pitch: float
) -> None:
    heat, box, known = grid_truth((HeadBox(x, y, half, roll=roll, yaw=yaw, pitch=pitch),))
    found = decode_heads(heat[0], box, WHOLE)
    assert len(found) == 1
    head = found[0]
    assert (head.centre_x, head.centre_y) == pytest.approx((x, y), abs=1e-3)
    assert head.half_size == pytest.approx(half, rel=1e-4)
    assert (head.roll, head.yaw, head.pitch) == pytest.approx((roll, yaw, pitch), abs=1e-4)
    assert known.max() == 1.0


def test_heads_outside_the_picture_are_no_targets() -> None:
    heat, _, known = grid_truth((HeadBox(-4.0, 20.0, 60.0), HeadBox(20.0, 260.0, 60.0)))
    assert heat.max() == 0.0
    assert known.max() == 0.0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_variation_moves_box_and_picture_alike(index: int) -> None:
    x, y = 100.0, 140.0
    plate = np.zeros((SIZE, SIZE, 3), np.uint8)
    plate[int(y) - 6 : int(y) + 6, int(x) - 6 : int(x) + 6, 0] = 255
    result = varied(LocatorSample(plate, (HeadBox(x, y, 50.0, roll=0.3, yaw=0.5),)), 1, index)
    if not result.boxes:
        return
    box = result.boxes[0]
    red = result.plate.astype(int)
    bright = red[..., 0] - red[..., 1] > 70
    rows, columns = np.nonzero(bright)
    inside = 12 < box.centre_x < SIZE - 12 and 12 < box.centre_y < SIZE - 12
    if inside:
        assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx((box.centre_x, box.centre_y), abs=1.0)
        assert np.sqrt(bright.sum()) / 12.0 == pytest.approx(box.half_size / 50.0, rel=0.15)
    assert np.sign(box.roll) == np.sign(box.yaw)


def test_the_loss_prefers_the_truth() -> None:
    heat, box, known = (torch.from_numpy(v)[None] for v in grid_truth((HeadBox(100.0, 80.0, 60.0, yaw=0.2),)))
    right = torch.cat([torch.where(heat >= 1.0, 12.0, -12.0), box], dim=1)
    shifted = torch.roll(right, 5, dims=3)
    good, _ = locator_loss(right, heat, box, known)
    bad, _ = locator_loss(shifted, heat, box, known)
    assert float(good) < 1e-3 < float(bad)


def test_shapes_of_the_locator() -> None:
    outputs = LocatorNetwork().eval()(torch.rand(2, 3, 256, 256))
    assert outputs["score"].shape == (2, 1, 32, 32)
    assert outputs["box"].shape == (2, 7, 32, 32)
    assert float(outputs["score"].detach().max()) < 0.5
