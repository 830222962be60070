"""Colour spaces of plates: from the numbers in a file to scene-linear Rec.709.

Sources: sRGB, IEC 61966-2-1; Rec.709, ITU-R BT.709-6; ACEScg (AP1) and ACES2065-1 (AP0), SMPTE ST 2065-1 and the
Academy's S-2014-004; the matrix between primaries, SMPTE RP 177; chromatic adaptation, Bradford (Lam 1985).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..arrays import AnyFloatArray, Float32Array, Float64Array
from ..errors import PlateError

ColourSpace = Literal["auto", "srgb", "rec709", "linear", "acescg"]
"""What the numbers in a plate mean.

- auto: read from the file. Float images are linear, with the primaries of their header (EXR chromaticities) or else
  Rec.709; integer images are sRGB; movies are sRGB too, because that is how Blender shows every movie by default.
- srgb: sRGB transfer curve, Rec.709 primaries (Blender's "sRGB").
- rec709: the inverse of the BT.709 camera curve: scene light as the camera saw it, not as a monitor shows it (Blender's
  "Rec.1886" is the monitor's curve, a gamma of 2.4).
- linear: scene-linear Rec.709, whatever the header says (Blender's "Linear Rec.709" and "Non-Color").
- acescg: scene-linear AP1.
"""

Transfer = Literal["linear", "srgb", "rec709"]


@dataclass(frozen=True)
class Chromaticities:
    """CIE 1931 xy of three primaries and their white."""

    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]
    white: tuple[float, float]


REC709 = Chromaticities((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290))
REC2020 = Chromaticities((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), (0.3127, 0.3290))
DISPLAY_P3 = Chromaticities((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290))
ACES_AP0 = Chromaticities((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.0770), (0.32168, 0.33767))
ACES_AP1 = Chromaticities((0.713, 0.293), (0.165, 0.830), (0.128, 0.044), (0.32168, 0.33767))


@dataclass(frozen=True)
class Encoded:
    """How pixels are encoded: a transfer curve over primaries."""

    transfer: Transfer
    chromaticities: Chromaticities = REC709


def encoded_as(colour_space: ColourSpace, automatic: Encoded) -> Encoded:
    """The encoding that a colour space names.

    Args:
        colour_space: the user's choice.
        automatic: what "auto" stands for in this file.

    Raises:
        PlateError: for a name that is none of ours.
    """
    match colour_space:
        case "auto":
            return automatic
        case "srgb" | "rec709" | "linear":
            return Encoded(colour_space)
        case "acescg":
            return Encoded("linear", ACES_AP1)
    raise PlateError(
        f'The plate\'s colour space is given as "{colour_space}"; it must be one of {", ".join(get_args(ColourSpace))}.'
    )


def linear_from_srgb(code: AnyFloatArray) -> AnyFloatArray:
    """Inverse sRGB curve; negative values are mirrored, values above one continue the curve."""
    magnitude = np.abs(code)
    linear = np.where(magnitude <= 0.04045, magnitude / 12.92, ((magnitude + 0.055) / 1.055) ** 2.4)
    return _with_sign_of(linear, code)


def linear_from_rec709(code: AnyFloatArray) -> AnyFloatArray:
    """Inverse of the BT.709 camera curve (the OETF), in the exact form of BT.2020, which is continuous."""
    alpha, beta = 1.09929682680944, 0.018053968510807
    magnitude = np.abs(code)
    linear = np.where(magnitude < 4.5 * beta, magnitude / 4.5, ((magnitude + alpha - 1) / alpha) ** (1 / 0.45))
    return _with_sign_of(linear, code)


def _with_sign_of(magnitude: AnyFloatArray, signed: AnyFloatArray) -> AnyFloatArray:
    result: AnyFloatArray = np.copysign(magnitude, signed)
    return result


def _linearised(code: AnyFloatArray, transfer: Transfer) -> AnyFloatArray:
    if transfer == "srgb":
        return linear_from_srgb(code)
    if transfer == "rec709":
        return linear_from_rec709(code)
    return code


def xyz_from_rgb(chromaticities: Chromaticities) -> Float64Array:
    """(3, 3) matrix from linear RGB to CIE XYZ in which white has Y = 1 (SMPTE RP 177, section 3.3)."""
    corners = (chromaticities.red, chromaticities.green, chromaticities.blue)
    primaries = np.array([[x, y, 1 - x - y] for x, y in corners]).T
    x, y = chromaticities.white
    white = np.array([x / y, 1.0, (1 - x - y) / y])
    luminances = np.asarray(np.linalg.solve(primaries, white), dtype=np.float64)
    return np.asarray(primaries * luminances, dtype=np.float64)


def is_usable(chromaticities: Chromaticities) -> bool:
    """Whether three primaries span a triangle and the white is a colour; damaged headers hold others."""
    corners = np.array([chromaticities.red, chromaticities.green, chromaticities.blue, chromaticities.white])
    if not np.isfinite(corners).all() or chromaticities.white[1] <= 0:
        return False
    area = float(np.linalg.det(np.column_stack([corners[:3], np.ones(3)])))
    return abs(area) > 1e-4


@lru_cache(maxsize=32)
def linear_rec709_from(chromaticities: Chromaticities) -> Float64Array:
    """(3, 3) matrix from linear RGB of other primaries to linear Rec.709, whites adapted by Bradford."""
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    source, target = xyz_from_rgb(chromaticities), xyz_from_rgb(REC709)
    gain = (bradford @ target.sum(axis=1)) / (bradford @ source.sum(axis=1))
    adaptation = np.linalg.inv(bradford) @ np.diag(gain) @ bradford
    matrix: Float64Array = np.linalg.inv(target) @ adaptation @ source
    return matrix


@lru_cache(maxsize=8)
def _curve_table(transfer: Transfer, levels: int) -> Float32Array:
    return _linearised(np.linspace(0.0, 1.0, levels), transfer).astype(np.float32)


def linear_rec709(pixels: NDArray[Any], encoded: Encoded) -> Float32Array:
    """Decode pixels to scene-linear Rec.709.

    Args:
        pixels: (..., 3) uint8, uint16 (full range stands for 0..1) or float code values, unpremultiplied.
        encoded: their transfer curve and primaries.

    Returns:
        (..., 3) float32, unclipped: colours outside Rec.709 have negative components.
    """
    if pixels.dtype in (np.uint8, np.uint16):
        # A table is exact here, and many times faster than a power per pixel.
        linear: Float32Array = _curve_table(encoded.transfer, 256 if pixels.dtype == np.uint8 else 65536)[pixels]
    else:
        linear = np.asarray(_linearised(pixels, encoded.transfer), dtype=np.float32)
    if encoded.chromaticities == REC709:
        return linear
    matrix = linear_rec709_from(encoded.chromaticities).astype(np.float32)
    return np.ascontiguousarray(linear @ matrix.T)
