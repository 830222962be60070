"""What was analysed of a plate, beside the cache's entries: which frames, with what, and what was found.

Encodings lie in the cache under hashes that say nothing to people. The record of a plate says which of its frames are
ready, which were analysed before the plate or the networks changed, and why a frame could not be. It is a file of one
JSON line per frame, only ever appended to, so a process that is ended at any moment spoils its last line at most.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from .cache_key import cache_key
from .camera import Camera
from .compose.given_matte import MatteChannel
from .head import HeadBox
from .plate.colour import ColourSpace
from .plate.sequence_pattern import pattern_of_numbered_file

RECORD_SUFFIX = ".analysis"
RECORD_VERSION = 1
"""Part of the file's name: records of another version are other files."""

MISSING = "missing"
"""The state of a file that is not there."""

StoredKind = Literal["still", "sequence", "movie"]


@dataclass(frozen=True)
class PlateReference:
    """A plate on disk and how it is read.

    Attributes:
        path: the file; of a sequence any one of its files.
        kind: what the file is.
        colour_space: the runtime's name.
    """

    path: str
    kind: StoredKind
    colour_space: ColourSpace


@dataclass(frozen=True)
class MatteReference:
    """The artist's own matte of a frame, on disk.

    Attributes:
        path: the file; of a sequence any one of its files.
        kind: what the file is.
        colour_space: the runtime's name.
        channel: which of its channels.
        frame: the file's number of it.
    """

    path: str
    kind: StoredKind
    colour_space: ColourSpace
    channel: MatteChannel
    frame: int


@dataclass(frozen=True)
class FrameRequest:
    """One frame to analyse.

    Attributes:
        plate: where it is.
        frame: the plate's number of it.
        camera: the plate's camera at the plate's size; only the lens counts.
        person: which head, 0 being the largest.
        box: the head box in place of the locator's.
        matte: the artist's own, which the networks see the person in; None for the frame as it is.
    """

    plate: PlateReference
    frame: int
    camera: Camera
    person: int = 0
    box: HeadBox | None = None
    matte: MatteReference | None = None

    @property
    def settings(self) -> str:
        """A fingerprint of what the encoding depends on beside the plate and the networks."""
        camera, box = self.camera, self.box
        lens = camera.intrinsics
        within = {} if self.matte is None else {"matte": self.matte}
        return cache_key(
            **within,
            person=None if box else self.person,
            box=None if box is None else [round(v, 3) for v in (box.centre_x, box.centre_y, box.half_size, box.roll)],
            lens=[round(value, 2) for value in lens],
        )[:24]


@dataclass(frozen=True)
class FrameRecord:
    """What came of analysing a frame.

    Attributes:
        frame: the plate's number of it.
        settings: see FrameRequest.settings.
        file: PlateFiles.state then.
        networks: fingerprint of the networks then, see relight.networks_in_use.
        key: the encoding's key in the cache; None where the frame could not be analysed.
        heads: how many were found; None where a box was given.
        problem: one sentence on why there is no encoding, or None.
        matte: that it was seen in, or None.
    """

    frame: int
    settings: str
    file: str
    networks: str
    key: str | None
    heads: int | None = None
    problem: str | None = None
    matte: MatteReference | None = None


@dataclass(frozen=True)
class Readiness:
    """How far the frames of a shot are analysed.

    Attributes:
        total: frames in all.
        ready: frames whose encoding is in the cache.
        stale: frames that were analysed, but before the plate, the networks or the settings changed.
        problems: plate frame → sentence, for frames that were looked at and cannot be analysed.
        most_heads: the largest number of heads found in a frame; None where no frame was searched.
    """

    total: int
    ready: int
    stale: int
    problems: Mapping[int, str]
    most_heads: int | None

    @property
    def done(self) -> int:
        """Frames that need no analysis any more."""
        return self.ready + len(self.problems)


