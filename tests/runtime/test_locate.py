"""Heads are found at their place and size; each bad case has its sentence."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.tiny_networks import red_disc_locator, write_weights

from chiaro.runtime.errors import HeadError, SettingsError
from chiaro.runtime.head import HeadBox
from chiaro.runtime.locate import (
    choose_head,
    find_heads,
    overlapping_windows,
    refine_head,
    same_head,
    visible_part,
    whole_plate_window,
    window_pixels,
)
from chiaro.runtime.network import Network, load_network


@pytest.fixture
def locator(tmp_path: Path) -> Network:
    return load_network("locator", folder=write_weights(tmp_path, locator=red_disc_locator()))


def plate_with_discs(width: int, height: int, *discs: tuple[float, float, float]) -> NDArray[np.float32]:
    """A grey plate with red discs (x, y, radius)."""
    plate = np.full((height, width, 3), 0.2, dtype=np.float32)
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    for centre_x, centre_y, radius in discs:
        plate[np.hypot(x - centre_x, y - centre_y) <= radius] = (1, 0, 0)
    return plate


@pytest.mark.parametrize(("width", "height"), [(1024, 1024), (1920, 1080), (1081, 1923), (257, 255), (64, 64)])
def test_a_head_is_found_where_it_is(locator: Network, width: int, height: int) -> None:
    half_size = 64 * max(width, height) / 256
    x, y = 0.52 * width, 0.45 * height
    heads = find_heads(plate_with_discs(width, height, (x, y, 0.18 * half_size)), locator)
    assert len(heads) == 1
    assert heads[0].half_size == pytest.approx(half_size)
    assert np.hypot(heads[0].centre_x - x, heads[0].centre_y - y) < 8 * max(width, height) / 256


def test_two_heads_are_two(locator: Network) -> None:
    plate = plate_with_discs(1024, 1024, (250, 500, 46), (800, 480, 46))
    assert sorted(head.centre_x for head in find_heads(plate, locator)) == pytest.approx([250, 800], abs=32)


def test_a_head_too_small_for_the_first_look_is_found_by_the_second(locator: Network) -> None:
    small = plate_with_discs(2000, 1000, (1500, 400, 34))
    heads = find_heads(small, locator)
    assert len(heads) == 1
    assert np.hypot(heads[0].centre_x - 1500, heads[0].centre_y - 400) < 30


def test_windows_cover_the_plate() -> None:
    seen = np.zeros((1080, 1920), dtype=bool)
    for window in overlapping_windows(1920, 1080):
        top, left = int(max(window.top, 0)), int(max(window.left, 0))
        seen[top : int(window.top + window.side) + 1, left : int(window.left + window.side) + 1] = True
    assert seen.all()


def test_refining_where_there_is_nothing_gives_none(locator: Network) -> None:
    assert refine_head(plate_with_discs(500, 500), HeadBox(250, 250, 100), locator) is None


def test_beyond_the_plate_the_network_sees_grey() -> None:
    pixels = window_pixels(np.ones((100, 256, 3), dtype=np.float32), whole_plate_window(256, 100))
    assert (pixels[0, :, :70] == 0.5).all()
    assert pixels[0, :, 90:160] == pytest.approx(1.0)


def test_no_head() -> None:
    with pytest.raises(HeadError, match="No head was found in the plate"):
        choose_head([], 640, 360)


def test_three_heads_the_largest_is_taken_and_said() -> None:
    heads = [HeadBox(300, 200, size) for size in (90.0, 60.0, 50.0)]
    chosen = choose_head(heads, 640, 360)
    assert chosen.box.half_size == 90
    assert chosen.messages[0].startswith("3 heads were found; the largest is relit")
    assert choose_head(heads, 640, 360, person=2).box.half_size == 50
    with pytest.raises(HeadError, match="Person 3 was asked for, but the frame holds 3"):
        choose_head(heads, 640, 360, person=3)
    with pytest.raises(SettingsError, match="count from 0"):
        choose_head(heads, 640, 360, person=-1)


def test_a_face_half_out_of_frame() -> None:
    assert visible_part(HeadBox(0, 180, 100), 640, 360) == pytest.approx(0.5)
    with pytest.raises(HeadError, match="Only 36% of the face lies inside the frame"):
        choose_head([HeadBox(-10, 180, 100)], 640, 360)
    assert "outside the frame" in choose_head([HeadBox(10, 180, 100)], 640, 360).messages[0]


def test_a_head_too_small() -> None:
    with pytest.raises(HeadError, match="only about 8 pixels wide; at least 14 are needed"):
        choose_head([HeadBox(300, 200, 12)], 640, 360)


def test_same_head() -> None:
    assert same_head(HeadBox(100, 100, 50), HeadBox(110, 100, 60))
    assert not same_head(HeadBox(100, 100, 50), HeadBox(160, 100, 60))
