"""Registers the compositor nodes with Blender, and takes them away without a trace."""

import bpy

from . import add_menu, handlers
from .engine import ENGINE
from .relight_node import RelightNode


def register() -> None:
    """Register node, menu entry and handlers; the engine is loaded by the first frame that needs it."""
    bpy.utils.register_class(RelightNode)
    add_menu.register()
    handlers.register()
    if hasattr(bpy.data, "scenes"):  # Not while Blender starts: the file's load event follows.
        handlers.prepare_file()


def unregister() -> None:
    """Undo `register`; nodes in open files stay and come back with the next registration."""
    handlers.unregister()
    add_menu.unregister()
    bpy.utils.unregister_class(RelightNode)
    ENGINE.release()
    handlers.remove_prepared()
