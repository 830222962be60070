"""The session's queue, kept going by a timer, and what the nodes and the status bar show of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import bpy

from ...nodes.analysis_recorder import RECORDER
from ...nodes.engine import ENGINE, EngineSettings
from ...nodes.relight_inputs import Moment
from ...nodes.relight_nodes import FoundNode
from ...nodes.shot_frames import shot_frames
from ...nodes.shot_status import SHOTS, Progress
from ...runtime.errors import CacheError
from .queue import AnalysisJob, AnalysisQueue, JobState, Worker

if TYPE_CHECKING:
    from .job_file import JobDescription

POLL_SECONDS = 0.25
WATCH_OPERATOR = "CHIARO_OT_watch_analysis"


def _start_worker(job: JobDescription) -> Worker:
    from .worker_process import WorkerProcess

    return WorkerProcess(job)


QUEUE = AnalysisQueue(_start_worker)


def queue_shot(found: FoundNode, moment: Moment) -> AnalysisJob:
    """Put a node's shot into the queue.

    Raises:
        ChiaroError: there is no plate, nothing can be read of it, or there is no folder to keep the results in.
    """
    from ...runtime.relight import DEFAULT_CACHE_LIMIT_BYTES
    from .job_file import JobDescription

    settings: EngineSettings = ENGINE.settings
    if settings.cache_folder is None:
        raise CacheError(
            "No cache folder is set, so an analysis would be lost; set one in the preferences of the Chiaro extension."
        )
    shot = shot_frames(found, moment)
    description = JobDescription(
        cache_folder=str(settings.cache_folder),
        cache_limit_bytes=settings.cache_limit_bytes or DEFAULT_CACHE_LIMIT_BYTES,
        providers=settings.providers,
        requests=shot.requests,
    )
    job = AnalysisJob(found.key, shot.loaded.plate.path.name if shot.loaded.plate else found.node.name, description)
    QUEUE.add(job)
    watch()
    return job


def cancel_jobs(node_key: int | None = None) -> int:
    """Cancel a node's job, or all; what was finished is kept."""
    cancelled = QUEUE.cancel(node_key)
    if cancelled:
        _show()
    return cancelled


def watch() -> None:
    """Keep the queue going from Blender's main loop; headless, whoever queued calls `QUEUE.poll`."""
    if not bpy.app.background and not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=POLL_SECONDS, persistent=True)


def stop_watching() -> None:
    """End everything: the extension is disabled, or another file is loaded."""
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    QUEUE.clear()
    SHOTS.show_progress({})


def _tick() -> float | None:
    if QUEUE.poll():
        _show()
    return POLL_SECONDS if QUEUE.is_busy else None


def progress_of(job: AnalysisJob) -> Progress:
    """What to show of a job."""
    return Progress(
        done=len(job.done),
        total=job.total,
        share=job.share,
        seconds_left=job.seconds_left(time.monotonic()),
        waiting=job.state is JobState.WAITING,
    )


def _show() -> None:
    """Bring nodes, panels and the status bar up to date."""
    from ...nodes.refresh import redraw_node_editors, schedule_refresh

    SHOTS.show_progress({job.key: progress_of(job) for job in QUEUE.jobs if job.is_open})
    redraw_node_editors()
    redraw_status_bars()
    if QUEUE.running is None:
        RECORDER.forget()
        schedule_refresh()  # Frames that could not be shown before may be ready now.


def redraw_status_bars() -> None:
    """A status bar is no area of its screen; it draws again when its text is set. A tool at work keeps its own text."""
    for window in _windows():
        if all(operator.bl_idname == WATCH_OPERATOR for operator in window.modal_operators):
            window.workspace.status_text_set_internal(None)


def _windows() -> list[Any]:
    return [window for manager in bpy.data.window_managers for window in manager.windows]
