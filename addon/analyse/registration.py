"""Adds the Analyse job to Blender, and takes it away without a trace."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.app.handlers import persistent

from . import status_bar
from .operators import CLASSES, WATCHER
from .shots import stop_watching


def _leave_file(*_arguments: Any) -> None:
    """The nodes that waited for the jobs are gone."""
    stop_watching()
    WATCHER.is_on = False


leave_file = persistent(_leave_file)


def register() -> None:
    """Operators, the bar in the status bar, and the end of all jobs with the file."""
    for registered in CLASSES:
        bpy.utils.register_class(registered)
    status_bar.register()
    bpy.app.handlers.load_pre.append(leave_file)


def unregister() -> None:
    """Undo `register`; a running job is ended."""
    stop_watching()
    WATCHER.is_on = False
    bpy.app.handlers.load_pre.remove(leave_file)
    status_bar.unregister()
    for registered in reversed(CLASSES):
        bpy.utils.unregister_class(registered)
