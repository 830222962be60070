"""A plate of one image file."""

from pathlib import Path

from ..errors import PlateError
from .colour import ColourSpace
from .image_file import read_header, read_picture
from .plate import Plate, PlateFrame
from .source_file import check_readable, content_digest, identity_of


class StillPlate(Plate):
    """One picture; it is the same at every frame."""

    def __init__(self, path: Path, colour_space: ColourSpace, *, upright: bool) -> None:
        self.path = path
        self.frames = (1,)
        self._colour_space = colour_space
        self._upright = upright
        self._header = read_header(path, colour_space, upright=upright)
        self.width, self.height = self._header.width, self._header.height
        self._identity_at: tuple[tuple[int, int], str] | None = None

    @property
    def description(self) -> str:
        """One line for people."""
        return f"{self.path.name}: still, {self.width}x{self.height}, {self._header.pixel_type}, {self._colour_space}"

    def read(self, frame: int) -> PlateFrame:
        """The picture, whatever the number."""
        return read_frame(self.path, frame, self._colour_space, upright=self._upright, identity=self.identity(frame))

    def identity(self, frame: int) -> str:
        """The same for every frame number; see Plate.identity."""
        del frame
        check_readable(self.path)
        status = self.path.stat()
        state = (status.st_size, status.st_mtime_ns)
        if self._identity_at is None or self._identity_at[0] != state:
            self._identity_at = (state, file_identity(self.path, self._colour_space, upright=self._upright))
        return self._identity_at[1]


def file_identity(path: Path, colour_space: ColourSpace, *, upright: bool) -> str:
    """The identity of an image file read with these settings."""
    try:
        return identity_of(content_digest(path), colour_space, upright)
    except OSError as error:
        raise PlateError(f'The plate "{path}" cannot be read ({error.strerror}); check the disk.') from error


def read_frame(path: Path, frame: int, colour_space: ColourSpace, *, upright: bool, identity: str) -> PlateFrame:
    """Read an image file as a frame of a plate."""
    header, picture = read_picture(path, colour_space, upright=upright)
    return PlateFrame(picture.image, picture.alpha, frame, header.pixel_aspect, identity)
