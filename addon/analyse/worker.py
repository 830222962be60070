"""The process that analyses a plate. It knows no Blender.

It takes the path of a job file, and one line on its standard input for each step it may take: when the input ends,
because Blender is gone in whatever way, it stops after the steps it was granted. It may be killed at any moment. What
happened goes to its standard output, a JSON object per line. Everything it makes is in the cache when it is reported.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from ...runtime.analysis_record import AnalysisRecord, FrameRecord, FrameRequest, PlateFiles, is_current
from ...runtime.cache import EncodingCache
from ...runtime.errors import CacheError, ChiaroError, HeadError, PlateError
from ...runtime.mattes import MatteFiles, Mattes
from ...runtime.plate.kept_frames import KeptFrames
from ...runtime.plate.opening import open_plate
from ...runtime.plate.plate import Plate
from ...runtime.relight import Relighter, networks_in_use
from ...runtime.track import RADIUS
from .job_file import JobDescription, read_job

CHUNK = 24
"""Frames whose heads are found before they are encoded. A head is steadied by the frames around it; going back for each
frame would make a movie seek each time. Of a plate whose frames are small enough only so many are taken at once that
they stay in memory in between, and no frame is read twice."""
NICENESS = 10
"""The artist's Blender goes first."""

GIGABYTE = 1024**3

Report = Callable[..., None]


class Stopped(Exception):  # noqa: N818 - no error: nobody waits for the result
    """No further step was granted."""


class Steps:
    """Waits for leave to take each step."""

    def __init__(self, grants: TextIO) -> None:
        self._grants = grants

    def take(self) -> None:
        """Go on when a step is granted.

        Raises:
            Stopped: none will be.
        """
        if not self._grants.readline():
            raise Stopped


def main() -> None:
    """Run the job whose file is named by the last argument."""
    with contextlib.suppress(
        AttributeError, OSError
    ):  # Windows has no such thing; its process starts with a lower class
        os.nice(NICENESS)
    report = _reporter(sys.stdout)
    try:
        analyse(read_job(Path(sys.argv[-1])), Steps(sys.stdin), report)
    except Stopped:
        report(event="stopped")
    except ChiaroError as error:
        report(event="failed", sentence=str(error))


def _reporter(output: TextIO) -> Report:
    def report(**entry: object) -> None:
        output.write(json.dumps(entry) + "\n")
        output.flush()

    return report


def analyse(job: JobDescription, steps: Steps, report: Report) -> None:
    """Analyse what is not analysed yet.

    Args:
        job: what to do.
        steps: asked before each step.
        report: gets the events: kept (frame), located (frame), ready (frame, heads), problem (frame, sentence),
            finished.

    Raises:
        Stopped: no further step was granted.
        ChiaroError: nothing further can be analysed; the sentence says why.
    """
    folder = Path(job.cache_folder)
    reference = job.requests[0].plate
    record = AnalysisRecord(folder, reference)
    record.tidy()
    networks, files = networks_in_use(), PlateFiles(reference)
    frames, keys = record.frames(), EncodingCache(folder, job.cache_limit_bytes).encoding_keys()
    left = []
    for request in job.requests:
        known = frames.get((request.frame, request.settings))
        if known is not None and is_current(known, files, networks, keys):
            report(event="kept", frame=request.frame)
        else:
            left.append(request)
    if left:
        _analyse_frames(left, job, _Bench(record, networks, files, steps, report))
    report(event="finished")


class _Bench:
    """What every step needs beside the engine."""

    def __init__(self, record: AnalysisRecord, networks: str, files: PlateFiles, steps: Steps, report: Report) -> None:
        self.record, self.networks, self.files, self.steps, self.report = record, networks, files, steps, report


