"""Everything the extension adds to Blender, in order."""

import atexit

import bpy

from ..nodes import registration as nodes_registration
from . import cache_panel
from .analyse import registration as analyse_registration
from .preferences import ChiaroPreferences, apply_preferences
from .shot import registration as shot_registration


def register() -> None:
    """Add preferences, nodes, menu entries and handlers. Networks are loaded by the first frame that needs them.

    Blender takes all of it away before it quits. A script that uses Blender as a Python module (`import bpy`) would
    hang at its end with classes still registered, so there they are taken away by then too.
    """
    atexit.register(unregister)
    bpy.utils.register_class(ChiaroPreferences)
    apply_preferences()
    nodes_registration.register()
    analyse_registration.register()
    cache_panel.register()
    shot_registration.register()


def unregister() -> None:
    """Take everything away again."""
    atexit.unregister(unregister)
    shot_registration.unregister()
    cache_panel.unregister()
    analyse_registration.unregister()
    nodes_registration.unregister()
    bpy.utils.unregister_class(ChiaroPreferences)
