"""Operators that visit many frames: in the window one frame at a time with progress and ESC, headless all at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import bpy

from ...nodes.relight_inputs import Moment
from ...nodes.translated import translated
from ...runtime.errors import ChiaroError, HeadError, PlateError
from .analysed_shot import AnalysedFrame, active_relight_node, analyse_frame

SECONDS_BETWEEN_FRAMES = 0.01
CANCELLING = frozenset({"ESC", "RIGHTMOUSE"})
"""As in Blender's own tools."""


class FrameWalk:
    """The frames of a shot, analysed one after the other; frames without a usable head or file are passed over.

    Attributes:
        frames: the scene's frames to visit.
        analysed: what was found so far.
        missed: frames that were passed over, with the reason.
    """

    def __init__(self, context: Any, frames: Sequence[int], visited: Callable[[AnalysedFrame], None]) -> None:
        self.frames = list(frames)
        self.analysed: list[AnalysedFrame] = []
        self.missed: dict[int, str] = {}
        self._scene, self._view_layer = context.scene, context.view_layer
        self._found = active_relight_node(context)
        self._frame_before = context.scene.frame_current
        self._started = time.monotonic()
        self._visited = visited

    @property
    def done(self) -> int:
        """How many frames were visited."""
        return len(self.analysed) + len(self.missed)

    def steps(self) -> Iterator[None]:
        """Visit the frames; the scene stands on its own frame again afterwards, however it ends."""
        try:
            for number in self.frames:
                self._visit(number)
                yield
        finally:
            if self._scene.frame_current != self._frame_before:
                self._scene.frame_set(self._frame_before)

    def _visit(self, number: int) -> None:
        if self._scene.frame_current != number:
            self._scene.frame_set(number)
        self._view_layer.update()
        try:
            analysed = analyse_frame(self._found, Moment(self._scene, self._view_layer.depsgraph, number))
            self._visited(analysed)
            self.analysed.append(analysed)
        except (HeadError, PlateError) as error:
            self.missed[number] = str(error)

    def progress(self) -> str:
        """One line for the status bar."""
        text = translated("Relight: frame {done} of {total}", done=self.done, total=len(self.frames))
        if self.done:
            left = (time.monotonic() - self._started) / self.done * (len(self.frames) - self.done)
            text += translated(", {seconds} s left", seconds=round(left))
        return text + translated("  (ESC or right-click cancels)")

    def first_reason(self) -> str:
        """Why the first frame was passed over."""
        return next(iter(self.missed.values()), "")


class WalkingOperator(bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Base of operators that need the person on one or many frames."""

    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender's way

    _walk: FrameWalk
    _steps: Iterator[None]
    _timer: Any = None

    def frames(self, context: Any) -> Sequence[int]:
        """The frames to visit; subclasses say."""
        raise NotImplementedError

    def visited(self, frame: AnalysedFrame) -> None:
        """Use a frame as soon as it is analysed, where that cannot wait for the last one."""

    def finish(self, context: Any, walk: FrameWalk) -> None:
        """Use what was found; there is at least one analysed frame."""
        raise NotImplementedError

    def execute(self, context: Any) -> set[str]:
        """Visit all frames and finish."""

        def work() -> set[str]:
            walk = FrameWalk(context, self.frames(context), self.visited)
            for _ in walk.steps():
                pass
            return self._finish(context, walk)

        return reporting_errors(self, work)

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Visit the frames beside the window's other work."""

        def begin() -> set[str]:
            frames = self.frames(context)
            if len(frames) < 2:
                return self.execute(context)
            self._walk = FrameWalk(context, frames, self.visited)
            self._steps = self._walk.steps()
            manager = context.window_manager
            self._timer = manager.event_timer_add(SECONDS_BETWEEN_FRAMES, window=context.window)
            manager.progress_begin(0, len(frames))
            manager.modal_handler_add(self)
            context.workspace.status_text_set(self._walk.progress())
            return {"RUNNING_MODAL"}

        return reporting_errors(self, begin)

    def modal(self, context: Any, event: Any) -> set[str]:
        """One frame per tick; ESC or a right click cancels and leaves the scene as it was."""
        if event.type in CANCELLING and event.value == "PRESS":
            self._leave(context)
            self.report({"INFO"}, f"Cancelled after {self._walk.done} of {len(self._walk.frames)} frames.")
            return {"CANCELLED"}
        if event.type != "TIMER":
            return {"RUNNING_MODAL"}

        def step() -> set[str]:
            if next(self._steps, self) is not self:
                context.window_manager.progress_update(self._walk.done)
                context.workspace.status_text_set(self._walk.progress())
                return {"RUNNING_MODAL"}
            return self._finish(context, self._walk)

        result = reporting_errors(self, step)
        if result != {"RUNNING_MODAL"}:
            self._leave(context)
        return result

    def cancel(self, context: Any) -> None:
        """Blender ends the operator, as when a file is loaded."""
        self._leave(context)

    def _leave(self, context: Any) -> None:
        if self._timer is None:
            return
        self._steps.close()  # type: ignore[attr-defined]  # steps() is a generator
        context.window_manager.event_timer_remove(self._timer)
        context.window_manager.progress_end()
        context.workspace.status_text_set(None)
        self._timer = None

    def _finish(self, context: Any, walk: FrameWalk) -> set[str]:
        if not walk.analysed:
            self.report({"ERROR"}, walk.first_reason())
            return {"CANCELLED"}
        self.finish(context, walk)
        if walk.missed:
            numbers = ", ".join(str(number) for number in list(walk.missed)[:8])
            self.report({"WARNING"}, f"Passed over {len(walk.missed)} frames ({numbers}): {walk.first_reason()}")
        return {"FINISHED"}


def reporting_errors(operator: Any, work: Callable[[], set[str]]) -> set[str]:
    """Do an operator's work; what the artist can mend becomes one sentence."""
    try:
        return work()
    except ChiaroError as error:
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}


def shot_frames(scene: Any, *, whole_shot: bool) -> Sequence[int]:
    """The scene's frame range, or the current frame alone."""
    if not whole_shot:
        return [scene.frame_current]
    return range(scene.frame_start, scene.frame_end + 1)
