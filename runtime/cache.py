"""Encodings and heads on disk, so that a plate frame goes through the networks once."""

import contextlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .analysis_record import RECORD_SUFFIX
from .cache_key import cache_key
from .encoding import Encoding
from .encoding_file import DamagedEncodingError, encoding_from_bytes, encoding_to_bytes
from .errors import CacheError
from .head import HeadBox
from .head_file import DamagedHeadsError, heads_from_bytes, heads_to_bytes

__all__ = ["CacheEntry", "EncodingCache", "cache_key"]

SUFFIX = ".encoding"
HEADS_SUFFIX = ".heads"
UNFINISHED_SUFFIX = ".unfinished"
ABANDONED_AFTER_SECONDS = 3600
ENTRY_NAME = re.compile(rf"[0-9a-f]{{64}}({re.escape(SUFFIX)}|{re.escape(HEADS_SUFFIX)})")
RECORD_NAME = re.compile(rf"[0-9a-f]{{64}}{re.escape(RECORD_SUFFIX)}")
UNFINISHED_NAME = re.compile(rf"\.[0-9a-f]{{64}}\.[0-9a-f]+{re.escape(UNFINISHED_SUFFIX)}")
EVICT_TO = 0.9
"""How full, of its limit, the cache is left when it ran over: not to evict again at the next entry."""

PUTS_PER_COUNT = 64
"""How often the folder is listed anew, because other processes add to it too; listing a large one takes a while."""

Stored = TypeVar("Stored")


@dataclass(frozen=True)
class CacheEntry:
    """One encoding, or the heads of one frame, on disk.

    Attributes:
        key: see cache_key.
        path: its file.
        size: bytes.
        used: when it was last read or written, seconds since 1970.
    """

    key: str
    path: Path
    size: int
    used: float


