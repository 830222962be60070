"""Analysing from the interface: start, cancel, watch for ESC."""

from __future__ import annotations

import time
from typing import Any

import bpy

from ...nodes.relight_inputs import Moment
from ...nodes.relight_nodes import FoundNode, relight_nodes
from ...runtime.errors import ChiaroError
from .queue import AnalysisJob, JobState
from .shots import QUEUE, cancel_jobs, queue_shot

HEADLESS_POLL_SECONDS = 0.1

NODE_KEY = bpy.props.IntProperty(
    name="Node",
    description="Session-wide number of the Relight node's inner tree; 0 stands for all nodes of the scene",
    default=0,
    options={"HIDDEN", "SKIP_SAVE"},
)


class AnalyseShots(bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Run the networks over the plates of the scene's frame range, in a process of their own."""

    bl_idname = "chiaro.analyse"
    bl_label = "Analyse Plates"
    bl_description = (
        "Run the networks over the plate's frames once, so that relighting them is quick. Blender stays free "
        "meanwhile; ESC cancels, and what is finished is kept"
    )
    __annotations__ = {"node_key": NODE_KEY}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there is something to analyse."""
        if context.scene is not None and relight_nodes(context.scene):
            return True
        cls.poll_message_set("The scene's compositor has no Relight node")
        return False

    def execute(self, context: Any) -> set[str]:
        """Queue the shots and, without a window, wait for them."""
        jobs = self._queue(context)
        if not jobs:
            return {"CANCELLED"}
        if not bpy.app.background:
            return {"FINISHED"}
        while QUEUE.is_busy:
            QUEUE.poll()
            time.sleep(HEADLESS_POLL_SECONDS)
        return {"FINISHED"} if self._report(jobs) else {"CANCELLED"}

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Queue the shots and watch for ESC until all are done."""
        if not self._queue(context):
            return {"CANCELLED"}
        if not WATCHER.is_on:
            bpy.ops.chiaro.watch_analysis("INVOKE_DEFAULT")
        return {"FINISHED"}

    def _queue(self, context: Any) -> list[AnalysisJob]:
        moment = Moment(context.scene, context.evaluated_depsgraph_get(), context.scene.frame_current)
        jobs = [self._queue_one(found, moment) for found in self._nodes(context.scene)]
        return [job for job in jobs if job is not None]

    def _nodes(self, scene: Any) -> list[FoundNode]:
        return [found for found in relight_nodes(scene) if self.node_key in (0, found.key)]

    def _queue_one(self, found: FoundNode, moment: Moment) -> AnalysisJob | None:
        try:
            return queue_shot(found, moment)
        except ChiaroError as error:
            self.report({"ERROR"}, f"{found.node.label or found.node.name}: {error}")
            return None

    def _report(self, jobs: list[AnalysisJob]) -> bool:
        for job in jobs:
            report_job(self, job)
        return all(job.state is JobState.FINISHED for job in jobs)


class CancelAnalysis(bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Cancel what runs and waits."""

    bl_idname = "chiaro.cancel_analysis"
    bl_label = "Cancel Analysis"
    bl_description = "Stop analysing; what is finished is kept, and the next analysis goes on from there"
    __annotations__ = {"node_key": NODE_KEY}

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Only while something runs."""
        return QUEUE.is_busy

    def execute(self, _context: Any) -> set[str]:
        """Cancel."""
        cancel_jobs(self.node_key or None)
        return {"FINISHED"}


class _Watcher:
    """Whether a modal operator watches the queue."""

    is_on = False


WATCHER = _Watcher()


class WatchAnalysis(bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Listens for ESC while shots are analysed, and tells how they ended. The queue itself needs no operator."""

    bl_idname = "chiaro.watch_analysis"
    bl_label = "Watch Analysis"
    bl_description = "Listen for ESC while plates are analysed, and report how that ended"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender reads a set

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Begin to listen."""
        self._timer = context.window_manager.event_timer_add(0.5, window=context.window)
        self._told: set[int] = set()
        context.window_manager.modal_handler_add(self)
        WATCHER.is_on = True
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: Any) -> set[str]:
        """ESC cancels; all other events are left to Blender."""
        if event.type == "ESC" and event.value == "PRESS" and QUEUE.is_busy:
            count = cancel_jobs()
            plates = "the analysis" if count == 1 else f"{count} analyses"
            self.report({"INFO"}, f"Cancelled {plates}; what was finished is kept, and Analyse goes on from there")
            self._end(context)
            return {"CANCELLED"}
        if event.type == "TIMER":
            self._tell()
            if not QUEUE.is_busy:
                self._end(context)
                return {"FINISHED"}
        return {"PASS_THROUGH"}

    def cancel(self, context: Any) -> None:
        """Blender ends the operator: the window closes, another file is loaded."""
        self._end(context)

    def _tell(self) -> None:
        for job in QUEUE.jobs:
            if not job.is_open and id(job) not in self._told:
                self._told.add(id(job))
                report_job(self, job)

    def _end(self, context: Any) -> None:
        context.window_manager.event_timer_remove(self._timer)
        WATCHER.is_on = False


def report_job(operator: Any, job: AnalysisJob) -> None:
    """One sentence on how a job ended."""
    if job.state is JobState.FAILED:
        operator.report({"ERROR"}, f"{job.name}: {job.sentence}")
    elif job.problems:
        frame, sentence = min(job.problems.items())
        ready = job.total - len(job.problems)
        operator.report({"WARNING"}, f"{job.name}: {ready} of {job.total} frames are ready. Frame {frame}: {sentence}")
    elif job.state is JobState.FINISHED:
        operator.report({"INFO"}, f"{job.name}: {job.total} frames are ready")


CLASSES = (AnalyseShots, CancelAnalysis, WatchAnalysis)
