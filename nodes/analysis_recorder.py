"""Frames that the interface and renders analyse go into the plate's record, as those of the Analyse job do.

So a node counts every frame whose encoding is in the cache, whoever put it there.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from ..runtime.errors import ChiaroError
from .engine import ENGINE
from .plate_file import PlateFile, PlatePixels
from .plate_shelf import SHELF, LoadedFrame

if TYPE_CHECKING:
    from ..runtime.analysis_record import AnalysisRecord, FrameRecord, FrameRequest
    from ..runtime.cache import EncodingCache
    from ..runtime.camera import Camera
    from ..runtime.head import HeadBox
    from .relight_inputs import MatteInput


class AnalysisRecorder:
    """Adds frames to the records of plates, each once."""

    def __init__(self) -> None:
        self._known: dict[Path, dict[tuple[int, str], FrameRecord]] = {}

    def forget(self) -> None:
        """The records on disk may have changed: read them again."""
        self._known.clear()

    def take(
        self,
        plate: PlateFile | PlatePixels,
        loaded: LoadedFrame,
        camera: Camera,
        *,
        person: int = 0,
        box: HeadBox | None = None,
        matte: MatteInput | None = None,
        problem: str | None = None,
    ) -> None:
        """Note a frame that the engine has just analysed; nothing where it is not kept on disk.

        Args:
            plate: the frame's place.
            loaded: the frame.
            camera: the plate's, at its size.
            person: which head was asked for.
            box: the head box given by hand.
            matte: the artist's own, which it was analysed in.
            problem: why the engine could not analyse it, or None.
        """
        folder = ENGINE.settings.cache_folder
        within = matte.reference if matte else None
        if not isinstance(plate, PlateFile) or folder is None or (matte and within is None):
            return
        from ..runtime.analysis_record import FrameRequest

        request = FrameRequest(plate.reference, plate.frame, camera, person, box, within)
        # A frame that is relit must not fail for the bookkeeping.
        with contextlib.suppress(ChiaroError, OSError):
            self._take(request, matte, loaded, problem, folder)

    def _take(
        self,
        request: FrameRequest,
        matte: MatteInput | None,
        loaded: LoadedFrame,
        problem: str | None,
        folder: Path,
    ) -> None:
        from ..runtime.analysis_record import AnalysisRecord, FrameRecord, PlateFiles, is_current
        from ..runtime.cache import EncodingCache
        from ..runtime.relight import DEFAULT_CACHE_LIMIT_BYTES, networks_in_use

        record = AnalysisRecord(folder, request.plate)
        cache = EncodingCache(folder, ENGINE.settings.cache_limit_bytes or DEFAULT_CACHE_LIMIT_BYTES)
        known = self._records_of(record)
        before = known.get((request.frame, request.settings))
        files, networks = PlateFiles(request.plate), networks_in_use()
        if before is not None and is_current(before, files, networks, _kept(before.key, cache)):
            return
        key = _plain_key(request, matte, loaded) if problem is None else None
        if key is not None and not cache.has(key):
            return  # The folder is full, or may be read only.
        heads = len(ENGINE.engine().find_heads(loaded.frame)) if request.box is None else None
        state = files.state(request.frame, request.matte)
        entry = FrameRecord(
            request.frame,
            request.settings,
            state,
            networks,
            key,
            heads=heads,
            problem=problem,
            matte=request.matte,
        )
        record.append(entry)
        known[request.frame, request.settings] = entry

    def _records_of(self, record: AnalysisRecord) -> dict[tuple[int, str], FrameRecord]:
        """What a record held when it was first asked for, and what was added since."""
        if record.path not in self._known:
            self._known[record.path] = dict(record.frames())
        return self._known[record.path]


def _kept(key: str | None, cache: EncodingCache) -> frozenset[str]:
    return frozenset({key}) if key is not None and cache.has(key) else frozenset()


def _plain_key(request: FrameRequest, matte: MatteInput | None, loaded: LoadedFrame) -> str:
    """The key under which the job would keep the frame: that of its plain encoding, which is in memory by now."""
    analysis = ENGINE.engine().analyse(
        loaded.frame,
        request.camera,
        person=request.person,
        box=request.box,
        plate=loaded.plate,
        steady=False,
        mattes=SHELF.mattes(matte.file, matte.channel, loaded) if matte else None,
    )
    return analysis.key


RECORDER = AnalysisRecorder()
