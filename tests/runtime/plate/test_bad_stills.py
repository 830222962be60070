"""Plates that cannot be used: the sentence says what was found and what to do."""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from OpenImageIO import ImageOutput, ImageSpec
from tests.synthetic_plates import numbered_picture, write_image, write_movie

from chiaro.runtime.errors import PlateError
from chiaro.runtime.plate import open_plate

PIXELS = np.random.default_rng(3).integers(0, 255, (40, 30, 3), dtype=np.uint8)


def sentence(path: Path | str) -> str:
    """The error of opening and reading a plate."""
    with pytest.raises(PlateError) as caught, open_plate(path) as plate:
        plate.read(plate.first_frame)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "none.png"
    assert sentence(path) == f'The plate "{path}" does not exist; check the path.'
    assert "does not exist" in sentence(tmp_path / "no folder" / "none.png")


def test_folder(tmp_path: Path) -> None:
    assert "is a folder; choose a file in it, or write a sequence as" in sentence(tmp_path)


def test_zero_bytes(tmp_path: Path) -> None:
    path = tmp_path / "empty.exr"
    path.touch()
    assert sentence(path) == f'The plate "{path}" is an empty file (0 bytes); copy or render it again.'


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """Root may read anything: become somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such permissions")
def test_permission_denied() -> None:
    with TemporaryDirectory() as name:  # pytest's own folders are closed to others
        folder = Path(name)
        folder.chmod(0o755)
        path = write_image(folder / "secret.png", PIXELS)
        path.chmod(0)
        with an_ordinary_user():
            assert sentence(path) == f'The plate "{path}" may not be read by this user; change its permissions.'
        path.chmod(0o644)
        folder.chmod(0)
        with an_ordinary_user():
            assert sentence(path) == f'The plate "{path}" may not be read by this user; change its permissions.'
            assert "may not be read by this user" in sentence(folder / "secret.##.png")
        folder.chmod(0o755)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.exr", "a.tif", "a.hdr", "a.dpx", "a.webp"])
def test_truncated(tmp_path: Path, name: str, share: float) -> None:
    pixels = PIXELS.astype(np.float32) if name in ("a.exr", "a.hdr") else PIXELS
    path = write_image(tmp_path / name, pixels)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    text = sentence(path)
    # A stub too short to be told by its content is of an unknown kind; everything longer is damaged.
    assert f'The plate "{path}" is cut short or damaged' in text or "is of a kind that cannot be read" in text


@pytest.mark.parametrize("name", ["a.png", "a.exr", "a.jpg"])
def test_text_in_place_of_a_picture(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("this is no picture " * 40)
    assert "cut short or damaged" in sentence(path)


def test_unsupported_format(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("this is no picture " * 40)
    assert sentence(path) == (
        f'The plate "{path}" is of a kind that cannot be read; '
        "save it as EXR, TIFF, PNG or JPEG, or as an MP4 or MOV movie."
    )


def test_one_nan(tmp_path: Path) -> None:
    pixels = np.ones((6, 9, 3), np.float32)
    pixels[4, 7, 1] = np.nan
    path = write_image(tmp_path / "nan.exr", pixels)
    assert sentence(path) == (
        f'The plate "{path}" holds 1 pixel that is NaN or infinite, the first at x 7, y 4; '
        "clean the plate before relighting it."
    )


def test_many_infinite_pixels_and_a_bad_alpha(tmp_path: Path) -> None:
    pixels = np.ones((6, 9, 4), np.float32)
    pixels[2, 3:5, 0] = np.inf
    pixels[5, 8, 3] = np.nan
    text = sentence(write_image(tmp_path / "inf.exr", pixels, "half"))
    assert "holds 3 pixels that are NaN or infinite, the first at x 3, y 2;" in text


def test_sixteen_channels(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 16), np.float32)
    names = [f"band{index:02d}" for index in range(16)]
    for path in (
        write_image(tmp_path / "many.exr", pixels, channels=names),
        write_image(tmp_path / "many.tif", pixels),
    ):
        assert f'The plate "{path}" has 16 channels (' in sentence(path)
        assert "RGB, RGBA or grey is expected: save it as RGB." in sentence(path)
    assert "band00, band01, band02" in sentence(tmp_path / "many.exr")


def test_forty_channels_are_not_all_listed(tmp_path: Path) -> None:
    names = [f"band{index:02d}" for index in range(40)]
    text = sentence(write_image(tmp_path / "many.exr", np.zeros((2, 2, 40), np.float32), channels=names))
    assert "band15 and 24 more" in text


def test_layers_without_a_main_one(tmp_path: Path) -> None:
    names = [f"{layer}.{component}" for layer in ("key", "fill") for component in "RGB"]
    path = write_image(tmp_path / "lights.exr", np.zeros((2, 2, 6), np.float32), channels=names)
    assert sentence(path) == (
        f'The plate "{path}" has several layers (fill, key) and none is the main one; '
        "save the layer that is the plate as plain R, G, B."
    )


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def test_cmyk_jpeg(tmp_path: Path) -> None:
    """The smallest JPEG of four components, written by hand (ITU-T T.81), with Adobe's marker for plain CMYK."""
    counts = bytes([1] + [0] * 15)
    content = b"\xff\xd8"
    content += _segment(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, 0))
    content += _segment(0xDB, bytes([0]) + bytes([1] * 64))
    components = b"".join(bytes([index, 0x11, 0]) for index in range(1, 5))
    content += _segment(0xC0, struct.pack(">BHHB", 8, 8, 8, 4) + components)
    content += _segment(0xC4, bytes([0x00]) + counts + bytes([0]))
    content += _segment(0xC4, bytes([0x10]) + counts + bytes([0]))
    content += _segment(0xDA, bytes([4]) + b"".join(bytes([index, 0]) for index in range(1, 5)) + bytes([0, 63, 0]))
    content += b"\x00\xff\xd9"
    path = tmp_path / "print.jpg"
    path.write_bytes(content)
    assert sentence(path) == f'The plate "{path}" is in CMYK, made for print; convert it to RGB.'


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    spec = ImageSpec(16385, 1, 1, "uint8")
    output = ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_image(np.zeros((1, 16385, 1), np.uint8))
    output.close()
    assert sentence(path) == (
        f'The plate "{path}" is 16385x1 pixels; at most 16384 each way can be used: scale it down.'
    )


