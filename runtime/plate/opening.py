"""Opening a plate, whatever it is stored as."""

from pathlib import Path
from typing import Literal

from ..errors import PlateError
from .colour import ColourSpace, Encoded, encoded_as
from .plate import Plate
from .sequence import SequencePlate
from .sequence_pattern import SequencePattern, pattern_of_numbered_file, pattern_with_wildcard
from .source_file import check_readable
from .still import StillPlate

PlateKind = Literal["auto", "still", "sequence", "movie"]

MOVIE_SUFFIXES = frozenset(
    {
        ".3gp",
        ".avi",
        ".flv",
        ".m2ts",
        ".m2v",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".mxf",
        ".ogv",
        ".ts",
        ".vob",
        ".webm",
        ".wmv",
        ".y4m",
    }
)


def open_plate(
    path: Path | str,
    *,
    colour_space: ColourSpace = "auto",
    kind: PlateKind = "auto",
    upright: bool = True,
) -> Plate:
    """Open a still, an image sequence or a movie.

    Args:
        path: a file, or the pattern of a sequence: `plate.####.exr`, `plate.%04d.exr`.
        colour_space: what the numbers in the file mean; see ColourSpace.
        kind: how to read it. "auto" takes a file of a numbered run (the number before or after it exists too) as the
            sequence, and movies by their extension. Blender's image nodes know the kind (`image.source`), so pass it.
        upright: whether to apply the orientation tag of photographs. Blender's image nodes ignore that tag. The
            rotation of movies is applied always, as in Blender.

    Raises:
        PlateError: it is missing, unreadable, damaged, or of a kind we cannot use.
    """
    path = Path(path)
    encoded_as(colour_space, Encoded("srgb"))  # a wrong name is an error now, not at the first frame
    if kind == "movie" or (kind == "auto" and path.suffix.lower() in MOVIE_SUFFIXES):
        return _opened_movie(path, colour_space)
    pattern = None if kind == "still" else _sequence_pattern(path, certain=kind == "sequence")
    if pattern is not None:
        return SequencePlate(pattern, colour_space, upright=upright)
    check_readable(path)
    return StillPlate(path, colour_space, upright=upright)


def _opened_movie(path: Path, colour_space: ColourSpace) -> Plate:
    try:
        from .movie import MoviePlate  # noqa: PLC0415 - stills and sequences open where PyAV is not installed
    except ImportError as error:
        raise PlateError(
            f'The movie "{path}" cannot be read because PyAV is not installed; '
            "install the package `av`, or export the movie as an image sequence."
        ) from error
    return MoviePlate(path, colour_space)


def _sequence_pattern(path: Path, *, certain: bool) -> SequencePattern | None:
    try:
        if path.is_file() and not certain:
            return _run_with_neighbours(path)
    except PermissionError:
        return None  # a folder that may not be entered; reading says so
    return pattern_with_wildcard(path) or (pattern_of_numbered_file(path) if certain else None)


def _run_with_neighbours(path: Path) -> SequencePattern | None:
    pattern = pattern_of_numbered_file(path)
    if pattern is None:
        return None
    number = int(path.name[len(pattern.prefix) : len(path.name) - len(pattern.suffix)])
    neighbours = (number - 1, number + 1)
    return pattern if any(n >= 0 and pattern.path_of(n).exists() for n in neighbours) else None
