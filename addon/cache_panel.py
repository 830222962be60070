"""The panel that shows the cache and clears it, in the compositor's sidebar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ..nodes.analysis_recorder import RECORDER
from ..nodes.engine import ENGINE
from ..nodes.node_face import frames_text, progress_text
from ..nodes.translated import translated
from .analyse.operators import AnalyseShots, CancelAnalysis
from .analyse.shots import QUEUE, progress_of
from .cache_overview import (
    CachedPlate,
    CacheOverview,
    LatestOverview,
    clear_plate,
    look_into_cache,
    size_text,
)

LATEST = LatestOverview()
LOOK_SECONDS = 0.05
MOST_PLATES = 10
UNLIMITED = 20 * 1024**3


def _limit() -> int:
    return ENGINE.settings.cache_limit_bytes or UNLIMITED


def _look() -> None:
    """Timer: a folder on a network is not read while the interface is drawn."""
    LATEST.put(look_into_cache(ENGINE.settings.cache_folder, _limit()))
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            for area in window.screen.areas:
                if area.type in ("NODE_EDITOR", "PREFERENCES"):
                    area.tag_redraw()


def _look_soon() -> None:
    if not bpy.app.timers.is_registered(_look):
        bpy.app.timers.register(_look, first_interval=LOOK_SECONDS)


class CachePanel(bpy.types.Panel):  # type: ignore[misc]  # bpy ships no types
    """Analysed frames: what there is, what is at work, and how to be rid of it."""

    bl_idname = "CHIARO_PT_cache"
    bl_label = "Analysed Frames"
    bl_description = "What the cache holds of the plates, what is being analysed, and how to clear it"
    bl_space_type = "NODE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Relight"
    bl_order = 3

    @classmethod
    def poll(cls, context: Any) -> bool:
        """In the compositor only."""
        return bool(context.space_data.tree_type == "CompositorNodeTree")

    def draw(self, _context: Any) -> None:
        """Jobs, plates, total."""
        _draw_jobs(self.layout)
        if LATEST.is_old(ENGINE.settings.cache_folder):
            _look_soon()
        if LATEST.overview is not None:
            draw_overview(LATEST.overview, self.layout)


def _draw_jobs(layout: Any) -> None:
    layout.operator(AnalyseShots.bl_idname, icon="PLAY").node_key = 0
    for job in QUEUE.jobs:
        if not job.is_open:
            continue
        column = layout.column(align=True)
        column.label(text=job.name, icon="USER")
        row = column.row(align=True)
        row.progress(factor=job.share, text=progress_text(progress_of(job)), type="BAR")
        row.operator(CancelAnalysis.bl_idname, text="", icon="X").node_key = job.key


def draw_overview(overview: CacheOverview, layout: Any) -> None:
    """The plates and the total; also part of the preferences."""
    if overview.problem:
        layout.label(text=overview.problem, icon="ERROR")
        return
    for plate in overview.plates[:MOST_PLATES]:
        _draw_plate(plate, layout)
    if len(overview.plates) > MOST_PLATES:
        layout.label(
            text=translated("and {count} more plates", count=len(overview.plates) - MOST_PLATES), icon="BLANK1"
        )
    share = min(1.0, overview.bytes / max(1, overview.limit_bytes))
    column = layout.column(align=True)
    used, limit = size_text(overview.bytes), size_text(overview.limit_bytes)
    column.progress(factor=share, text=translated("{used} of {limit}", used=used, limit=limit), type="BAR")
    column.operator(ClearCache.bl_idname, text="Clear All", icon="TRASH")


def _draw_plate(plate: CachedPlate, layout: Any) -> None:
    stale = plate.stale > 0 or plate.missing
    icon = "ERROR" if plate.missing else "FILE_REFRESH" if stale else "CHECKMARK"
    column = layout.column(align=True)
    row = column.row(align=True)
    row.label(text=plate.name, icon=icon)
    row.operator(ClearPlate.bl_idname, text="", icon="TRASH").plate_path = plate.path
    detail = f"{frames_text(plate.current)}, {size_text(plate.bytes)}"
    if plate.missing:
        detail += translated(", the plate is gone")
    elif plate.stale:
        detail += translated(", {count} changed since", count=plate.stale)
    column.label(text=detail, icon="BLANK1")


class ClearPlate(bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Remove one plate's frames from the cache."""

    bl_idname = "chiaro.clear_plate"
    bl_label = "Clear Plate"
    bl_description = "Remove this plate's analysed frames from the cache; the plate itself is not touched"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender reads a set
    __annotations__ = {
        "plate_path": bpy.props.StringProperty(
            name="Plate", description="File of the plate whose analysed frames are removed", options={"HIDDEN"}
        )
    }

    def execute(self, _context: Any) -> set[str]:
        """Remove them."""
        folder = ENGINE.settings.cache_folder
        if folder is None:
            return {"CANCELLED"}
        removed = clear_plate(folder, _limit(), self.plate_path)
        self.report({"INFO"}, f"{removed} analysed frames of {Path(self.plate_path).name} removed")
        _after_clearing()
        return {"FINISHED"}


class ClearCache(bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Remove everything from the cache."""

    bl_idname = "chiaro.clear_cache"
    bl_label = "Clear Analysed Frames"
    bl_description = "Remove the analysed frames of all plates from the cache; the plates themselves are not touched"

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Only where there is a cache."""
        return ENGINE.settings.cache_folder is not None

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask first: hours of analysis may be in it."""
        answer: set[str] = context.window_manager.invoke_confirm(self, event)
        return answer

    def execute(self, _context: Any) -> set[str]:
        """Remove them."""
        from ..runtime.cache import EncodingCache

        folder = ENGINE.settings.cache_folder
        if folder is None:
            return {"CANCELLED"}
        removed = EncodingCache(folder, _limit()).clear()
        self.report({"INFO"}, f"{removed} files removed from the cache")
        _after_clearing()
        return {"FINISHED"}


def _after_clearing() -> None:
    from ..nodes.refresh import schedule_refresh

    LATEST.forget()
    RECORDER.forget()
    schedule_refresh()


CLASSES = (ClearPlate, ClearCache, CachePanel)


def register() -> None:
    """Add panel and operators."""
    for registered in CLASSES:
        bpy.utils.register_class(registered)


def unregister() -> None:
    """Remove them."""
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)
    LATEST.forget()
    for registered in reversed(CLASSES):
        bpy.utils.unregister_class(registered)