class EncodingCache:
    """A folder of encodings by key, where the least recently used make room for new ones.

    Entries appear by renaming, so several processes may share a folder: the last one to write a key wins, with the
    same content. An entry that is damaged, or of another format version, is as if it were not there. Where the folder
    cannot be written to, reading goes on and `put` does nothing but say so in `problem`.

    Attributes:
        folder: made when the first entry is written.
        size_limit_bytes: what all entries together may take.
        problem: one sentence on why the last `put` kept nothing, or None.
    """

    def __init__(self, folder: Path, size_limit_bytes: int) -> None:
        if size_limit_bytes < 1:
            raise CacheError(f"The cache's limit is {size_limit_bytes} bytes; it must be above zero.")
        if folder.exists() and not folder.is_dir():
            raise CacheError(f'The cache folder "{folder}" is a file; choose a folder.')
        self.folder = folder
        self.size_limit_bytes = size_limit_bytes
        self.problem: str | None = None
        self._estimate = 0
        self._puts = 0

    def get(self, key: str) -> Encoding | None:
        """The encoding of a key, or None."""
        return self._read(self._path(key, SUFFIX), encoding_from_bytes)

    def put(self, key: str, encoding: Encoding) -> bool:
        """Keep an encoding; False, with the reason in `problem`, where that is not possible."""
        return self._write(self._path(key, SUFFIX), encoding_to_bytes(encoding))

    def has(self, key: str) -> bool:
        """Whether there is an encoding of a key; it may turn out to be damaged."""
        return self._path(key, SUFFIX).is_file()

    def get_heads(self, key: str) -> list[HeadBox] | None:
        """The heads of a key, possibly none of them; None where nothing is kept."""
        return self._read(self._path(key, HEADS_SUFFIX), heads_from_bytes)

    def put_heads(self, key: str, heads: Sequence[HeadBox]) -> bool:
        """Keep the heads of a frame; see `put`."""
        return self._write(self._path(key, HEADS_SUFFIX), heads_to_bytes(heads))

    def encoding_keys(self) -> frozenset[str]:
        """The keys of all encodings, without reading any."""
        names = (item.name for item in self._scan(ENTRY_NAME))
        return frozenset(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))

    def encoding_sizes(self) -> dict[str, int]:
        """Bytes of every encoding, by key."""
        return {entry.key: entry.size for entry in self.entries() if entry.path.suffix == SUFFIX}

    def _read(self, path: Path, unpack: Callable[[bytes], Stored]) -> Stored | None:
        try:
            stored = unpack(path.read_bytes())
        except OSError:
            return None
        except (DamagedEncodingError, DamagedHeadsError):
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):  # a folder that may only be read keeps no record of use
            os.utime(path)
        return stored

    def _write(self, path: Path, content: bytes) -> bool:
        if len(content) > self.size_limit_bytes:
            self.problem = (
                f"The frame was not cached: it takes {len(content)} bytes where the cache may hold "
                f"{self.size_limit_bytes}; raise the limit."
            )
            return False
        unfinished = path.with_name(f".{path.stem}.{secrets.token_hex(6)}{UNFINISHED_SUFFIX}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(content)
            unfinished.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            reason = error.strerror or str(error)
            self.problem = (
                f'The frame was not cached because "{self.folder}" cannot be written to ({reason}); '
                "free some space or choose another cache folder."
            )
            return False
        self.problem = None
        self._make_room(len(content))
        return True

    def entries(self) -> list[CacheEntry]:
        """All entries, the least recently used first; damaged ones are among them until they are read."""
        found: list[CacheEntry] = []
        for item in self._scan(ENTRY_NAME):
            with contextlib.suppress(OSError):  # another process may have evicted it just now
                status = item.stat()
                path = Path(item.path)
                found.append(CacheEntry(path.stem, path, status.st_size, status.st_mtime))
        return sorted(found, key=lambda entry: entry.used)

    def total_bytes(self) -> int:
        """Size of all entries together."""
        return sum(entry.size for entry in self.entries())

    def remove(self, keys: Iterable[str]) -> int:
        """Remove the encodings of these keys; the number removed."""
        return sum(_removed(self._path(key, SUFFIX)) for key in keys)

    def clear(self) -> int:
        """Remove all entries and records, and nothing else that may be in the folder; the number of entries removed."""
        removed = sum(_removed(entry.path) for entry in self.entries())
        for item in self._scan(RECORD_NAME):
            _removed(Path(item.path))
        self._remove_abandoned(older_than_seconds=0)
        self._puts = 0
        return removed

    def _path(self, key: str, suffix: str) -> Path:
        name = f"{key}{suffix}"
        if not ENTRY_NAME.fullmatch(name):
            raise CacheError(f'"{key}" is no cache key; make keys with cache_key.')
        return self.folder / name

    def _scan(self, name: re.Pattern[str]) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.folder) as items:
                return [item for item in items if name.fullmatch(item.name)]
        except OSError:
            return []

    def _make_room(self, added: int) -> None:
        counted = self._puts % PUTS_PER_COUNT == 0
        self._puts += 1
        self._estimate = self.total_bytes() if counted else self._estimate + added
        if self._estimate <= self.size_limit_bytes:
            return
        self._remove_abandoned(older_than_seconds=ABANDONED_AFTER_SECONDS)
        entries = self.entries()
        total = sum(entry.size for entry in entries)
        if total > self.size_limit_bytes:
            for entry in entries[:-1]:  # the newest is the one just written
                if total <= self.size_limit_bytes * EVICT_TO:
                    break
                if _removed(entry.path):
                    total -= entry.size
        self._estimate = total

    def _remove_abandoned(self, *, older_than_seconds: float) -> None:
        """Remove what a process left unfinished when it was ended."""
        now = time.time()
        for item in self._scan(UNFINISHED_NAME):
            with contextlib.suppress(OSError):
                if now - item.stat().st_mtime >= older_than_seconds:
                    Path(item.path).unlink()


def _removed(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
