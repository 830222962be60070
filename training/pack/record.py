"""What was unpacked into a folder, so that a damaged file is told from a good one before anything learns from it."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

RECORD = "unpacked.json"
"""Name of the file, in each unpacked folder: a hash of every file by its path."""


def file_hash(path: Path) -> str:
    """SHA-256 of a file; kept for this process while size and time of the file stay."""
    status = path.stat()
    return _hash(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1024)
def _hash(path: Path, _size: int, _time: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_record(folder: Path, files: dict[str, str] | None) -> None:
    """Keep the hashes of the files of a folder, through a temporary name; None while they are being written."""
    temporary = (folder / RECORD).with_suffix(".part")
    temporary.write_text(json.dumps(files, indent=1))
    temporary.replace(folder / RECORD)


def damage(folder: Path, below: str) -> str | None:
    """A sentence about a file that is not as it was unpacked; None where all are, or the folder was not unpacked.

    Args:
        folder: that may have been unpacked.
        below: a file or a folder in it; only what lies there is looked at.
    """
    record = folder / RECORD
    if not record.exists():
        return None
    try:
        files = {str(name): str(digest) for name, digest in json.loads(record.read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return f"{record} is damaged, or unpacking did not come to its end; run `chiaro-train unpack` again."
    for name, digest in files.items():
        if name == below or name.startswith(f"{below}/"):
            path = folder / name
            if not path.is_file():
                return f"{path} is missing from an unpacked folder; run `chiaro-train unpack` again."
            if file_hash(path) != digest:
                return f"{path} is not as it was unpacked; run `chiaro-train unpack` again."
    return None
