"""Files that plates are read from: whether they can be opened, and what tells one content from another."""

import hashlib
import os
from pathlib import Path

from ..errors import PlateError

END_CHUNK_BYTES = 1 << 20
"""How much of each end of a movie goes into its fingerprint; hashing all of it could take longer than decoding it."""


def check_readable(path: Path) -> None:
    """Make sure that a path is a file with something in it that we may read.

    Raises:
        PlateError: it is missing, a folder, empty, or not readable.
    """
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise PlateError(f'The plate "{path}" is an empty file (0 bytes); copy or render it again.')
    except FileNotFoundError as error:
        raise PlateError(f'The plate "{path}" does not exist; check the path.') from error
    except PermissionError as error:
        if os.name == "nt" and path.is_dir():  # Windows refuses to open a folder in these words
            raise _folder_error(path) from error
        raise PlateError(f'The plate "{path}" may not be read by this user; change its permissions.') from error
    except IsADirectoryError as error:
        raise _folder_error(path) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise PlateError(f'The plate "{path}" cannot be opened ({reason}); check the path and the disk.') from error


def _folder_error(path: Path) -> PlateError:
    return PlateError(
        f'The plate "{path}" is a folder; choose a file in it, or write a sequence as "{path / "name.####.exr"}".'
    )


def content_digest(path: Path) -> str:
    """SHA-256 of all of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def movie_digest(path: Path) -> str:
    """SHA-256 of a movie's size, modification time, first and last megabyte, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        digest.update(f"{status.st_size} {status.st_mtime_ns}".encode())
        digest.update(file.read(END_CHUNK_BYTES))
        file.seek(max(0, status.st_size - END_CHUNK_BYTES))
        digest.update(file.read(END_CHUNK_BYTES))
    return digest.hexdigest()


def identity_of(content: str, *settings: object) -> str:
    """One fingerprint for a file's content together with the settings that decide how its pixels are read."""
    text = "\n".join([content, *(repr(setting) for setting in settings)])
    return hashlib.sha256(text.encode()).hexdigest()
