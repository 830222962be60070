"""The running job in Blender's status bar."""

from __future__ import annotations

from typing import Any

import bpy

from ...nodes.node_face import progress_text
from ...nodes.translated import translated
from .operators import CancelAnalysis
from .shots import QUEUE, progress_of

BAR_UNITS = 11
"""Width of the bar, in Blender's interface units: room for the time left."""


def draw_job(header: Any, _context: Any) -> None:
    """A progress bar, how many wait, and a button to cancel."""
    job = QUEUE.running
    if job is None:
        return
    waiting = sum(other.is_open for other in QUEUE.jobs) - 1
    row = header.layout.row(align=True)
    row.label(text=job.name, icon="USER")
    bar = row.row(align=True)
    bar.ui_units_x = BAR_UNITS
    bar.progress(factor=job.share, text=progress_text(progress_of(job)), type="BAR")
    row.operator(CancelAnalysis.bl_idname, text="", icon="X").node_key = 0
    if waiting:
        header.layout.label(text=translated("{count} more waiting", count=waiting))


def register() -> None:
    """Add it."""
    bpy.types.STATUSBAR_HT_header.append(draw_job)


def unregister() -> None:
    """Remove it."""
    bpy.types.STATUSBAR_HT_header.remove(draw_job)
