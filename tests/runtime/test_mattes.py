"""Mattes of a plate's frames: which file belongs to which frame, and what the networks see within one."""

from pathlib import Path

import numpy as np
import pytest

from chiaro.runtime.compose.given_matte import GivenMatte
from chiaro.runtime.errors import PlateError
from chiaro.runtime.mattes import LARGEST_CONTRAST, MatteFiles, OneMatte, over_grey
from chiaro.runtime.output.png import write_png
from chiaro.runtime.plate.opening import open_plate
from chiaro.runtime.plate.plate import PlateFrame


def numbered(folder: Path, numbers: range) -> Path:
    for number in numbers:
        write_png(folder / f"roto.{number:04d}.png", np.full((8, 10, 3), number / 20, np.float32))
    return folder / f"roto.{numbers[0]:04d}.png"


def test_a_sequence_is_shifted_and_a_still_counts_for_all_frames(tmp_path: Path) -> None:
    with open_plate(numbered(tmp_path, range(11, 15)), kind="sequence") as files:
        mattes = MatteFiles(files, "brightness", shift=10)
        for number in (1, 4):
            np.testing.assert_allclose(mattes.at(number).values, (number + 10) / 20, atol=5e-3)
        assert mattes.identity(1) != mattes.identity(2)
        with pytest.raises(PlateError, match="15"):
            mattes.at(5)
    with open_plate(tmp_path / "roto.0012.png", kind="still") as still:
        mattes = MatteFiles(still, shift=100)
        assert mattes.identity(3) == mattes.identity(7)
        np.testing.assert_allclose(mattes.at(7).values, 0.6, atol=5e-3)


def test_a_matte_is_read_once(tmp_path: Path) -> None:
    with open_plate(numbered(tmp_path, range(1, 3)), kind="sequence") as files:
        mattes = MatteFiles(files, "brightness")
        assert mattes.at(1) is mattes.at(1)
        frame = files.read(2)

        def unread() -> PlateFrame:
            raise AssertionError

        kept = mattes.kept(2, lambda: frame)
        assert mattes.kept(2, unread) is kept
        assert mattes.at(2) is kept


def test_over_grey_the_person_stays_and_the_rest_goes() -> None:
    image = np.random.default_rng(0).random((6, 8, 3)).astype(np.float32)
    matte = np.zeros((6, 8), np.float32)
    matte[:, 4:] = 1.0
    matte[:, 3] = 0.25
    seen = over_grey(image, GivenMatte(matte, "half"))
    np.testing.assert_array_equal(seen[:, 4:], image[:, 4:])
    assert np.ptp(seen[:, :3]) == 0.0
    np.testing.assert_allclose(seen[:, 3], 0.25 * image[:, 3] + 0.75 * seen[0, 0], rtol=1e-5)


@pytest.mark.parametrize("exposure", [1e-3, 1.0, 300.0])
def test_the_grey_follows_the_exposure(exposure: float) -> None:
    image = np.full((4, 4, 3), 0.2 * exposure, np.float32)
    matte = np.zeros((4, 4), np.float32)
    matte[:2] = 1.0
    grey = over_grey(image, GivenMatte(matte, "half"))[3, 3, 0]
    assert abs(np.log(grey / image[0, 0, 0])) <= np.log(LARGEST_CONTRAST) + 1e-4


def test_an_empty_matte_and_one_of_another_size() -> None:
    image = np.ones((4, 4, 3), np.float32)
    assert np.isfinite(over_grey(image, GivenMatte(np.zeros((4, 4), np.float32), "empty"))).all()
    with pytest.raises(PlateError, match="The matte is 5x4 pixels and the plate 4x4"):
        over_grey(image, GivenMatte(np.zeros((4, 5), np.float32), "wide"))
    one = OneMatte(GivenMatte(np.ones((4, 4), np.float32), "one"))
    assert one.at(1) is one.at(9)
    assert one.identity(1) == "one"
