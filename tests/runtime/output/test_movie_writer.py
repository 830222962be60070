"""Preview movies, read back with the plate reader."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.synthetic_plates import number_in, numbered_picture

from chiaro.runtime.errors import OutputError
from chiaro.runtime.output.movie import write_movie
from chiaro.runtime.output.png import srgb_picture, write_png
from chiaro.runtime.plate import open_plate


def test_frames_come_back_in_order(tmp_path: Path) -> None:
    write_movie(
        tmp_path / "a.mp4", [numbered_picture(number) for number in range(40)], frame_rate=Fraction(24000, 1001)
    )
    with open_plate(tmp_path / "a.mp4") as plate:
        assert plate.frame_rate == Fraction(24000, 1001)
        assert [number_in(plate.read(frame).image) for frame in plate.frames] == list(range(40))


@pytest.mark.parametrize("colour", [(30, 30, 30), (200, 120, 90), (60, 110, 190), (250, 250, 250), (90, 140, 70)])
def test_colours_come_back(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    write_movie(tmp_path / "a.mp4", [np.full((48, 64, 3), colour, np.uint8)] * 3)
    back = srgb_picture(open_plate(tmp_path / "a.mp4").read(2).image)
    np.testing.assert_allclose(back[24, 32].astype(int), colour, atol=2)


def test_tags_format_and_fast_start(tmp_path: Path) -> None:
    write_movie(tmp_path / "a.mp4", [numbered_picture(1)] * 2, frame_rate=30)
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        assert (codec.name, codec.pix_fmt) == ("h264", "yuv420p")
        assert (codec.colorspace, codec.color_primaries, codec.color_trc, codec.color_range) == (1, 1, 1, 1)
        assert stream.average_rate == 30
    content = (tmp_path / "a.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize(("width", "height"), [(65, 48), (64, 49), (33, 17)])
def test_odd_sizes_are_made_even(tmp_path: Path, width: int, height: int) -> None:
    picture = np.full((height, width, 3), 180, np.uint8)
    write_movie(tmp_path / "a.mp4", [picture])
    plate = open_plate(tmp_path / "a.mp4")
    assert (plate.width, plate.height) == (width + width % 2, height + height % 2)
    assert np.ptp(srgb_picture(plate.read(1).image).astype(int)) <= 2  # no black edge


def test_png_files_with_alpha_are_shown_over_black(tmp_path: Path) -> None:
    picture = np.full((32, 32, 4), 200, np.uint8)
    picture[:16, :, 3] = 255
    picture[16:, :, 3] = 0
    paths = [tmp_path / f"p.{number}.png" for number in range(3)]
    for path in paths:
        write_png(path, picture)
    write_movie(tmp_path / "a.mp4", paths)
    back = srgb_picture(open_plate(tmp_path / "a.mp4").read(1).image)
    assert back[6, 16, 0] == pytest.approx(200, abs=3)
    assert back[26, 16, 0] <= 3


def test_nothing_to_show(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r'"a\.mp4" cannot be written: there are no pictures to make a movie of\.'):
        write_movie(tmp_path / "a.mp4", [])
    with pytest.raises(OutputError, match=r"frame rate is 0; it must be above zero\."):
        write_movie(tmp_path / "a.mp4", [numbered_picture(1)], frame_rate=0)
    assert list(tmp_path.iterdir()) == []


def test_sizes_must_agree(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"differ in size: 32x48 after 64x48; make them all one size\.$"):
        write_movie(tmp_path / "a.mp4", [numbered_picture(1), numbered_picture(2, 32)])
    assert list(tmp_path.iterdir()) == []


def test_pictures_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r'The picture ".*none\.png" of a movie cannot be read; write it again\.$'):
        write_movie(tmp_path / "a.mp4", [numbered_picture(1), tmp_path / "none.png"])
    with pytest.raises(OutputError, match=r"has shape \(4, 4\) and type float32;"):
        write_movie(tmp_path / "a.mp4", [np.zeros((4, 4), np.float32)])
    assert list(tmp_path.iterdir()) == []
