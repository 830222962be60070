"""What the cache folder holds, by plate, for people. Knows no Blender."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..runtime.errors import ChiaroError

if TYPE_CHECKING:
    from ..runtime.analysis_record import AnalysisRecord

OLD_AFTER_SECONDS = 3.0


@dataclass(frozen=True)
class CachedPlate:
    """A plate in the cache.

    Attributes:
        path: its file.
        current: frames that are ready.
        stale: frames that were analysed before the plate or the networks changed, or were pushed out since.
        bytes: what its frames take.
        missing: whether the file is not there any more.
    """

    path: str
    current: int
    stale: int
    bytes: int
    missing: bool

    @property
    def name(self) -> str:
        """Without the folder."""
        return Path(self.path).name


@dataclass(frozen=True)
class CacheOverview:
    """The cache at one moment.

    Attributes:
        folder: where it is; None where nothing is kept.
        limit_bytes: what it may take.
        bytes: what it takes.
        frames: encodings in all.
        plates: by path.
        problem: why it cannot be used, or None.
    """

    folder: Path | None
    limit_bytes: int
    bytes: int = 0
    frames: int = 0
    plates: tuple[CachedPlate, ...] = ()
    problem: str | None = None


def look_into_cache(folder: Path | None, limit_bytes: int) -> CacheOverview:
    """Read the folder; damaged or foreign files are passed over."""
    if folder is None:
        return CacheOverview(None, limit_bytes, problem="No cache folder is set; analysed frames are lost on quitting.")
    from ..runtime.analysis_record import recorded_plates
    from ..runtime.cache import EncodingCache
    from ..runtime.relight import networks_in_use

    try:
        cache = EncodingCache(folder, limit_bytes)
        sizes, total = cache.encoding_sizes(), cache.total_bytes()
        networks = networks_in_use()
    except ChiaroError as error:
        return CacheOverview(folder, limit_bytes, problem=str(error))
    plates = tuple(_cached_plate(record, sizes, networks) for record in recorded_plates(folder))
    return CacheOverview(folder, limit_bytes, total, len(sizes), plates)


def _cached_plate(record: AnalysisRecord, sizes: dict[str, int], networks: str) -> CachedPlate:
    from ..runtime.analysis_record import PlateFiles, cached_bytes, is_current

    frames, files = record.frames(), PlateFiles(record.plate)
    current = {
        frame for (frame, _), known in frames.items() if known.key and is_current(known, files, networks, sizes.keys())
    }
    return CachedPlate(
        path=record.plate.path,
        current=len(current),
        stale=len({frame for frame, _ in frames} - current),
        bytes=cached_bytes(frames.values(), sizes),
        missing=not Path(record.plate.path).exists(),
    )


def clear_plate(folder: Path, limit_bytes: int, path: str) -> int:
    """Remove what the cache holds of a plate; the number of frames removed."""
    from ..runtime.analysis_record import recorded_plates
    from ..runtime.cache import EncodingCache

    records = [record for record in recorded_plates(folder) if record.plate.path == path]
    keys = {frame.key for record in records for frame in record.frames().values() if frame.key}
    removed = EncodingCache(folder, limit_bytes).remove(keys)
    for record in records:
        record.forget()
    return removed


def size_text(count: int) -> str:
    """Bytes for people, in the steps of 1024 that the limit in the preferences counts in."""
    kilobytes = count / 1024
    if kilobytes < 1024:
        return f"{kilobytes:.0f} KB"
    megabytes = kilobytes / 1024
    return f"{megabytes:.0f} MB" if megabytes < 1024 else f"{megabytes / 1024:.1f} GB"


@dataclass
class LatestOverview:
    """The overview that was made last, and when."""

    overview: CacheOverview | None = None
    made: float = field(default=float("-inf"))

    def is_old(self, folder: Path | None) -> bool:
        """Whether to look again."""
        known = self.overview is not None and self.overview.folder == folder
        return not known or time.monotonic() - self.made > OLD_AFTER_SECONDS

    def put(self, overview: CacheOverview) -> None:
        """Remember it."""
        self.overview, self.made = overview, time.monotonic()

    def forget(self) -> None:
        """Look again as soon as anybody asks."""
        self.overview, self.made = None, float("-inf")