class AnalysisRecord:
    """The record of one plate in a cache folder."""

    def __init__(self, cache_folder: Path, plate: PlateReference) -> None:
        name = cache_key(plate=plate, version=RECORD_VERSION)
        self.path = cache_folder / f"{name}{RECORD_SUFFIX}"
        self.plate = plate

    def append(self, frame: FrameRecord) -> None:
        """Add what came of a frame; a folder that may only be read keeps no record."""
        start = "" if self.path.exists() else json.dumps(asdict(self.plate))
        with contextlib.suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            # The line break comes first: it also ends a line that was cut short.
            file.write(f"{start}\n{json.dumps(asdict(frame))}")

    def frames(self) -> dict[tuple[int, str], FrameRecord]:
        """The latest record of each frame and settings; lines that are not whole are as if they were not there."""
        found = (_frame_of(line) for line in _lines(self.path)[1:])
        return {(record.frame, record.settings): record for record in found if record is not None}

    def forget(self) -> None:
        """Remove the record."""
        with contextlib.suppress(OSError):
            self.path.unlink()

    def tidy(self) -> None:
        """Drop the lines that later ones replaced."""
        lines, frames = _lines(self.path), self.frames()
        if len(lines) <= len(frames) + 1:
            return
        unfinished = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        text = [json.dumps(asdict(self.plate)), *(json.dumps(asdict(record)) for record in frames.values())]
        try:
            unfinished.write_text("\n".join(text), encoding="utf-8")
            unfinished.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink()


def recorded_plates(cache_folder: Path) -> list[AnalysisRecord]:
    """The records of a cache folder, by the plate's path."""
    found = []
    with contextlib.suppress(OSError):
        for path in cache_folder.glob(f"*{RECORD_SUFFIX}"):
            plate = _plate_of(next(iter(_lines(path)), ""))
            record = AnalysisRecord(cache_folder, plate) if plate else None
            if record and record.path == path:
                found.append(record)
    return sorted(found, key=lambda record: record.plate.path)


class PlateFiles:
    """The state of the files of a plate and of mattes, each looked at once."""

    def __init__(self, plate: PlateReference) -> None:
        self._plate = plate
        self._states: dict[Path, str] = {}

    def state(self, frame: int, matte: MatteReference | None = None) -> str:
        """Size and time of the file a frame is in, and of its matte's; MISSING for one that is not there."""
        own = self._state(self._plate, frame)
        return own if matte is None else f"{own} within {self._state(matte, matte.frame)}"

    def _state(self, reference: PlateReference | MatteReference, frame: int) -> str:
        path = Path(reference.path)
        pattern = pattern_of_numbered_file(path) if reference.kind == "sequence" else None
        if pattern is not None:
            path = pattern.path_of(frame)
        if path not in self._states:
            self._states[path] = _state_of(path) or MISSING
        return self._states[path]


def _state_of(path: Path) -> str | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return f"{status.st_size} {status.st_mtime_ns}"


def is_current(record: FrameRecord, files: PlateFiles, networks: str, keys: Set[str]) -> bool:
    """Whether a record still says what analysing the frame now would give, its encoding being in the cache."""
    known = record.key is None or record.key in keys
    return known and record.networks == networks and record.file == files.state(record.frame, record.matte)


def readiness(
    requests: Sequence[FrameRequest],
    frames: Mapping[tuple[int, str], FrameRecord],
    keys: Set[str],
    networks: str,
) -> Readiness:
    """How far a shot is analysed.

    Args:
        requests: the shot's frames, all of one plate.
        frames: AnalysisRecord.frames.
        keys: EncodingCache.encoding_keys.
        networks: relight.networks_in_use.
    """
    if not requests:
        return Readiness(0, 0, 0, {}, None)
    files = PlateFiles(requests[0].plate)
    seen_before = {frame for frame, _ in frames}
    ready, stale, problems, heads = 0, 0, dict[int, str](), list[int]()
    for request in requests:
        record = frames.get((request.frame, request.settings))
        if record is None or not is_current(record, files, networks, keys):
            stale += request.frame in seen_before
            continue
        if record.problem is None:
            ready += 1
        else:
            problems[request.frame] = record.problem
        if record.heads is not None:
            heads.append(record.heads)
    return Readiness(len(requests), ready, stale, problems, max(heads, default=None))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _frame_of(line: str) -> FrameRecord | None:
    names = {field.name for field in fields(FrameRecord)}
    with contextlib.suppress(ValueError, TypeError):
        stored = json.loads(line)
        # Records from before there were mattes do not name one.
        if isinstance(stored, dict) and stored.keys() | {"matte"} == names and isinstance(stored["frame"], int):
            matte = stored.pop("matte", None)
            return FrameRecord(**stored, matte=None if matte is None else MatteReference(**matte))
    return None


def _plate_of(line: str) -> PlateReference | None:
    with contextlib.suppress(ValueError, TypeError):
        return PlateReference(**json.loads(line))
    return None


def cached_bytes(frames: Iterable[FrameRecord], sizes: Mapping[str, int]) -> int:
    """Bytes that the encodings of these frames take.

    Args:
        frames: records of a plate.
        sizes: bytes of each encoding in the cache, by key.
    """
    return sum(sizes.get(key, 0) for key in {record.key for record in frames if record.key})
