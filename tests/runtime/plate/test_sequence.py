"""Numbered files: how they are named, found, and missed."""

from pathlib import Path

import numpy as np
import pytest
from tests.synthetic_plates import write_image

from chiaro.runtime.errors import PlateError
from chiaro.runtime.plate import Plate, open_plate


def write_run(folder: Path, names: list[str]) -> list[Path]:
    """One-coloured files; the n-th has the value n + 1."""
    return [write_image(folder / name, np.full((2, 3, 3), n + 1, np.float32)) for n, name in enumerate(names)]


def value(plate: Plate, frame: int) -> float:
    return float(plate.read(frame).image[0, 0, 0])


@pytest.mark.parametrize("pattern", ["plate.####.exr", "plate.%04d.exr", "plate.1001.exr", "plate.1003.exr"])
def test_ways_to_name_a_run(tmp_path: Path, pattern: str) -> None:
    write_run(tmp_path, ["plate.1001.exr", "plate.1002.exr", "plate.1003.exr"])
    plate = open_plate(tmp_path / pattern)
    assert list(plate.frames) == [1001, 1002, 1003]
    assert (plate.first_frame, plate.last_frame) == (1001, 1003)
    assert [value(plate, frame) for frame in plate.frames] == [1, 2, 3]
    assert plate.read(1002).frame == 1002


def test_text_and_path_are_the_same(tmp_path: Path) -> None:
    write_run(tmp_path, ["a_01.exr", "a_02.exr"])
    assert list(open_plate(str(tmp_path / "a_##.exr")).frames) == [1, 2]


@pytest.mark.parametrize("name", ["shot.8.exr", "shot.10.exr", "shot.#.exr", "shot.%d.exr"])
def test_runs_that_are_not_padded(tmp_path: Path, name: str) -> None:
    write_run(tmp_path, ["shot.8.exr", "shot.9.exr", "shot.10.exr", "shot.11.exr"])
    assert list(open_plate(tmp_path / name).frames) == [8, 9, 10, 11]


def test_numbers_may_outgrow_their_padding(tmp_path: Path) -> None:
    write_run(tmp_path, ["a.09999.exr", "a.9999.exr", "a.10000.exr", "a.0001x.exr", "b.0001.exr"])
    assert list(open_plate(tmp_path / "a.####.exr").frames) == [9999, 10000]
    assert list(open_plate(tmp_path / "a.#####.exr").frames) == [9999, 10000]


def test_the_last_number_counts(tmp_path: Path) -> None:
    write_run(tmp_path, ["sc010_v2.0001.exr", "sc010_v2.0002.exr", "sc010_v3.0001.exr"])
    assert list(open_plate(tmp_path / "sc010_v2.0001.exr").frames) == [1, 2]


def test_number_before_other_text(tmp_path: Path) -> None:
    write_run(tmp_path, ["take 7 left.exr", "take 8 left.exr"])
    assert list(open_plate(tmp_path / "take 7 left.exr").frames) == [7, 8]


def test_a_numbered_file_alone_is_a_still(tmp_path: Path) -> None:
    write_run(tmp_path, ["IMG_2041.exr", "IMG_2077.exr"])
    assert open_plate(tmp_path / "IMG_2041.exr").description.startswith("IMG_2041.exr: still")


def test_kind_overrules_the_guess(tmp_path: Path) -> None:
    write_run(tmp_path, ["a.01.exr", "a.02.exr", "b.07.exr"])
    assert list(open_plate(tmp_path / "a.01.exr", kind="still").frames) == [1]
    assert list(open_plate(tmp_path / "b.07.exr", kind="sequence").frames) == [7]
    assert list(open_plate(tmp_path / "a.55.exr", kind="sequence").frames) == [1, 2]  # Blender may name a lost file


def test_a_real_file_may_have_a_hash_in_its_name(tmp_path: Path) -> None:
    write_run(tmp_path, ["take#3.exr"])
    assert open_plate(tmp_path / "take#3.exr").read(1).image.shape == (2, 3, 3)


def test_missing_frames_name_their_neighbours(tmp_path: Path) -> None:
    write_run(tmp_path, ["p.0001.exr", "p.0002.exr", "p.0007.exr"])
    plate = open_plate(tmp_path / "p.####.exr")
    where = f'of the plate "{tmp_path / "p.####.exr"}" is missing'
    end = "; render or copy it, or change the range."
    for frame, nearest in (
        (4, "frames 2 and 7 are the nearest that exist"),
        (9, "the last one is 7"),
        (0, "the first one is 1"),
        (-3, "the first one is 1"),
    ):
        for act in (plate.read, plate.identity):
            with pytest.raises(PlateError) as caught:
                act(frame)
            assert str(caught.value) == f"Frame {frame} {where} ({nearest}){end}"
    assert plate.description == "p.####.exr: sequence, frames 1-7, 4 missing, 3x2, float, auto"


def test_frames_that_appear_and_vanish_while_open(tmp_path: Path) -> None:
    first, _ = write_run(tmp_path, ["p.1.exr", "p.2.exr"])
    plate = open_plate(tmp_path / "p.#.exr")
    write_image(tmp_path / "p.3.exr", np.full((2, 3, 3), 9, np.float32))
    assert value(plate, 3) == 9
    assert plate.last_frame == 3
    first.unlink()
    with pytest.raises(PlateError, match="Frame 1 of the plate"):
        plate.read(1)


def test_no_files(tmp_path: Path) -> None:
    with pytest.raises(PlateError) as caught:
        open_plate(tmp_path / "p.####.exr")
    assert str(caught.value) == (
        f'No file in "{tmp_path}" is a frame of "p.####.exr"; check the name and the number of digits.'
    )
    with pytest.raises(PlateError, match=r'The folder ".*nowhere" of the plate does not exist; check the path\.$'):
        open_plate(tmp_path / "nowhere" / "p.####.exr")


def test_sizes_must_agree(tmp_path: Path) -> None:
    write_run(tmp_path, ["p.1.exr", "p.2.exr"])
    write_image(tmp_path / "p.2.exr", np.ones((4, 3, 3), np.float32))
    plate = open_plate(tmp_path / "p.#.exr")
    with pytest.raises(PlateError) as caught:
        plate.read(2)
    assert str(caught.value) == (
        f'Frame 2 of the plate "{tmp_path / "p.#.exr"}" is 3x4 pixels but its first frame is 3x2; '
        "all frames must have one size."
    )


def test_identities_differ_by_content(tmp_path: Path) -> None:
    write_run(tmp_path, ["p.1.exr", "p.2.exr"])
    (tmp_path / "p.3.exr").write_bytes((tmp_path / "p.1.exr").read_bytes())
    plate = open_plate(tmp_path / "p.#.exr")
    assert plate.identity(1) != plate.identity(2)
    assert plate.identity(1) == plate.identity(3) == plate.read(1).identity


def test_a_damaged_frame_is_named(tmp_path: Path) -> None:
    _, second = write_run(tmp_path, ["p.1.exr", "p.2.exr"])
    second.write_bytes(second.read_bytes()[:-20])
    with pytest.raises(PlateError, match=r'The plate ".*p\.2\.exr" is cut short or damaged'):
        open_plate(tmp_path / "p.#.exr").read(2)
