"""The pack itself: a ZIP file of packed files, with a table of contents that holds a hash of each."""

import hashlib
import io
import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ..assets import AssetError
from ..lightstage.avatars.prepare_avatars import FORMAT as AVATAR_FORMAT
from .codings import CODINGS

FORMAT = "chiaro training inputs 1"
CONTENTS = "contents.json"
FOLDERS = ("data", "cache")
"""First part of every path in the pack: below the asset folder, or below the cache of training."""


@dataclass(frozen=True)
class Packed:
    """One packed file.

    Attributes:
        path: begins with one of FOLDERS.
        coding: name in CODINGS.
        content: packed bytes.
    """

    path: str
    coding: str
    content: bytes


@dataclass(frozen=True)
class _Entry:
    path: str
    coding: str
    sha256: str


def archive_bytes(files: list[Packed], left_out: tuple[str, ...]) -> bytes:
    """The whole pack; the same files give the same bytes.

    Args:
        files: what is in it.
        left_out: names of avatars that did not fit.
    """
    entries = [asdict(_Entry(f.path, f.coding, hashlib.sha256(f.content).hexdigest())) for f in files]
    contents = {"format": FORMAT, "avatar_format": AVATAR_FORMAT, "left_out": left_out, "files": entries}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        # ZipInfo's own date, 1980, instead of now.
        table = zipfile.ZipInfo(CONTENTS)
        table.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(table, json.dumps(contents))
        for file in files:
            archive.writestr(zipfile.ZipInfo(file.path), file.content)
    return buffer.getvalue()


@dataclass(frozen=True)
class Pack:
    """A pack that was read.

    Attributes:
        files: what is in it; their hashes are right.
        left_out: names of avatars that did not fit.
    """

    files: tuple[Packed, ...]
    left_out: tuple[str, ...]


def read_archive(path: Path) -> Pack:
    """Read a pack and check every hash.

    Raises:
        AssetError: when it is missing, damaged, no pack, or of another version.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            contents = json.loads(archive.read(CONTENTS))
            _check_versions(path, contents)
            files = tuple(_read(archive, path, _Entry(**entry)) for entry in contents["files"])
            return Pack(files, tuple(str(name) for name in contents["left_out"]))
    except FileNotFoundError as error:
        raise AssetError(f"{path} was not found; name a file that `chiaro-train pack` wrote.") from error
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, TypeError, ValueError) as error:
        raise AssetError(f"{path} is damaged or was not written by `chiaro-train pack`; copy it again.") from error


def _check_versions(path: Path, contents: dict[str, Any]) -> None:
    for name, expected in (("format", FORMAT), ("avatar_format", AVATAR_FORMAT)):
        if contents[name] != expected:
            raise AssetError(
                f"{path} has the {name.replace('_', ' ')} {contents[name]!r}, but this version reads {expected!r}; "
                "pack again with this version."
            )


def _read(archive: zipfile.ZipFile, path: Path, entry: _Entry) -> Packed:
    place = PurePosixPath(entry.path)
    if (
        place.is_absolute()
        or ".." in place.parts
        or entry.path.partition("/")[0] not in FOLDERS
        or entry.coding not in CODINGS
    ):
        raise AssetError(
            f"{path} holds {entry.path!r} as {entry.coding!r}, which no pack of this version has; pack again."
        )
    content = archive.read(entry.path)
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise AssetError(f"{path} is damaged: {entry.path} is not what was packed; copy the file again.")
    return Packed(entry.path, entry.coding, content)
