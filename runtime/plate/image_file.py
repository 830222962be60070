"""One image file read with OpenImageIO."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from OpenImageIO import ImageInput, ImageSpec, geterror

from ..arrays import Float32Array
from ..errors import PlateError
from .channels import PictureChannels, picture_by_count, picture_by_name
from .colour import (
    ACES_AP0,
    ACES_AP1,
    REC709,
    Chromaticities,
    ColourSpace,
    Encoded,
    encoded_as,
    is_usable,
    linear_rec709,
)
from .plate import LARGEST_SIDE
from .source_file import check_readable

READABLE_TYPES = {"uint8", "uint16", "half", "float", "double"}
LOG_CURVES = ("log", "kodak", "cineon")


@dataclass(frozen=True)
class ImageHeader:
    """What the header of an image file says.

    Attributes:
        path: the file.
        width: pixels of the picture, turned upright if that was asked.
        height: pixels.
        pixel_aspect: width of a pixel divided by its height.
        channels: which channels are the picture.
        encoded: what the pixels mean, once "auto" is resolved.
        premultiplied: whether the file stores colour multiplied by alpha.
        orientation: EXIF orientation to apply, 1 to 8; 1 where nothing is to be done.
        pixel_type: OpenImageIO's name of the stored type, for people.
    """

    path: Path
    width: int
    height: int
    pixel_aspect: float
    channels: PictureChannels
    encoded: Encoded
    premultiplied: bool
    orientation: int
    pixel_type: str


@dataclass(frozen=True)
class Picture:
    """Pixels of an image file: (H, W, 3) scene-linear Rec.709 unpremultiplied, and (H, W) alpha or None."""

    image: Float32Array
    alpha: Float32Array | None


def read_header(path: Path, colour_space: ColourSpace, *, upright: bool) -> ImageHeader:
    """Read and check the header of an image file.

    Raises:
        PlateError: the file cannot be read, or holds no picture that we can use.
    """
    with _opened(path) as source:
        return _header(path, source, colour_space, upright)


def read_picture(path: Path, colour_space: ColourSpace, *, upright: bool) -> tuple[ImageHeader, Picture]:
    """Read the header and the pixels of an image file.

    The picture covers the EXR display window: overscan is cut off, and what the data window leaves out is black.

    Raises:
        PlateError: the file cannot be read, is cut short, or holds pixels that are not finite.
    """
    with _opened(path) as source:
        header = _header(path, source, colour_space, upright)
        codes = _stored_pixels(source, header)
        codes = _in_display_window(codes, source.spec())
    codes = _turned_upright(codes, header.orientation)
    check_finite(path, codes)
    return header, _picture(codes, header)


@contextmanager
def _opened(path: Path) -> Iterator[ImageInput]:
    check_readable(path)
    source = _opened_or_none(path)
    if source is None:
        raise _unreadable(path, geterror())
    try:
        yield source
    except UnicodeDecodeError as error:  # OpenImageIO's names and texts are UTF-8 to Python
        raise _damaged(path, "its header holds what is no text") from error
    finally:
        source.close()


def _unreadable(path: Path, reason: str) -> PlateError:
    if "format reader" in reason:
        return PlateError(
            f'The plate "{path}" is of a kind that cannot be read; '
            "save it as EXR, TIFF, PNG or JPEG, or as an MP4 or MOV movie."
        )
    return _damaged(path, reason)


def _opened_or_none(path: Path) -> ImageInput | None:
    wishes = ImageSpec()
    wishes.attribute("oiio:UnassociatedAlpha", 1)  # leave straight alpha straight; premultiplying would lose precision
    return ImageInput.open(str(path), wishes)


def _damaged(path: Path, reason: str) -> PlateError:
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    detail = f" ({lines[0].rstrip('.')})" if lines else ""
    return PlateError(f'The plate "{path}" is cut short or damaged{detail}; copy or render it again.')


def _header(path: Path, source: ImageInput, colour_space: ColourSpace, upright: bool) -> ImageHeader:
    channels = _picture_channels(path, source)
    source.seek_subimage(channels.part, 0)
    spec = source.spec()
    _check_spec(path, spec)
    orientation = spec.get_int_attribute("Orientation", 1) if upright else 1
    orientation = orientation if 1 <= orientation <= 8 else 1
    width, height = spec.full_width, spec.full_height
    aspect = spec.get_float_attribute("PixelAspectRatio", 1.0)
    aspect = aspect if np.isfinite(aspect) and aspect > 0 else 1.0
    if orientation >= 5:
        width, height, aspect = height, width, 1 / aspect
    straight = spec.get_int_attribute("oiio:UnassociatedAlpha", 0) == 1
    return ImageHeader(
        path=path,
        width=width,
        height=height,
        pixel_aspect=aspect,
        channels=channels,
        encoded=_encoding_of(path, spec, colour_space),
        premultiplied=not straight and channels.alpha is not None,
        orientation=orientation,
        pixel_type=str(spec.format),
    )


def _picture_channels(path: Path, source: ImageInput) -> PictureChannels:
    if source.format_name() != "openexr":
        return picture_by_count(path, source.spec().channelnames)
    parts: list[tuple[str, tuple[str, ...]]] = []
    while source.seek_subimage(len(parts), 0):
        spec = source.spec()
        parts.append((spec.get_string_attribute("oiio:subimagename"), spec.channelnames))
    source.geterror()  # running past the last part leaves a message behind
    return picture_by_name(path, parts)


def _check_spec(path: Path, spec: ImageSpec) -> None:
    width, height = spec.full_width, spec.full_height
    if min(width, height, spec.width, spec.height) < 1:
        raise PlateError(f'The plate "{path}" is {width}x{height} pixels; it needs at least one pixel each way.')
    if max(width, height, spec.width, spec.height) > LARGEST_SIDE:
        raise PlateError(
            f'The plate "{path}" is {max(width, spec.width)}x{max(height, spec.height)} pixels; '
            f"at most {LARGEST_SIDE} each way can be used: scale it down."
        )
    if spec.deep:
        raise PlateError(f'The plate "{path}" is a deep image; flatten it first.')
    if str(spec.format) not in READABLE_TYPES:
        raise PlateError(
            f'The plate "{path}" stores its pixels as {spec.format}; 8 or 16-bit integers, half or float are expected.'
        )
    models = (spec.get_string_attribute(name).upper() for name in ("jpeg:ColorSpace", "tiff:ColorSpace"))
    if any(model in ("CMYK", "YCBCRK") for model in models):
        raise PlateError(f'The plate "{path}" is in CMYK, made for print; convert it to RGB.')


def _encoding_of(path: Path, spec: ImageSpec, colour_space: ColourSpace) -> Encoded:
    named = spec.get_string_attribute("oiio:ColorSpace").lower()
    is_float = str(spec.format) in ("half", "float", "double")
    if is_float:
        automatic = Encoded("linear", _header_primaries(spec, named))
    else:
        automatic = Encoded("srgb")
        log = any(curve in named for curve in LOG_CURVES) or "log" in spec.get_string_attribute("dpx:Transfer").lower()
        if colour_space == "auto" and log:
            raise PlateError(
                f'The plate "{path}" holds log-encoded pixels, whose curve is not known here; '
                "convert it to scene-linear EXR."
            )
    return encoded_as(colour_space, automatic)


def _header_primaries(spec: ImageSpec, named: str) -> Chromaticities:
    stored = spec.getattribute("chromaticities")
    if stored is not None and len(stored) == 8:
        x_y = [round(float(value), 5) for value in stored]  # EXR stores floats: compare as the standards print them
        red, green, blue, white = zip(x_y[0::2], x_y[1::2], strict=True)
        primaries = Chromaticities(red, green, blue, white)
        if is_usable(primaries):
            return primaries
    if named in ("acescg", "lin_ap1", "lin_ap1_scene"):
        return ACES_AP1
    if named in ("aces2065-1", "lin_ap0", "lin_ap0_scene"):
        return ACES_AP0
    return REC709


def _stored_pixels(source: ImageInput, header: ImageHeader) -> NDArray[Any]:
    wanted = [*header.channels.colour, *([] if header.channels.alpha is None else [header.channels.alpha])]
    first, last = min(wanted), max(wanted)
    stored = "float" if header.pixel_type in ("half", "double") else header.pixel_type
    pixels = source.read_image(header.channels.part, 0, first, last + 1, stored)
    reason = source.geterror()
    if pixels is None or reason:
        raise _damaged(header.path, reason)
    order = [index - first for index in wanted]
    selected: NDArray[Any] = pixels if order == list(range(pixels.shape[-1])) else pixels[..., order]
    return selected


def _in_display_window(codes: NDArray[Any], spec: ImageSpec) -> NDArray[Any]:
    left, top = spec.x - spec.full_x, spec.y - spec.full_y
    if (left, top, spec.width, spec.height) == (0, 0, spec.full_width, spec.full_height):
        return codes
    window = np.zeros((spec.full_height, spec.full_width, codes.shape[2]), codes.dtype)
    rows = slice(max(top, 0), max(0, min(top + spec.height, spec.full_height)))
    columns = slice(max(left, 0), max(0, min(left + spec.width, spec.full_width)))
    part = codes[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    if part.size and rows.stop > rows.start and columns.stop > columns.start:
        window[rows, columns] = part
    return window


def _turned_upright(codes: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Apply an EXIF orientation (EXIF 2.32, tag 0x0112)."""
    if orientation >= 5:
        codes = codes.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        codes = codes[:, ::-1]
    if orientation in (3, 4, 7, 8):
        codes = codes[::-1]
    return np.ascontiguousarray(codes)


