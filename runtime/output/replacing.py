"""Files that appear whole or not at all: written under a temporary name in the same folder, then renamed."""

import errno
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import OutputError

DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
ALMOST_NOTHING_BYTES = 64 * 1024


class WriteFailedError(Exception):
    """A library that writes files reported a failure in its own words; becomes an OutputError."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; it takes the place of `path` when the block ends well.

    The temporary name keeps the extension, because writers choose the format by it. On any failure the temporary file
    is removed and what was at `path` before is untouched.

    Args:
        path: where the file shall be; its folder must exist.

    Raises:
        OutputError: the folder is missing, may not be written to, the disk is full, or writing failed otherwise.
    """
    if not path.parent.is_dir():
        raise OutputError(
            f'"{path.name}" cannot be written because its folder "{path.parent}" does not exist; make it first.'
        )
    if path.is_dir():
        raise OutputError(f'"{path}" cannot be written because a folder has that name; choose another name.')
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(6)}{path.suffix}")
    try:
        temporary.touch(exist_ok=False)  # finds out about permissions in plainer words than the libraries do
        yield temporary
        temporary.replace(path)
    except WriteFailedError as error:
        raise _output_error(path, None, str(error).replace(str(temporary), path.name)) from error
    except OSError as error:
        raise _output_error(path, error.errno, error.strerror or str(error)) from error
    finally:
        with suppress(OSError):  # renamed away by now, unless something failed, which is what to tell then
            temporary.unlink()


def make_folder(path: Path) -> None:
    """Make a folder for results, with the folders it lies in; one that is there already is fine.

    Raises:
        OutputError: a file has its name, or it cannot be made there.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OutputError(
            f'"{path}" is a file where a folder for the results is expected; choose another name.'
        ) from error
    except OSError as error:
        raise OutputError(
            f'The folder "{path}" cannot be made ({error.strerror or error}); choose another place for the results.'
        ) from error


def _output_error(path: Path, number: int | None, reason: str) -> OutputError:
    if number in DISK_FULL or _is_full(path.parent, reason):
        return OutputError(f'"{path}" cannot be written because the disk is full; free some space and run it again.')
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(
            f'"{path}" cannot be written: this user may not write to "{path.parent}", or another program holds the '
            "file open; change the permissions or choose another folder."
        )
    first_line = next((line.strip().rstrip(".") for line in reason.splitlines() if line.strip()), "no reason was given")
    return OutputError(f'"{path}" cannot be written ({first_line}); check the folder and the disk.')


def _is_full(folder: Path, reason: str) -> bool:
    if "no space left" in reason.lower():
        return True
    try:
        return shutil.disk_usage(folder).free < ALMOST_NOTHING_BYTES
    except OSError:
        return False
