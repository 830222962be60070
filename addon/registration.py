"""Everything the extension adds to Blender, in order."""

import bpy

from ..nodes import registration as nodes_registration
from .preferences import ChiaroPreferences, apply_preferences


def register() -> None:
    """Add preferences, nodes, menu entries and handlers. Networks are loaded by the first frame that needs them."""
    bpy.utils.register_class(ChiaroPreferences)
    apply_preferences()
    nodes_registration.register()


def unregister() -> None:
    """Take everything away again."""
    nodes_registration.unregister()
    bpy.utils.unregister_class(ChiaroPreferences)