def check_finite(path: Path, pixels: NDArray[Any]) -> None:
    """Refuse pixels that are NaN or infinite.

    Args:
        path: the file, for the message.
        pixels: (H, W, C).

    Raises:
        PlateError: with how many there are, and where the first is, from the top left.
    """
    if not np.issubdtype(pixels.dtype, np.floating):
        return
    finite = np.isfinite(pixels)
    if finite.all():
        return
    bad = ~finite.all(axis=-1)
    row, column = np.unravel_index(int(np.argmax(bad)), bad.shape)
    count = int(bad.sum())
    raise PlateError(
        f'The plate "{path}" holds {count} {"pixel that is" if count == 1 else "pixels that are"} NaN or infinite, '
        f"the first at x {column}, y {row}; clean the plate before relighting it."
    )


def _picture(codes: NDArray[Any], header: ImageHeader) -> Picture:
    count = len(header.channels.colour)
    colour = codes[..., :count]
    alpha = None if header.channels.alpha is None else as_unit_float(codes[..., count])
    if header.premultiplied and alpha is not None:
        colour = _unpremultiplied(as_unit_float(colour), alpha)
    if count == 1:
        colour = np.repeat(colour, 3, axis=-1)
    return Picture(np.ascontiguousarray(linear_rec709(colour, header.encoded)), alpha)


def as_unit_float(codes: NDArray[Any]) -> Float32Array:
    """Integers scaled to 0..1, floats as they are; float32."""
    if np.issubdtype(codes.dtype, np.integer):
        return codes.astype(np.float32) / np.float32(np.iinfo(codes.dtype).max)
    return codes.astype(np.float32, copy=False)


def _unpremultiplied(colour: Float32Array, alpha: Float32Array) -> Float32Array:
    """Divide by alpha; where alpha is zero there is nothing to divide by, and glowing colour stays as it is."""
    divisor = np.where(alpha > 0, alpha, np.float32(1))[..., None]
    with np.errstate(over="ignore"):  # a denormal alpha may overflow; that colour is of no weight
        straight = colour / divisor
    return np.where(np.isfinite(straight), straight, colour)
