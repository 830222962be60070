"""A plate in a movie file, read with PyAV."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from ..errors import PlateError
from .colour import DISPLAY_P3, REC709, REC2020, ColourSpace, Encoded, encoded_as, linear_rec709
from .image_file import as_unit_float, check_finite
from .movie_decoder import MovieDecoder
from .movie_index import MovieIndex, index_movie
from .movie_pixels import CODE_POINT_MATRICES, UNTAGGED_CODE_POINTS, rgb_codes
from .plate import LARGEST_SIDE, Plate, PlateFrame
from .source_file import check_readable, identity_of, movie_digest

HDR_TRANSFERS = {16: "PQ", 18: "HLG"}
"""ITU-T H.273 transfer characteristics whose white is not that of the scene-linear plate."""

PRIMARIES = {9: REC2020, 12: DISPLAY_P3}
"""ITU-T H.273 colour primaries other than those taken as Rec.709."""


class MoviePlate(Plate):
    """A movie; exact to the frame in any order, and decoding each frame once when read in rising order.

    Frames are numbered from 1 in the order they are shown, as in Blender.
    """

    def __init__(self, path: Path, colour_space: ColourSpace) -> None:
        self.path = path
        self._colour_space = colour_space
        self._closed = False
        check_readable(path)
        self._digest = movie_digest(path)
        self._container = _opened(path)
        try:
            self._read_structure()
        except BaseException:
            self._container.close()
            raise

    def _read_structure(self) -> None:
        videos = self._container.streams.video
        if not videos or videos[0].codec_context is None:
            raise PlateError(
                f'The movie "{self.path}" has no pictures that can be decoded: it is cut short, or holds only sound; '
                "copy or export it again."
            )
        self._stream = videos[0]
        self._stream.thread_type = "AUTO"
        self._check_matrix()
        self._encoded = encoded_as(self._colour_space, self._automatic_encoding())
        index = index_movie(self._container, self._stream)
        self._check_complete(index)
        self._decoder = MovieDecoder(self._container, self._stream, index)
        self.frames = range(1, len(index.stamps) + 1)
        rate = self._stream.average_rate or self._stream.guessed_rate
        self.frame_rate = Fraction(rate.numerator, rate.denominator) if rate else None
        first = self._decoded(1)
        self._quarter_turns = round(first.rotation / 90) % 4
        aspect = float(self._stream.sample_aspect_ratio or 1) or 1.0
        self.width, self.height, self._pixel_aspect = first.width, first.height, aspect
        if self._quarter_turns % 2:
            self.width, self.height, self._pixel_aspect = first.height, first.width, 1 / aspect
        if max(self.width, self.height) > LARGEST_SIDE:
            raise PlateError(
                f'The movie "{self.path}" is {self.width}x{self.height} pixels; '
                f"at most {LARGEST_SIDE} each way can be used: scale it down."
            )

    @property
    def description(self) -> str:
        """One line for people."""
        codec = self._stream.codec_context
        rate = f"{float(self.frame_rate):.5g} fps" if self.frame_rate else "no frame rate"
        return (
            f"{self.path.name}: movie, frames 1-{self.last_frame}, {self.width}x{self.height}, {rate}, "
            f"{codec.name} {codec.pix_fmt}, {self._colour_space}"
        )

    def read(self, frame: int) -> PlateFrame:
        """Decode one frame."""
        identity = self.identity(frame)
        codes = np.rot90(self._codes(frame), self._quarter_turns)
        check_finite(self.path, codes)
        image = np.ascontiguousarray(linear_rec709(codes[..., :3], self._encoded))
        if image.shape[:2] != (self.height, self.width):
            raise PlateError(
                f'Frame {frame} of the movie "{self.path}" is {image.shape[1]}x{image.shape[0]} pixels but its first '
                f"frame is {self.width}x{self.height}; all frames must have one size."
            )
        alpha = np.ascontiguousarray(as_unit_float(codes[..., 3])) if codes.shape[2] == 4 else None
        return PlateFrame(image, alpha, frame, self._pixel_aspect, identity)

    def identity(self, frame: int) -> str:
        """See Plate.identity."""
        if frame not in self.frames:
            raise PlateError(
                f'Frame {frame} of the movie "{self.path}" does not exist; it has frames 1 to {self.last_frame}.'
            )
        return identity_of(self._digest, self._colour_space, frame)

    def close(self) -> None:
        """Close the file."""
        self._closed = True
        self._container.close()

    def _check_matrix(self) -> None:
        code_point = int(self._stream.codec_context.colorspace)
        if code_point not in CODE_POINT_MATRICES and code_point not in UNTAGGED_CODE_POINTS:
            raise PlateError(
                f'The movie "{self.path}" mixes its colours by a matrix that is not read here '
                f"(H.273 code {code_point}); convert it to BT.709."
            )

    def _automatic_encoding(self) -> Encoded:
        codec = self._stream.codec_context
        transfer = HDR_TRANSFERS.get(int(codec.color_trc))
        if transfer and self._colour_space == "auto":
            raise PlateError(
                f'The movie "{self.path}" is HDR video ({transfer}), which is not converted here; '
                "convert it to Rec.709 or to scene-linear EXR."
            )
        return Encoded("srgb", PRIMARIES.get(int(codec.color_primaries), REC709))

    def _check_complete(self, index: MovieIndex) -> None:
        found, promised = len(index.stamps), self._stream.frames
        if not index.complete:
            of = f" of {promised}" if promised > found else ""
            raise PlateError(
                f'The movie "{self.path}" is cut short or damaged after {found}{of} frames; copy or export it again.'
            )
        if not found:
            raise PlateError(f'The movie "{self.path}" has no frames; export it again.')

    def _codes(self, frame: int) -> NDArray[Any]:
        decoded = self._decoded(frame)
        try:
            return rgb_codes(decoded)
        except (av.error.FFmpegError, OSError) as error:
            raise self._undecodable(frame, str(error.strerror)) from error

    def _decoded(self, frame: int) -> av.VideoFrame:
        if self._closed:
            raise PlateError(f'The movie "{self.path}" was closed; open it again.')
        try:
            decoded = self._decoder.frame(frame - 1)
        except (av.error.FFmpegError, OSError) as error:  # PyAV raises plain ones for some error numbers
            raise self._undecodable(frame, str(error.strerror)) from error
        if decoded is None:
            raise self._undecodable(frame, "the file does not yield it")
        if decoded.is_corrupt:
            raise self._undecodable(frame, "its data is damaged")
        return decoded

    def _undecodable(self, frame: int, reason: str) -> PlateError:
        return PlateError(
            f'Frame {frame} of the movie "{self.path}" cannot be decoded ({reason}); copy or export the movie again.'
        )


def _opened(path: Path) -> av.container.InputContainer:
    try:
        return _opened_with_any_metadata(path)
    except (av.error.FFmpegError, OSError) as error:
        raise PlateError(
            f'The movie "{path}" is cut short, damaged or of an unknown kind ({error.strerror}); '
            "copy or export it again."
        ) from error


def _opened_with_any_metadata(path: Path) -> av.container.InputContainer:
    try:
        return av.open(str(path))
    except UnicodeDecodeError:  # PyAV 18; later ones put up with texts that are not UTF-8, and lack the option
        return av.open(str(path), metadata_errors="replace")
