"""The plain sRGB view and the PNG files it is stored in."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiaro.runtime.errors import OutputError
from chiaro.runtime.output.png import srgb_picture, write_png
from chiaro.runtime.plate import open_plate
from chiaro.runtime.plate.colour import Encoded, linear_rec709

RANDOM = np.random.default_rng(2)


def test_known_codes() -> None:
    linear = np.array([[[-1.0, 0.0, 0.0031308], [0.18, 0.21404114, 0.5], [1.0, 1.5, np.inf]]], np.float32)
    expected = [[[0, 0, 10], [118, 128, 188], [255, 255, 255]]]
    np.testing.assert_array_equal(srgb_picture(linear), expected)


def test_every_code_comes_back() -> None:
    codes = RANDOM.permutation(np.arange(768) % 256).astype(np.uint8).reshape(16, 16, 3)
    np.testing.assert_array_equal(srgb_picture(linear_rec709(codes, Encoded("srgb"))), codes)


def test_plate_through_png_is_the_same_plate(tmp_path: Path) -> None:
    codes = RANDOM.integers(0, 256, (9, 11, 4), dtype=np.uint8)
    write_png(tmp_path / "a.png", codes)
    first = open_plate(tmp_path / "a.png").read(1)
    assert first.alpha is not None
    write_png(tmp_path / "b.png", np.dstack([first.image, first.alpha]))
    second = open_plate(tmp_path / "b.png").read(1)
    np.testing.assert_array_equal(first.image, second.image)
    np.testing.assert_array_equal(first.alpha, codes[..., 3].astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(first.alpha, second.alpha)


def test_dither_keeps_the_mean_and_hides_steps() -> None:
    ramp = np.broadcast_to(np.linspace(0.2, 0.202, 256, dtype=np.float32)[None, :, None], (256, 256, 3))
    plain, dithered = srgb_picture(ramp), srgb_picture(ramp, dither=True)
    exact = (1.055 * ramp.astype(np.float64) ** (1 / 2.4) - 0.055) * 255
    block = (16, 16, 16, 16, 3)
    smooth = dithered.reshape(block).mean(axis=(1, 3)) - exact.reshape(block).mean(axis=(1, 3))
    stepped = plain.reshape(block).mean(axis=(1, 3)) - exact.reshape(block).mean(axis=(1, 3))
    assert np.abs(smooth).max() < 0.25
    assert np.abs(stepped).max() > 0.4
    np.testing.assert_array_equal(dithered, srgb_picture(ramp, dither=True))


def test_dither_leaves_black_and_white_alone_on_average() -> None:
    for level in (0.0, 1.0):
        picture = srgb_picture(np.full((64, 64, 3), level, np.float32), dither=True).astype(float)
        assert abs(picture.mean() - level * 255) < 0.3


@given(st.floats(0, 2), st.floats(0, 2))
def test_brighter_never_gets_darker(one: float, other: float) -> None:
    low, high = sorted((one, other))
    picture = srgb_picture(np.array([[[low, high, 0]]], np.float32))[0, 0]
    assert picture[0] <= picture[1]


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 2), (4, 4, 16), (0, 4, 3)])
def test_what_is_no_picture(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(OutputError) as caught:
        write_png(tmp_path / "a.png", np.zeros(shape, np.float32))
    assert str(caught.value) == (
        f'"a.png" cannot be written: an image of shape {shape} was given where (height, width, 3 or 4) is expected.'
    )
    assert list(tmp_path.iterdir()) == []


def test_not_a_number(tmp_path: Path) -> None:
    image = np.zeros((4, 4, 3), np.float32)
    image[1, 2] = np.nan
    with pytest.raises(OutputError, match=r'"a\.png" cannot be written: the image holds NaN values; check the lights'):
        write_png(tmp_path / "a.png", image)
