"""Pieces are worked on side by side, and come back as if they had been worked on one after the other."""

import threading

import numpy as np
import pytest

from chiaro.runtime import parallel
from chiaro.runtime.camera import camera_from_lens
from chiaro.runtime.command.bench import astronaut, fitted, sky_and_ground
from chiaro.runtime.light.light import Light
from chiaro.runtime.orbit import looking_along_y, turned_around
from chiaro.runtime.parallel import core_count, in_parallel
from chiaro.runtime.passes import Passes
from chiaro.runtime.plate.opening import open_plate
from chiaro.runtime.plate.plate import PlateFrame
from chiaro.runtime.relight import Relighter, RelightRequest
from chiaro.runtime.view.view_camera import head_centre


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "core_count", lambda: 4)


def test_results_come_in_the_order_of_the_pieces() -> None:
    assert in_parallel(lambda number: number**2, range(100)) == [number**2 for number in range(100)]
    assert in_parallel(str, []) == []


def test_pieces_are_worked_on_at_the_same_time() -> None:
    meeting = threading.Barrier(4, timeout=20)
    assert sorted(in_parallel(lambda _: meeting.wait(), range(4))) == [0, 1, 2, 3]


def test_one_piece_needs_no_thread() -> None:
    assert in_parallel(lambda _: threading.current_thread(), [0]) == [threading.current_thread()]


def test_the_first_failure_is_told_and_no_thread_is_left() -> None:
    before = threading.active_count()

    def work(number: int) -> int:
        if number in {3, 7}:
            raise ValueError(number)
        return number

    with pytest.raises(ValueError, match="3"):
        in_parallel(work, range(10))
    assert threading.active_count() == before


def test_there_is_at_least_one_core() -> None:
    assert core_count() >= 1


@pytest.mark.parametrize("yaw", [0.0, 0.35])
def test_a_relit_plate_is_the_same_to_the_last_bit_on_one_core(monkeypatch: pytest.MonkeyPatch, yaw: float) -> None:
    with open_plate(astronaut()) as plate:
        image = fitted(plate.read(plate.first_frame).image, 1200, 1200)
    camera = camera_from_lens(1200, 1200, world_from_camera=looking_along_y())
    frame = PlateFrame(image, None, 1, 1.0, "a large plate")
    head = head_centre(Relighter().analyse(frame, camera).encoding.crop, camera)
    seen_from = turned_around(camera, head, yaw=yaw, pitch=0.0) if yaw else camera

    def relit(cores: int) -> Passes:
        monkeypatch.setattr(parallel, "core_count", lambda: cores)
        return Relighter().relight(frame, RelightRequest(camera, seen_from, Light(sky_and_ground()))).passes

    alone, together = relit(1), relit(4)
    for name, values in vars(alone).items():
        if isinstance(values, np.ndarray):
            assert np.array_equal(values, getattr(together, name)), name
