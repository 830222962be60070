"""The worker as a real process: what it leaves behind however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from tests.ball_head import ball_plate, ball_weights
from tests.synthetic_plates import write_image

from chiaro.addon.analyse.job_file import JobDescription, read_job, write_job
from chiaro.addon.analyse.queue import AnalysisJob, AnalysisQueue, JobState
from chiaro.addon.analyse.worker import Steps, analyse
from chiaro.addon.analyse.worker_process import ROOT, WorkerProcess
from chiaro.runtime.analysis_record import (
    AnalysisRecord,
    FrameRequest,
    MatteReference,
    PlateReference,
    readiness,
)
from chiaro.runtime.cache import EncodingCache
from chiaro.runtime.head import HeadBox
from chiaro.runtime.mattes import MatteFiles
from chiaro.runtime.plate import kept_frames, open_plate
from chiaro.runtime.plate.kept_frames import KeptFrames
from chiaro.runtime.plate.plate import Plate, PlateFrame
from chiaro.runtime.relight import Relighter, networks_in_use

FRAMES = 12
PATIENCE_SECONDS = 120.0

pytestmark = pytest.mark.slow


def wait_for(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def plate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlateReference:
    monkeypatch.setenv("CHIARO_WEIGHTS", str(ball_weights(tmp_path / "weights")))
    pixels = ball_plate(320, 240).frame.image
    for number in range(1, FRAMES + 1):
        write_image(tmp_path / f"plate.{number:04d}.exr", pixels + np.float32(0.001 * number))
    return PlateReference(str(tmp_path / "plate.0001.exr"), "sequence", "linear")


def job(plate: PlateReference, cache: Path, frames: int = FRAMES) -> JobDescription:
    camera = ball_plate(320, 240).camera
    requests = [FrameRequest(plate, frame, camera) for frame in range(1, frames + 1)]
    return JobDescription(str(cache), 10**9, ("CPUExecutionProvider",), requests)


def run(description: JobDescription) -> tuple[AnalysisJob, list[dict[str, object]]]:
    """Through the queue, to the end."""
    heard: list[dict[str, object]] = []

    class Heard(WorkerProcess):
        def poll(self) -> list:  # type: ignore[type-arg]  # as the parent's
            events = super().poll()
            heard.extend(map(dict, events))
            return events

    queue = AnalysisQueue(Heard)
    only = AnalysisJob(1, "plate", description)
    queue.add(only)

    def over() -> bool:
        queue.poll()
        return not queue.is_busy

    wait_for(over)
    return only, heard


def check_cache_is_whole(description: JobDescription) -> int:
    """Every entry can be read, and every frame that counts as ready has one; returns how many are ready."""
    cache = EncodingCache(Path(description.cache_folder), 10**9)
    for key in cache.encoding_keys():
        assert cache.get(key) is not None
    record = AnalysisRecord(Path(description.cache_folder), description.requests[0].plate)
    return readiness(description.requests, record.frames(), cache.encoding_keys(), networks_in_use()).ready


def test_a_job_survives_its_file(plate: PlateReference, tmp_path: Path) -> None:
    description = job(plate, tmp_path / "cache", 2)
    request = description.requests[0]
    boxed = FrameRequest(plate, 7, request.camera, 1, HeadBox(1 / 3, 2.5, 3.5, 0.1))
    within = replace(request, matte=MatteReference("matte.mov", "movie", "linear", "alpha", 3))
    described = JobDescription("cache", 5, ["CPU"], [request, boxed, within])
    write_job(described, tmp_path / "job.json")
    read = read_job(tmp_path / "job.json")
    assert [entry.settings for entry in read.requests] == [request.settings, boxed.settings, within.settings]
    assert read.requests[2].matte == within.matte
    assert (read.requests[1].box, read.cache_limit_bytes, read.providers) == (boxed.box, 5, ["CPU"])


def _opened(path: str) -> Plate:
    return open_plate(path, colour_space="linear", kind="sequence", upright=False)


def test_frames_are_analysed_in_their_mattes(plate: PlateReference, tmp_path: Path) -> None:
    values = np.ones((240, 320, 3), np.float32)
    for number in range(1, 3):
        write_image(tmp_path / f"matte.{number + 100:04d}.exr", values)
    path, camera = str(tmp_path / "matte.0101.exr"), ball_plate(320, 240).camera
    matte = MatteReference(path, "sequence", "linear", "brightness", 101)
    requests = [FrameRequest(plate, frame, camera, matte=replace(matte, frame=100 + frame)) for frame in range(1, 4)]
    description = replace(job(plate, tmp_path / "cache"), requests=requests)
    done, _ = run(description)
    assert (done.state, done.done, list(done.problems)) == (JobState.FINISHED, {1, 2, 3}, [3])
    assert "matte" in done.problems[3]
    assert check_cache_is_whole(description) == 2
    engine = Relighter(cache_folder=tmp_path / "cache")
    with _opened(plate.path) as frames, _opened(path) as files:
        mattes = MatteFiles(files, "brightness", 100)
        assert engine.is_analysed(frames.read(2), camera, plate=frames, steady=False, mattes=mattes)
        assert not engine.is_analysed(frames.read(2), camera, plate=frames, steady=False)


def test_a_shot_is_analysed_and_the_second_time_kept(plate: PlateReference, tmp_path: Path) -> None:
    description = job(plate, tmp_path / "cache")
    first, _ = run(description)
    assert (first.state, first.sentence, first.done) == (JobState.FINISHED, None, set(range(1, FRAMES + 1)))
    assert check_cache_is_whole(description) == FRAMES
    second, heard = run(description)
    assert second.state is JobState.FINISHED
    assert [event["event"] for event in heard] == ["kept"] * FRAMES + ["finished"]


def test_each_file_of_a_sequence_is_decoded_once(
    plate: PlateReference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, decoded = type(open_plate(Path(plate.path), kind="sequence")), Counter[int]()
    read = kind.read

    def counted(sequence: object, frame: int) -> PlateFrame:
        decoded[frame] += 1
        return read(sequence, frame)  # type: ignore[arg-type]  # the class of the sequence

    monkeypatch.setattr(kind, "read", counted)
    # Seven frames fit, as of a large plate: four at once, and the three that steady the last of them.
    budget = 7 * 320 * 240 * kept_frames.BYTES_PER_PIXEL
    monkeypatch.setattr(KeptFrames.__init__, "__defaults__", (budget,))
    events: list[object] = []
    analyse(job(plate, tmp_path / "cache"), Steps(StringIO("\n" * 200)), lambda **entry: events.append(entry["event"]))
    assert events.count("ready") == FRAMES
    assert set(decoded.values()) == {1}, decoded


def test_a_changed_frame_alone_is_analysed_again(plate: PlateReference, tmp_path: Path) -> None:
    description = job(plate, tmp_path / "cache")
    run(description)
    write_image(tmp_path / "plate.0005.exr", ball_plate(320, 240).frame.image + np.float32(0.02))
    _, heard = run(description)
    assert [event["frame"] for event in heard if event["event"] == "ready"] == [5]


def test_killing_the_worker_leaves_a_whole_cache_and_the_rest_is_done_later(
    plate: PlateReference, tmp_path: Path
) -> None:
    description = job(plate, tmp_path / "cache")
    worker = WorkerProcess(description, tmp_path)
    heard: list[dict[str, object]] = []

    def some_ready() -> bool:
        heard.extend(map(dict, worker.poll()))
        return sum(event["event"] == "ready" for event in heard) >= 3

    wait_for(some_ready)
    os.kill(worker.process_id, signal.SIGKILL)
    wait_for(lambda: any(event["event"] in ("died", "finished") for event in worker.poll()))
    worker.close()
    before = check_cache_is_whole(description)
    assert before >= 3
    _, events = run(description)
    assert sum(event["event"] == "kept" for event in events) == before
    assert sum(event["event"] == "ready" for event in events) == FRAMES - before
    assert check_cache_is_whole(description) == FRAMES


def test_a_worker_that_is_killed_says_so(plate: PlateReference, tmp_path: Path) -> None:
    worker = WorkerProcess(job(plate, tmp_path / "cache"), tmp_path)
    os.kill(worker.process_id, signal.SIGKILL)
    found: list[dict[str, object]] = []

    def died() -> bool:
        found.extend(map(dict, worker.poll()))
        return any(event["event"] == "died" for event in found)

    wait_for(died)
    worker.close()
    assert str(found[-1]["sentence"]) == (
        "The analysis ended unexpectedly (code -9); what was finished is kept: start it again."
    )


def test_a_worker_whose_blender_was_killed_ends_by_itself(plate: PlateReference, tmp_path: Path) -> None:
    # Many more frames than it may take steps for: it can only end because nobody grants any.
    write_job(job(plate, tmp_path / "cache"), tmp_path / "job.json")
    code = (
        "import sys, time; from pathlib import Path; from chiaro.addon.analyse import worker_process as w; "
        "from chiaro.addon.analyse.job_file import read_job; w.STEPS_AHEAD = 4; "
        f"worker = w.WorkerProcess(read_job(Path({str(tmp_path / 'job.json')!r})), Path({str(tmp_path)!r})); "
        "print(worker.process_id, flush=True)\nwhile True: worker.poll(); time.sleep(0.05)"
    )
    blender = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert blender.stdout is not None
    worker_id = int(blender.stdout.readline())
    blender.kill()
    blender.wait()
    wait_for(lambda: not is_running(worker_id))
    check_cache_is_whole(job(plate, tmp_path / "cache"))


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_closing_ends_the_worker_and_removes_its_files(plate: PlateReference, tmp_path: Path) -> None:
    worker = WorkerProcess(job(plate, tmp_path / "cache"), tmp_path)
    assert list(tmp_path.glob("chiaro-analyse-*"))
    worker.close()
    assert not is_running(worker.process_id)
    assert not list(tmp_path.glob("chiaro-analyse-*"))


def test_frames_without_anybody_are_problems_and_stay_so(plate: PlateReference, tmp_path: Path) -> None:
    # Somebody leaves and comes back: four frames, longer than the locator's gap of one is filled over.
    for number in range(5, 9):
        write_image(tmp_path / f"plate.{number:04d}.exr", np.full((240, 320, 3), 0.2, np.float32))
    (tmp_path / "plate.0011.exr").unlink()
    description = job(plate, tmp_path / "cache")
    first, _ = run(description)
    assert (first.state, sorted(first.problems)) == (JobState.FINISHED, [5, 6, 7, 8, 11])
    assert "No head was found" in first.problems[5]
    assert "frames 10 and 12 are the nearest" in first.problems[11]
    assert check_cache_is_whole(description) == FRAMES - 5
    _, heard = run(description)
    assert [event["event"] for event in heard] == ["kept"] * FRAMES + ["finished"]


def test_a_cache_that_cannot_be_written_fails_with_one_sentence(plate: PlateReference, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    only, _ = run(job(plate, tmp_path / "file"))
    assert only.state is JobState.FAILED
    assert only.sentence == f'The cache folder "{tmp_path / "file"}" is a file; choose a folder.'


def test_a_shot_that_does_not_fit_into_the_cache_is_refused_at_its_first_frame(
    plate: PlateReference, tmp_path: Path
) -> None:
    only, heard = run(replace(job(plate, tmp_path / "cache"), cache_limit_bytes=10_000_000))
    assert only.state is JobState.FAILED
    assert only.sentence is not None
    assert only.sentence.startswith("The shot's 12 frames need about 0.03 GB, but the cache is limited to 0.01 GB;")
    assert sum(event["event"] == "ready" for event in heard) == 1


def test_the_worker_imports_no_blender_and_no_threads_of_ours() -> None:
    sources = [path for folder in ("addon", "nodes", "runtime") for path in (ROOT / folder).rglob("*.py")]
    assert sources
    for path in sources:
        text = path.read_text(encoding="utf-8")
        assert "import threading" not in text, path
        assert "from threading" not in text, path
    for name in ("worker", "worker_process", "job_file", "queue"):
        assert "bpy" not in (ROOT / "addon" / "analyse" / f"{name}.py").read_text(encoding="utf-8"), name
