"""A plate of numbered image files."""

from pathlib import Path

from ..errors import PlateError
from .colour import ColourSpace
from .image_file import read_header
from .plate import Plate, PlateFrame
from .sequence_pattern import SequencePattern
from .source_file import check_readable
from .still import file_identity, read_frame


class SequencePlate(Plate):
    """Numbered files of one size; the first one decides the size."""

    def __init__(self, pattern: SequencePattern, colour_space: ColourSpace, *, upright: bool) -> None:
        self.path = pattern.folder / pattern.text
        self._pattern = pattern
        self._colour_space = colour_space
        self._upright = upright
        self._files = _files_of(pattern)
        self.frames = tuple(self._files)
        self._header = read_header(self._files[self.first_frame], colour_space, upright=upright)
        self.width, self.height = self._header.width, self._header.height
        self._identities: dict[int, tuple[tuple[int, int], str]] = {}

    @property
    def description(self) -> str:
        """One line for people."""
        span = self.last_frame - self.first_frame + 1
        gaps = f", {span - len(self.frames)} missing" if span > len(self.frames) else ""
        return (
            f"{self.path.name}: sequence, frames {self.first_frame}-{self.last_frame}{gaps}, "
            f"{self.width}x{self.height}, {self._header.pixel_type}, {self._colour_space}"
        )

    def read(self, frame: int) -> PlateFrame:
        """Read one file; its size must be that of the first file."""
        path = self._file(frame)
        result = read_frame(path, frame, self._colour_space, upright=self._upright, identity=self.identity(frame))
        height, width = result.image.shape[:2]
        if (width, height) != (self.width, self.height):
            raise PlateError(
                f'Frame {frame} of the plate "{self.path}" is {width}x{height} pixels but its first frame '
                f"is {self.width}x{self.height}; all frames must have one size."
            )
        return result

    def identity(self, frame: int) -> str:
        """See Plate.identity; remembered until the file's size or time changes."""
        path = self._file(frame)
        check_readable(path)
        status = path.stat()
        state = (status.st_size, status.st_mtime_ns)
        known = self._identities.get(frame)
        if known is None or known[0] != state:
            known = (state, file_identity(path, self._colour_space, upright=self._upright))
            self._identities[frame] = known
        return known[1]

    def _file(self, frame: int) -> Path:
        path = self._files.get(frame)
        if path is None and frame >= 0:
            path = self._pattern.path_of(frame)  # it may have been rendered since we looked
            if path.exists():
                self._files = _files_of(self._pattern)
                self.frames = tuple(self._files)
        if path is None or not path.exists():
            raise PlateError(self._missing(frame))
        return path

    def _missing(self, frame: int) -> str:
        before = max((number for number in self.frames if number < frame), default=None)
        after = min((number for number in self.frames if number > frame), default=None)
        if before is not None and after is not None:
            nearest = f"frames {before} and {after} are the nearest that exist"
        elif before is not None:
            nearest = f"the last one is {before}"
        else:
            nearest = f"the first one is {after}"
        return (
            f'Frame {frame} of the plate "{self.path}" is missing ({nearest}); render or copy it, or change the range.'
        )


def _files_of(pattern: SequencePattern) -> dict[int, Path]:
    try:
        files = pattern.files()
    except FileNotFoundError as error:
        raise PlateError(f'The folder "{pattern.folder}" of the plate does not exist; check the path.') from error
    except OSError as error:
        raise PlateError(f'The folder "{pattern.folder}" of the plate cannot be listed ({error.strerror}).') from error
    if not files:
        raise PlateError(
            f'No file in "{pattern.folder}" is a frame of "{pattern.text}"; check the name and the number of digits.'
        )
    return files
