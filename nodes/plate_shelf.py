"""Plates that are open, and the frames that were read last: dragging a lamp reads no file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..runtime.recent import Recent
from .plate_file import PlateFile, PlatePixels

if TYPE_CHECKING:
    from ..runtime.compose.given_matte import MatteChannel
    from ..runtime.mattes import MatteFiles, Mattes
    from ..runtime.plate.plate import Plate, PlateFrame

OPEN_PLATES = 8
MATTES = 4
"""Relight nodes of a scene that each have a matte of their own, whose last frames are kept."""


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
        self._mattes: Recent[MatteFiles] = Recent(MATTES)

    def load(self, source: PlateFile | PlatePixels) -> LoadedFrame:
        """Read a frame, or give the one that was read last when it is the same.

        Raises:
            PlateError: the file or the frame cannot be read.
        """
        loaded = self._load_pixels(source) if isinstance(source, PlatePixels) else self._load_file(source)
        self._last = loaded
        return loaded

    def mattes(self, source: PlateFile | PlatePixels, channel: MatteChannel, loaded: LoadedFrame) -> Mattes:
        """The mattes of a plate, by its frame numbers.

        Args:
            source: the matte's frame that belongs to the plate's.
            channel: which of its channels.
            loaded: the plate's frame.

        Raises:
            PlateError: the file cannot be opened or read, or is no matte.
        """
        from ..runtime.compose.given_matte import matte_of
        from ..runtime.mattes import MatteFiles, OneMatte

        if isinstance(source, PlatePixels):
            return OneMatte(matte_of(self._load_pixels(source).frame, channel))
        files, shift = self._open(source), source.frame - loaded.frame.frame
        mattes = self._mattes.get((files, channel, shift), lambda: MatteFiles(files, channel, shift))
        if files is loaded.plate and shift == 0:  # A plate with its own alpha is read once.
            mattes.kept(loaded.frame.frame, lambda: loaded.frame)
        return mattes

    def clear(self) -> None:
        """Close all plates."""
        for plate in self._plates.values():
            plate.close()
        self._plates.clear()
        self._mattes = Recent(MATTES)
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
