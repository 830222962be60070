"""Colour spaces against published numbers, and against the configuration that OpenImageIO carries."""

import numpy as np
import OpenImageIO
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiaro.runtime.errors import PlateError
from chiaro.runtime.plate.colour import (
    ACES_AP0,
    ACES_AP1,
    DISPLAY_P3,
    REC709,
    REC2020,
    Chromaticities,
    Encoded,
    encoded_as,
    is_usable,
    linear_from_rec709,
    linear_from_srgb,
    linear_rec709,
    linear_rec709_from,
)


def test_srgb_of_known_codes() -> None:
    codes = np.array([0.0, 0.04045, 0.5, 1.0])
    np.testing.assert_allclose(linear_from_srgb(codes), [0.0, 0.0031308, 0.21404114, 1.0], rtol=2e-5)


def test_rec709_of_known_codes() -> None:
    codes = np.array([0.0, 0.081, 0.5, 1.0])
    np.testing.assert_allclose(linear_from_rec709(codes), [0.0, 0.018, 0.25977, 1.0], rtol=1e-3)


@given(st.floats(0, 4), st.sampled_from([linear_from_srgb, linear_from_rec709]))
def test_curves_rise_and_mirror(code: float, curve: type[linear_from_srgb]) -> None:
    lower, upper, mirrored = curve(np.array([code, code + 1e-3, -code]))
    assert lower < upper
    assert mirrored == -lower


@pytest.mark.parametrize("stored", [np.uint8, np.uint16])
@pytest.mark.parametrize("transfer", ["srgb", "rec709", "linear"])
def test_integers_decode_as_their_fractions_do(stored: type, transfer: str) -> None:
    top = np.iinfo(stored).max
    codes = np.linspace(0, top, 30).astype(stored).reshape(10, 3)
    fractions = codes / top
    np.testing.assert_allclose(
        linear_rec709(codes, Encoded(transfer)), linear_rec709(fractions, Encoded(transfer)), rtol=1e-6
    )


@pytest.mark.parametrize("primaries", [REC709, REC2020, DISPLAY_P3, ACES_AP0, ACES_AP1])
def test_white_stays_white(primaries: Chromaticities) -> None:
    np.testing.assert_allclose(linear_rec709_from(primaries) @ np.ones(3), np.ones(3), atol=1e-12)


def test_rec709_is_itself() -> None:
    np.testing.assert_allclose(linear_rec709_from(REC709), np.eye(3), atol=1e-12)


def test_acescg_matrix_is_the_published_one() -> None:
    published = [[1.70505, -0.62179, -0.08326], [-0.13026, 1.14080, -0.01055], [-0.02400, -0.12897, 1.15297]]
    np.testing.assert_allclose(linear_rec709_from(ACES_AP1), published, atol=2e-4)


def test_rec2020_matrix_is_that_of_bt_2407() -> None:
    published = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
    np.testing.assert_allclose(linear_rec709_from(REC2020), published, atol=1e-4)


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        (Encoded("srgb"), "sRGB Encoded Rec.709 (sRGB)"),
        (Encoded("linear", ACES_AP1), "ACEScg"),
        (Encoded("linear", ACES_AP0), "ACES2065-1"),
        (Encoded("linear", REC2020), "Linear Rec.2020"),
    ],
)
def test_agrees_with_openimageio(encoded: Encoded, name: str) -> None:
    pixels = np.random.default_rng(4).random((6, 7, 3)).astype(np.float32)
    converted = OpenImageIO.ImageBufAlgo.colorconvert(
        OpenImageIO.ImageBuf(pixels), name, "Linear Rec.709 (sRGB)", colorconfig="ocio://default"
    )
    assert not converted.has_error, converted.geterror()
    expected = converted.get_pixels(OpenImageIO.FLOAT)
    np.testing.assert_allclose(linear_rec709(pixels, encoded), expected, atol=2e-4)


def test_damaged_primaries_are_noticed() -> None:
    point = (0.3, 0.3)
    assert is_usable(ACES_AP0)
    assert not is_usable(Chromaticities((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)))
    assert not is_usable(Chromaticities(point, point, point, point))
    assert not is_usable(Chromaticities((np.nan, 0.3), (0.2, 0.7), (0.1, 0.1), point))


def test_unknown_name() -> None:
    with pytest.raises(PlateError, match=r'given as "slog3"; it must be one of auto, srgb, rec709, linear, acescg\.$'):
        encoded_as("slog3", Encoded("srgb"))  # type: ignore[arg-type] # the mistake under test
