"""The shots that wait to be analysed, one after the other, and how far each is. Knows no Blender."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .job_file import JobDescription

LOCATING_SHARE = 0.5
"""Of a frame's time, about; the rest is encoding."""


class JobState(Enum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass
class AnalysisJob:
    """One shot for one Relight node.

    Attributes:
        key: the node's, see nodes.relight_nodes.FoundNode.
        name: for the artist.
        description: what the worker is to do.
        state: where it stands.
        done: plate frames that are ready, or that cannot be analysed.
        problems: plate frame → why it cannot be.
        sentence: why the whole job failed, or None.
    """

    key: int
    name: str
    description: JobDescription
    state: JobState = JobState.WAITING
    done: set[int] = field(default_factory=set)
    located: set[int] = field(default_factory=set)
    problems: dict[int, str] = field(default_factory=dict)
    sentence: str | None = None
    started: float = 0.0
    share_at_start: float = 0.0

    @property
    def total(self) -> int:
        """Frames in all."""
        return len(self.description.requests)

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (JobState.WAITING, JobState.RUNNING)

    @property
    def share(self) -> float:
        """How much of the work is done, 0..1."""
        located = len(self.located | self.done)
        return (LOCATING_SHARE * located + (1 - LOCATING_SHARE) * len(self.done)) / max(1, self.total)

    def seconds_left(self, now: float) -> float | None:
        """From the pace so far; None before anything can be told."""
        made = self.share - self.share_at_start
        if self.state is not JobState.RUNNING or made <= 0:
            return None
        return (now - self.started) * (1 - self.share) / made

    def take(self, event: Mapping[str, Any], now: float) -> None:
        """Learn from the worker."""
        kind, frame = event["event"], int(event.get("frame", 0))
        if kind == "kept":
            self.done.add(frame)
            self.started, self.share_at_start = now, self.share
        elif kind == "located":
            self.located |= {frame} & {request.frame for request in self.description.requests}
        elif kind in ("ready", "problem"):
            self.done.add(frame)
            if kind == "problem":
                self.problems[frame] = event["sentence"]
        elif kind == "finished":
            self.state = JobState.FINISHED
        elif kind in ("failed", "died", "stopped"):
            self.state, self.sentence = JobState.FAILED, event.get("sentence")


class Worker(Protocol):
    """What the queue needs of WorkerProcess."""

    def poll(self) -> Iterable[Mapping[str, Any]]:
        """What happened since the last call."""

    def close(self) -> None:
        """End it."""


class AnalysisQueue:
    """Runs one job at a time: two networks side by side would only halve each other's pace."""

    def __init__(
        self, start_worker: Callable[[JobDescription], Worker], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._start_worker = start_worker
        self._clock = clock
        self._worker: Worker | None = None
        self.jobs: list[AnalysisJob] = []

    @property
    def running(self) -> AnalysisJob | None:
        """The job at work."""
        return next((job for job in self.jobs if job.state is JobState.RUNNING), None)

    @property
    def is_busy(self) -> bool:
        """Whether anything runs or waits."""
        return any(job.is_open for job in self.jobs)

    def job_of(self, key: int) -> AnalysisJob | None:
        """The latest job of a node."""
        return next((job for job in reversed(self.jobs) if job.key == key), None)

    def add(self, job: AnalysisJob) -> None:
        """Queue a job; an earlier one of the same node gives way to it."""
        self.cancel(job.key)
        self.jobs = [other for other in self.jobs if other.key != job.key]
        self.jobs.append(job)

    def cancel(self, key: int | None = None) -> int:
        """Cancel a node's job, or all; what was finished is kept.

        Returns:
            How many were cancelled.
        """
        cancelled = [job for job in self.jobs if job.is_open and key in (None, job.key)]
        for job in cancelled:
            if job.state is JobState.RUNNING:
                self._close_worker()
            job.state = JobState.CANCELLED
        return len(cancelled)

    def clear(self) -> None:
        """Cancel all and forget them."""
        self.cancel()
        self.jobs.clear()

    def poll(self) -> bool:
        """Hear the worker, and start the next job when it is done; call it a few times a second.

        Returns:
            Whether anything changed.
        """
        job = self.running
        if job is None:
            return self._start_next()
        events = list(self._worker.poll()) if self._worker else []
        for event in events:
            job.take(event, self._clock())
        if not job.is_open:
            self._close_worker()
        return bool(events)

    def _start_next(self) -> bool:
        job = next((job for job in self.jobs if job.state is JobState.WAITING), None)
        if job is None:
            return False
        job.started, job.state = self._clock(), JobState.RUNNING
        try:
            self._worker = self._start_worker(job.description)
        except OSError as error:
            job.state = JobState.FAILED
            job.sentence = f"The analysis could not be started ({error.strerror or error}); check the temporary folder."
        return True

    def _close_worker(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None
