"""Plates that are open, and the frames that were read last: dragging a lamp reads no file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .plate_file import PlateFile, PlatePixels

if TYPE_CHECKING:
    from ..runtime.compose.given_matte import GivenMatte, MatteChannel
    from ..runtime.plate.plate import Plate, PlateFrame

OPEN_PLATES = 8
KEPT_MATTES = 2


@dataclass(frozen=True)
class LoadedFrame:
    """A plate frame with where it comes from.

    Attributes:
        frame: the frame.
        plate: the plate it was read from; None for pixels that only Blender has.
    """

    frame: PlateFrame
    plate: Plate | None


class PlateShelf:
    """Keeps the plates in use open, and the last frame in memory."""

    def __init__(self) -> None:
        self._plates: dict[tuple[object, ...], Plate] = {}
        self._last: LoadedFrame | None = None
        self._mattes: dict[str, GivenMatte] = {}

    def load(self, source: PlateFile | PlatePixels) -> LoadedFrame:
        """Read a frame, or give the one that was read last when it is the same.

        Raises:
            PlateError: the file or the frame cannot be read.
        """
        loaded = self._load_pixels(source) if isinstance(source, PlatePixels) else self._load_file(source)
        self._last = loaded
        return loaded

    def load_matte(self, source: PlateFile | PlatePixels, channel: MatteChannel) -> GivenMatte:
        """Read a frame as a matte, or give the one that was read last; after the plate's own frame, which stays.

        Raises:
            PlateError: the file or the frame cannot be read, or is no matte.
        """
        from ..runtime.compose.given_matte import matte_of

        if isinstance(source, PlatePixels):
            frame = self._load_pixels(source).frame
            return self._kept(f"{channel} of {frame.identity}", lambda: matte_of(frame, channel))
        plate, last = self._open(source), self._last

        def read() -> GivenMatte:
            is_plate = last is not None and last.plate is plate and last.frame.identity == plate.identity(source.frame)
            return matte_of(last.frame if last is not None and is_plate else plate.read(source.frame), channel)

        return self._kept(f"{channel} of {plate.identity(source.frame)}", read)

    def _kept(self, identity: str, read: Callable[[], GivenMatte]) -> GivenMatte:
        """A matte, read once; each Relight node of a scene may have its own."""
        if identity not in self._mattes:
            matte = read()
            while len(self._mattes) >= KEPT_MATTES:
                self._mattes.pop(next(iter(self._mattes)))
            self._mattes[identity] = matte
        return self._mattes[identity]

    def clear(self) -> None:
        """Close all plates."""
        for plate in self._plates.values():
            plate.close()
        self._plates.clear()
        self._mattes.clear()
        self._last = None

    def _load_pixels(self, source: PlatePixels) -> LoadedFrame:
        from .pixel_plate import frame_of_pixels

        return LoadedFrame(frame_of_pixels(source), None)

    def _load_file(self, source: PlateFile) -> LoadedFrame:
        plate = self._open(source)
        last = self._last
        if last and last.plate is plate and last.frame.identity == plate.identity(source.frame):
            return last
        self._last = None  # Two frames of an 8K plate need not be in memory at once.
        return LoadedFrame(plate.read(source.frame), plate)

    def _open(self, source: PlateFile) -> Plate:
        from ..runtime.plate.opening import open_plate

        # A movie stays open, so another file under its name must be opened anew; stills and sequences look themselves.
        state = _state(source.path) if source.kind == "movie" else None
        key = (source.path, source.kind, source.colour_space, state)
        if key not in self._plates:
            # Blender's image nodes ignore the orientation tag of photographs, so must we.
            plate = open_plate(source.path, colour_space=source.colour_space, kind=source.kind, upright=False)
            while len(self._plates) >= OPEN_PLATES:
                self._plates.pop(next(iter(self._plates))).close()
            self._plates[key] = plate
        return self._plates[key]


def _state(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


SHELF = PlateShelf()
