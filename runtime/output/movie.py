"""A preview movie: H.264 in MP4, which every browser and player shows."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import av.error
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from OpenImageIO import ImageInput, ImageSpec

from ..errors import OutputError
from .png import Picture
from .replacing import WriteFailedError, replacing

ENCODERS = ("libx264", "libopenh264", "h264_videotoolbox", "h264_mf", "mpeg4")
"""Those that some build of FFmpeg carries, the best first."""

OPTIONS = {"libx264": {"crf": "16", "preset": "medium"}}
BITS_PER_PIXEL = 0.25
"""For the encoders that aim at a bit rate."""

BT709 = 1


def write_movie(path: Path, pictures: Iterable[Path | str | Picture], *, frame_rate: Fraction | float = 24) -> None:
    """Write pictures as a movie.

    The codes are written as they are, tagged BT.709 as is the custom for sRGB pictures; 8 bits, 4:2:0. A side of odd
    length is made even by repeating the last row or column.

    Args:
        path: the .mp4 file; it appears whole or not at all.
        pictures: PNG files or (H, W, 3 or 4) uint8 sRGB arrays, all of one size; alpha is shown over black.
        frame_rate: frames per second.

    Raises:
        OutputError: there are no pictures, they differ in size, one cannot be read, or the file cannot be written.
    """
    rate = Fraction(frame_rate).limit_denominator(1001)
    if rate <= 0:
        raise OutputError(f"The movie's frame rate is {frame_rate:g}; it must be above zero.")
    frames = _opaque(pictures)
    first = next(frames, None)
    if first is None:
        raise OutputError(f'"{path.name}" cannot be written: there are no pictures to make a movie of.')
    with replacing(path) as temporary:
        try:
            _encode(temporary, first, frames, rate)
        except av.error.FFmpegError as error:
            if isinstance(error, OSError):
                raise
            raise WriteFailedError(str(error)) from error


def _encode(path: Path, first: Picture, others: Iterator[Picture], rate: Fraction) -> None:
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = _stream(container, first, rate)
        for index, picture in enumerate(_all_of_one_size(first, others)):
            frame = av.VideoFrame.from_ndarray(_even(picture), format="rgb24").reformat(
                format="yuv420p",
                src_colorspace=Colorspace.ITU709,
                dst_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.JPEG,
                dst_color_range=ColorRange.MPEG,
                interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP,
            )
            frame.pts, frame.time_base = index, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _stream(container: av.container.OutputContainer, first: Picture, rate: Fraction) -> av.VideoStream:
    name = next((name for name in ENCODERS if name in av.codecs_available), None)
    if name is None:
        raise WriteFailedError("this build of PyAV has no H.264 encoder")
    stream = cast(av.VideoStream, container.add_stream(name, rate=rate, options=OPTIONS.get(name, {})))
    height, width = _even(first).shape[:2]
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    if name not in OPTIONS:
        stream.bit_rate = int(width * height * rate * BITS_PER_PIXEL)
    codec = stream.codec_context
    codec.colorspace = codec.color_primaries = codec.color_trc = BT709
    codec.color_range = ColorRange.MPEG
    return stream


def _opaque(pictures: Iterable[Path | str | Picture]) -> Iterator[Picture]:
    for picture in pictures:
        codes = picture if isinstance(picture, np.ndarray) else _read(Path(picture))
        if codes.ndim != 3 or codes.shape[2] not in (3, 4) or codes.dtype != np.uint8:
            raise OutputError(
                f"A picture of a movie has shape {codes.shape} and type {codes.dtype}; "
                "(height, width, 3 or 4) of uint8 is expected."
            )
        if codes.shape[2] == 4:
            shown = codes[..., :3] * (codes[..., 3:] / np.float32(255))
            codes = np.rint(shown).astype(np.uint8)
        yield codes


def _read(path: Path) -> Picture:
    wishes = ImageSpec()
    wishes.attribute("oiio:UnassociatedAlpha", 1)
    source: ImageInput | None = ImageInput.open(str(path), wishes) if path.is_file() else None
    codes: Picture | None = None if source is None else source.read_image("uint8")
    if codes is None:
        raise OutputError(f'The picture "{path}" of a movie cannot be read; write it again.')
    return codes


def _all_of_one_size(first: Picture, others: Iterator[Picture]) -> Iterator[Picture]:
    yield first
    for picture in others:
        if picture.shape != first.shape:
            raise OutputError(
                f"The pictures of a movie differ in size: {picture.shape[1]}x{picture.shape[0]} "
                f"after {first.shape[1]}x{first.shape[0]}; make them all one size."
            )
        yield picture


def _even(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    return np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