def test_deep_image(tmp_path: Path) -> None:
    path = tmp_path / "deep.exr"
    spec = ImageSpec(2, 2, 3, "float")
    spec.deep = True
    output = ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    from OpenImageIO import DeepData  # noqa: PLC0415 - used here alone

    deep = DeepData()
    deep.init(spec)
    assert output.write_deep_image(deep)
    output.close()
    assert sentence(path) == f'The plate "{path}" is a deep image; flatten it first.'


def test_integer_pixels_that_are_no_colours(tmp_path: Path) -> None:
    path = write_image(tmp_path / "ids.exr", np.zeros((2, 2, 3), np.uint32), "uint")
    assert sentence(path) == (
        f'The plate "{path}" stores its pixels as uint; 8 or 16-bit integers, half or float are expected.'
    )


def test_log_encoded_scan(tmp_path: Path) -> None:
    path = write_image(tmp_path / "scan.dpx", PIXELS, attributes={"oiio:ColorSpace": "KodakLog"})
    assert "holds log-encoded pixels, whose curve is not known here; convert it to scene-linear EXR." in sentence(path)
    assert open_plate(path, colour_space="linear").read(1).image.shape == (40, 30, 3)


def test_wrong_colour_space_is_told_at_once(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.png", PIXELS)
    with pytest.raises(PlateError, match='given as "SRGB"; it must be one of auto, srgb'):
        open_plate(path, colour_space="SRGB")  # type: ignore[arg-type] # the mistake under test


@pytest.fixture(scope="module")
def whole_plates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    for name in ("a.png", "a.jpg", "a.tif", "a.exr"):
        write_image(folder / name, PIXELS.astype(np.float32) if name == "a.exr" else PIXELS)
    for name in ("a.mp4", "a.mkv"):
        write_movie(folder / name, [numbered_picture(number) for number in range(12)])
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(data=st.data())
def test_changed_bytes_are_read_or_refused(data: st.DataObject, whole_plates: dict[str, bytes]) -> None:
    """Whatever is wrong with a file, it is read, or refused by a sentence; nothing else ever comes out."""
    name = data.draw(st.sampled_from(sorted(whole_plates)))
    content = bytearray(whole_plates[name])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content[: data.draw(st.integers(1, len(content)))] if data.draw(st.booleans()) else content)
        try:
            with open_plate(path) as plate:
                frame = plate.read(plate.first_frame)
        except PlateError as error:
            assert str(error).endswith(".")
            assert "\n" not in str(error)
        else:
            assert frame.image.shape == (plate.height, plate.width, 3)
            assert np.isfinite(frame.image).all()
