"""File names of image sequences: `plate.####.exr`, `plate.%04d.exr`, or one file of a numbered run."""

import re
from dataclasses import dataclass
from pathlib import Path

_HASHES = re.compile(r"(#+)(?!.*#)")
_PRINTF = re.compile(r"%(?:0?(\d+))?d(?!.*%\d*d)")
_LAST_NUMBER = re.compile(r"(\d+)(?=\D*$)")


@dataclass(frozen=True)
class SequencePattern:
    """A folder and the parts of its frames' names.

    Attributes:
        folder: where the files are.
        prefix: what comes before the number.
        suffix: what comes after it, with the extension.
        digits: the least number of digits; shorter numbers are padded with zeros.
        text: the pattern as people write it, `plate.####.exr`.
    """

    folder: Path
    prefix: str
    suffix: str
    digits: int

    @property
    def text(self) -> str:
        """The pattern as people write it."""
        return f"{self.prefix}{'#' * self.digits}{self.suffix}"

    def path_of(self, frame: int) -> Path:
        """The file of a frame."""
        return self.folder / f"{self.prefix}{frame:0{self.digits}d}{self.suffix}"

    def files(self) -> dict[int, Path]:
        """Frame number → file, for all files there are, ascending.

        Raises:
            OSError: the folder cannot be listed.
        """
        name = re.compile(re.escape(self.prefix) + r"(\d+)" + re.escape(self.suffix))
        found: dict[int, Path] = {}
        for path in self.folder.iterdir():
            match = name.fullmatch(path.name)
            if match and match[1] == f"{int(match[1]):0{self.digits}d}":
                found[int(match[1])] = path
        return dict(sorted(found.items()))


def pattern_with_wildcard(path: Path) -> SequencePattern | None:
    """The pattern in a name like `plate.####.exr` or `plate.%04d.exr`, else None."""
    for wildcard in (_HASHES, _PRINTF):
        match = wildcard.search(path.name)
        if match:
            digits = len(match[1]) if wildcard is _HASHES else int(match[1] or 1)
            return SequencePattern(path.parent, path.name[: match.start()], path.name[match.end() :], max(digits, 1))
    return None


def pattern_of_numbered_file(path: Path) -> SequencePattern | None:
    """The run that a file like `plate.0001.exr` belongs to, by the last number before its extension; else None.

    A number that starts with zero says how many digits the others have; any other number may stand in a run that
    is not padded (`plate.8.exr`, `plate.9.exr`, `plate.10.exr`).
    """
    match = _LAST_NUMBER.search(path.stem)
    if match is None:
        return None
    digits = len(match[1])
    prefix, suffix = path.stem[: match.start()], path.stem[match.end() :] + path.suffix
    if match[1].startswith("0") or digits == 1:
        return SequencePattern(path.parent, prefix, suffix, digits)
    padded = SequencePattern(path.parent, prefix, suffix, digits)
    shorter = SequencePattern(path.parent, prefix, suffix, 1)
    lowest = 10 ** (digits - 1)
    if not padded.path_of(lowest - 1).exists() and shorter.path_of(lowest - 1).exists():
        return shorter
    return padded
