"""Frames that are read twice within a short stretch are decoded once."""

from pathlib import Path

import numpy as np
import pytest
from tests.synthetic_plates import write_image

from chiaro.runtime.errors import PlateError
from chiaro.runtime.plate import open_plate
from chiaro.runtime.plate.kept_frames import BYTES_PER_PIXEL, KeptFrames
from chiaro.runtime.plate.plate import PlateFrame

FRAME_BYTES = 3 * 2 * BYTES_PER_PIXEL


@pytest.fixture
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A run of six files of 3x2 pixels; the numbers of the frames that were decoded."""
    for number in range(1, 7):
        write_image(tmp_path / f"plate.{number}.exr", np.full((2, 3, 3), number, np.float32))
    kind, decoded = type(open_plate(tmp_path / "plate.#.exr")), list[int]()
    read = kind.read

    def counted(plate: object, frame: int) -> PlateFrame:
        decoded.append(frame)
        return read(plate, frame)  # type: ignore[arg-type]  # the class of the run

    monkeypatch.setattr(kind, "read", counted)
    return decoded


def test_what_fits_is_decoded_once(tmp_path: Path, reads: list[int]) -> None:
    with KeptFrames(open_plate(tmp_path / "plate.#.exr"), 4 * FRAME_BYTES) as plate:
        assert plate.capacity == 4
        assert [float(plate.read(frame).image[0, 0, 0]) for frame in (1, 2, 3, 4, 1, 2, 3, 4)] == [1, 2, 3, 4] * 2
        assert reads == [1, 2, 3, 4]
        plate.read(1)
        plate.read(5)
        plate.read(2)
        assert reads == [1, 2, 3, 4, 5], "the one that was decoded longest ago went"
        plate.read(1)
        assert reads[-1] == 1


def test_what_does_not_fit_is_decoded_each_time(tmp_path: Path, reads: list[int]) -> None:
    with KeptFrames(open_plate(tmp_path / "plate.#.exr"), FRAME_BYTES - 1) as plate:
        assert plate.capacity == 0
        plate.read(1)
        plate.read(1)
    assert reads == [1, 1]


def test_it_is_the_plate_in_all_else(tmp_path: Path, reads: list[int]) -> None:
    own = open_plate(tmp_path / "plate.#.exr")
    plate = KeptFrames(own)
    assert (plate.path, plate.width, plate.height, list(plate.frames)) == (own.path, 3, 2, [1, 2, 3, 4, 5, 6])
    assert (plate.first_frame, plate.last_frame, plate.frame_rate) == (1, 6, None)
    assert plate.description == own.description
    assert plate.identity(2) == own.identity(2)
    with pytest.raises(PlateError, match="9"):
        plate.read(9)
    assert reads == []


def test_a_frame_that_is_written_again_is_read_again(tmp_path: Path, reads: list[int]) -> None:
    with KeptFrames(open_plate(tmp_path / "plate.#.exr")) as plate:
        plate.read(1)
        write_image(tmp_path / "plate.1.exr", np.full((2, 3, 3), 7, np.float32))
        assert float(plate.read(1).image[0, 0, 0]) == 7
    assert reads == [1, 1]