def _analyse_frames(left: Sequence[FrameRequest], job: JobDescription, bench: _Bench) -> None:
    engine = Relighter(
        cache_folder=Path(job.cache_folder), cache_limit_bytes=job.cache_limit_bytes, providers=job.providers
    )
    reference = left[0].plate
    # Blender's image nodes ignore the orientation tag of photographs, so must we.
    opened = open_plate(reference.path, colour_space=reference.colour_space, kind=reference.kind, upright=False)
    has_room, mattes = False, MattesOfRequests()
    with KeptFrames(opened) as plate, contextlib.closing(mattes):
        for chunk in _chunks(left, _chunk_size(plate)):
            _locate(chunk, engine, plate, bench)
            for request in chunk:
                bench.steps.take()
                key = _encode(request, engine, plate, mattes, bench)
                if key and not has_room:
                    _check_room(job, key)
                    has_room = True


class MattesOfRequests:
    """The artist's mattes of the frames of a job; their files are opened once."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str, str], Plate] = {}

    def of(self, request: FrameRequest) -> Mattes | None:
        """A request's, or None.

        Raises:
            PlateError: the file cannot be opened.
        """
        matte = request.matte
        if matte is None:
            return None
        place = (matte.path, matte.kind, matte.colour_space)
        if place not in self._files:
            self._files[place] = open_plate(matte.path, colour_space=matte.colour_space, kind=matte.kind, upright=False)
        return MatteFiles(self._files[place], matte.channel, matte.frame - request.frame)

    def close(self) -> None:
        """Close the files."""
        for files in self._files.values():
            files.close()


def _chunk_size(plate: KeptFrames) -> int:
    fitting = plate.capacity - RADIUS
    return min(CHUNK, fitting) if fitting > RADIUS else CHUNK


def _chunks(requests: Sequence[FrameRequest], size: int) -> Iterator[Sequence[FrameRequest]]:
    for first in range(0, len(requests), size):
        yield requests[first : first + size]


def _locate(chunk: Sequence[FrameRequest], engine: Relighter, plate: Plate, bench: _Bench) -> None:
    """Find the heads of a chunk and of the frames that steady them, in rising order; problems show when encoding."""
    own = {request.frame for request in chunk if request.box is None}
    around = {frame + offset for frame in own for offset in range(-RADIUS, RADIUS + 1)}
    for frame in sorted(own | (around & set(plate.frames))):
        bench.steps.take()
        with contextlib.suppress(PlateError):
            engine.heads_at(plate, frame)
        bench.report(event="located", frame=frame)


def _check_room(job: JobDescription, key: str) -> None:
    """Refuse to go on where the cache would push out the shot's first frames for its last."""
    size = EncodingCache(Path(job.cache_folder), job.cache_limit_bytes).encoding_sizes().get(key, 0)
    needed = size * len(job.requests)
    if needed > job.cache_limit_bytes:
        raise CacheError(
            f"The shot's {len(job.requests)} frames need about {needed / GIGABYTE:.2f} GB, but the cache is limited to "
            f"{job.cache_limit_bytes / GIGABYTE:.2f} GB; raise the limit in the preferences, or use fewer frames."
        )


def _encode(
    request: FrameRequest, engine: Relighter, plate: Plate, mattes: MattesOfRequests, bench: _Bench
) -> str | None:
    """Returns the encoding's key, or None where there is none."""
    key, problem, heads = None, None, None
    try:
        frame = plate.read(request.frame)
        if request.box is None:
            heads = len(engine.find_heads(frame))
        # Kept on disk are plain encodings; they steady each other when they are shown.
        analysis = engine.analyse(
            frame,
            request.camera,
            person=request.person,
            box=request.box,
            plate=plate,
            steady=False,
            mattes=mattes.of(request),
        )
        key = analysis.key
    except (HeadError, PlateError) as error:
        problem = str(error)
    if key is not None and engine.cache_problem:
        raise CacheError(engine.cache_problem)
    state = bench.files.state(request.frame, request.matte)
    bench.record.append(
        FrameRecord(
            request.frame,
            request.settings,
            state,
            bench.networks,
            key,
            heads=heads,
            problem=problem,
            matte=request.matte,
        )
    )
    if problem is None:
        bench.report(event="ready", frame=request.frame, heads=heads)
    else:
        bench.report(event="problem", frame=request.frame, sentence=problem)
    return key


if __name__ == "__main__":
    main()
