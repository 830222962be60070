"""The queue of shots, with workers whose every event is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from chiaro.addon.analyse.job_file import JobDescription
from chiaro.addon.analyse.queue import AnalysisJob, AnalysisQueue, JobState
from chiaro.runtime.analysis_record import FrameRequest, PlateReference
from chiaro.runtime.camera import Camera

CAMERA = Camera(64, 48, 70.0, 70.0, 32.0, 24.0)


def job(key: int, frames: int = 4) -> AnalysisJob:
    plate = PlateReference(f"plate{key}.mov", "movie", "srgb")
    requests = [FrameRequest(plate, frame, CAMERA) for frame in range(1, frames + 1)]
    return AnalysisJob(key, f"plate{key}", JobDescription("cache", 10**9, None, requests))


@dataclass
class KnownWorker:
    """Says one batch of events per poll."""

    batches: list[list[Mapping[str, Any]]]
    closed: bool = False

    def poll(self) -> Iterable[Mapping[str, Any]]:
        return self.batches.pop(0) if self.batches else []

    def close(self) -> None:
        self.closed = True


@dataclass
class Workshop:
    """Gives workers out, in order, and a clock that goes on by a second per look."""

    batches: list[list[list[Mapping[str, Any]]]]
    started: list[KnownWorker] = field(default_factory=list)
    now: float = 0.0

    def start(self, _description: JobDescription) -> KnownWorker:
        self.started.append(KnownWorker(self.batches.pop(0)))
        return self.started[-1]

    def clock(self) -> float:
        self.now += 1.0
        return self.now


def ready(*frames: int) -> list[Mapping[str, Any]]:
    return [{"event": "ready", "frame": frame, "heads": 1} for frame in frames]


FINISHED: list[Mapping[str, Any]] = [{"event": "finished"}]


def queue_of(*batches: list[list[Mapping[str, Any]]]) -> tuple[AnalysisQueue, Workshop]:
    workshop = Workshop(list(batches))
    return AnalysisQueue(workshop.start, workshop.clock), workshop


def run(queue: AnalysisQueue, polls: int = 20) -> None:
    for _ in range(polls):
        queue.poll()


def test_shots_are_analysed_one_after_the_other() -> None:
    queue, workshop = queue_of([ready(1, 2), ready(3, 4) + FINISHED], [ready(1, 2, 3, 4) + FINISHED])
    first, second = job(1), job(2)
    queue.add(first)
    queue.add(second)
    queue.poll()
    assert (first.state, second.state, len(workshop.started)) == (JobState.RUNNING, JobState.WAITING, 1)
    run(queue)
    assert (first.state, second.state) == (JobState.FINISHED, JobState.FINISHED)
    assert first.done == second.done == {1, 2, 3, 4}
    assert all(worker.closed for worker in workshop.started)
    assert not queue.is_busy


def test_cancelling_ends_the_worker_and_goes_on_with_the_next() -> None:
    queue, workshop = queue_of([ready(1)], [ready(1) + FINISHED])
    first, second = job(1), job(2)
    queue.add(first)
    queue.add(second)
    run(queue, 3)
    assert queue.cancel(first.key) == 1
    assert workshop.started[0].closed
    assert (first.state, first.done) == (JobState.CANCELLED, {1})
    run(queue)
    assert second.state is JobState.FINISHED


def test_cancelling_all_leaves_nothing_to_do() -> None:
    queue, _ = queue_of([ready(1)])
    for key in (1, 2, 3):
        queue.add(job(key))
    run(queue, 2)
    assert queue.cancel() == 3
    assert not queue.is_busy
    assert queue.cancel() == 0


def test_a_node_is_queued_once() -> None:
    queue, workshop = queue_of([ready(1)], [FINISHED])
    first = job(1)
    queue.add(first)
    run(queue, 2)
    again = job(1)
    queue.add(again)
    assert first.state is JobState.CANCELLED
    assert workshop.started[0].closed
    assert queue.job_of(1) is again
    assert len(queue.jobs) == 1


@pytest.mark.parametrize("event", ["failed", "died"])
def test_a_failed_job_says_why_and_lets_the_next_go(event: str) -> None:
    queue, _ = queue_of([[{"event": event, "sentence": "The disk is full; free some space."}]], [FINISHED])
    first, second = job(1), job(2)
    queue.add(first)
    queue.add(second)
    run(queue)
    assert (first.state, first.sentence) == (JobState.FAILED, "The disk is full; free some space.")
    assert second.state is JobState.FINISHED


def test_frames_that_cannot_be_analysed_are_done_with_their_reason() -> None:
    problem = {"event": "problem", "frame": 2, "sentence": "No head was found."}
    queue, _ = queue_of([ready(1), [problem], ready(3, 4) + FINISHED])
    only = job(1)
    queue.add(only)
    run(queue)
    assert (only.state, only.problems, only.share) == (JobState.FINISHED, {2: "No head was found."}, 1.0)


def test_time_left_comes_from_the_pace_and_not_from_what_was_there_already() -> None:
    queue, workshop = queue_of([[{"event": "kept", "frame": frame} for frame in range(1, 51)], ready(*range(51, 76))])
    only = job(1, 100)
    queue.add(only)
    run(queue, 2)
    assert only.seconds_left(workshop.now) is None, "nothing was computed yet"
    queue.poll()
    assert only.share == 0.75
    elapsed = workshop.now - only.started
    assert only.seconds_left(workshop.now) == pytest.approx(elapsed)


def test_a_worker_that_does_not_start_is_a_failed_job() -> None:
    def refuse(_description: JobDescription) -> KnownWorker:
        raise OSError(28, "No space left on device")

    queue = AnalysisQueue(refuse)
    only = job(1)
    queue.add(only)
    queue.poll()
    assert only.state is JobState.FAILED
    assert only.sentence == ("The analysis could not be started (No space left on device); check the temporary folder.")
