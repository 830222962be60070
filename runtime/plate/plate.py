"""What a plate is: frames by number, each read into scene-linear Rec.709."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from ..arrays import Float32Array

LARGEST_SIDE = 16384
"""Pixels along the longer side beyond which a plate is refused, as a damaged header is likelier than such a plate."""


@dataclass(frozen=True)
class PlateFrame:
    """One frame of a plate.

    Attributes:
        image: (H, W, 3) float32 scene-linear Rec.709, unpremultiplied, row 0 at the top; negative where a colour lies
            outside Rec.709.
        alpha: (H, W) float32, or None where the file has none. Where alpha is zero the colour is the file's own.
        frame: the number it was asked by.
        pixel_aspect: width of a pixel divided by its height.
        identity: see Plate.identity.
    """

    image: Float32Array
    alpha: Float32Array | None
    frame: int
    pixel_aspect: float
    identity: str


class Plate(ABC):
    """A still, an image sequence or a movie, open for reading; a context manager that closes it.

    Attributes:
        path: the file or the pattern it was opened with.
        width: pixels, after the file's orientation or rotation is applied.
        height: pixels.
        frames: the frame numbers that exist, ascending: those in the file names of a sequence, 1 to N of a movie, and
            1 for a still.
        frame_rate: frames per second of a movie, else None.
    """

    path: Path
    width: int
    height: int
    frames: Sequence[int]
    frame_rate: Fraction | None = None

    @property
    def first_frame(self) -> int:
        """The lowest frame number."""
        return self.frames[0]

    @property
    def last_frame(self) -> int:
        """The highest frame number."""
        return self.frames[-1]

    @property
    @abstractmethod
    def description(self) -> str:
        """One line for people: what it is, its size, its frames, its colour space."""

    @abstractmethod
    def read(self, frame: int) -> PlateFrame:
        """Read one frame; a still gives its picture for every number.

        Raises:
            PlateError: the frame does not exist, is damaged, or holds pixels that are not finite.
        """

    @abstractmethod
    def identity(self, frame: int) -> str:
        """A fingerprint of a frame's pixels, for cache keys; far cheaper than reading the frame.

        For stills and frames of sequences: SHA-256 of the file's bytes and of the settings that decide how they are
        read (colour space, orientation). For movies: the same over the file's size, modification time, first and last
        megabyte, and the frame number. So a still that is copied or renamed keeps its identity, and a movie that is
        copied keeps it only with its modification time.

        Raises:
            PlateError: the frame does not exist.
        """

    def close(self) -> None:  # noqa: B027 - stills and sequences hold nothing open
        """Let go of the file; a plate that is closed cannot be read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
