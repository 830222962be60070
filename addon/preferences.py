"""The extension's preferences and what they mean to the engine."""

import os
from pathlib import Path
from typing import Any

import bpy

from ..nodes.engine import ENGINE, EngineSettings

PACKAGE = __package__.rpartition(".")[0]
"""The extension's package: the one that holds addon, nodes and runtime."""

PROVIDERS = (
    ("AUTO", "Automatic", "The fastest that this computer has; the processor where no other works"),
    ("CPU", "Processor", "Runs everywhere"),
    ("CUDA", "CUDA", "NVIDIA graphics cards"),
    ("DML", "DirectML", "Graphics cards on Windows"),
    ("CoreML", "Core ML", "Apple computers"),
)

GIGABYTE = 1024**3

CACHE_VARIABLE = "CHIARO_CACHE"
"""Environment variable that goes before the preference: a render farm names a shared folder with it, which it may be
allowed to read only."""


def _changed(_preferences: Any, _context: Any) -> None:
    apply_preferences()


PREFERENCE_PROPERTIES: dict[str, Any] = {
    "cache_folder": bpy.props.StringProperty(
        name="Cache Folder",
        description="Where analysed plate frames are kept, so that no frame is analysed twice; "
        "empty takes the extension's own folder",
        subtype="DIR_PATH",
        update=_changed,
    ),
    "cache_limit": bpy.props.FloatProperty(
        name="Cache Limit",
        description="Size in gigabytes that the cache is kept under; what was not used for longest goes first",
        default=20.0,
        min=0.1,
        soft_max=500.0,
        update=_changed,
    ),
    "provider": bpy.props.EnumProperty(
        name="Compute On",
        description="What the networks run on",
        items=PROVIDERS,
        default="AUTO",
        update=_changed,
    ),
}


class ChiaroPreferences(bpy.types.AddonPreferences):  # type: ignore[misc]  # bpy ships no types
    """Cache and hardware."""

    bl_idname = PACKAGE
    __annotations__ = PREFERENCE_PROPERTIES

    def draw(self, _context: Any) -> None:
        """The panel in Blender's preferences."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "cache_folder", placeholder=str(_own_cache_folder() or ""))
        layout.prop(self, "cache_limit")
        layout.prop(self, "provider")
        layout.operator("chiaro.clear_cache", icon="TRASH")


def apply_preferences() -> None:
    """Give the preferences to the engine; it is made anew with the next frame where they changed."""
    ENGINE.configure(_engine_settings())


def _engine_settings() -> EngineSettings:
    shared = Path(os.environ[CACHE_VARIABLE]) if os.environ.get(CACHE_VARIABLE) else None
    installed = bpy.context.preferences.addons.get(PACKAGE)
    preferences = installed.preferences if installed else None
    if preferences is None:  # Registered from source rather than installed: no folder of our own to write to.
        return EngineSettings(cache_folder=shared)
    chosen = Path(bpy.path.abspath(preferences.cache_folder)) if preferences.cache_folder else _own_cache_folder()
    provider = preferences.provider
    return EngineSettings(
        cache_folder=shared or chosen,
        cache_limit_bytes=int(preferences.cache_limit * GIGABYTE),
        providers=None if provider == "AUTO" else (provider,),
    )


def _own_cache_folder() -> Path | None:
    """The folder that Blender keeps for the extension's own data, made when it is first written to."""
    try:
        return Path(bpy.utils.extension_path_user(PACKAGE, path="cache"))
    except ValueError:  # Not installed as an extension.
        return None
