"""The shot's operators come and go without a trace, say what they do, and are found where artists look."""

from pathlib import Path
from typing import Any

import bpy
from tests.addon.blender.shot_stage import shot_registered

from chiaro.addon.shot import registration
from chiaro.addon.shot.menus import PLACES


def _trace() -> dict[str, Any]:
    return {
        "types": {name for name in dir(bpy.types) if name.upper().startswith("CHIARO")},
        "operators": set(dir(bpy.ops.chiaro)),
        "drawn": {name: list(getattr(bpy.types, name)._dyn_ui_initialize()) for name, _ in PLACES},
        "handlers": list(bpy.app.handlers.render_post),
        "presets": sorted(bpy.utils.preset_paths("chiaro/looks")),
        "scene": "chiaro_look" in bpy.types.Scene.bl_rna.properties,
    }


def check_ten_times_on_and_off_leaves_no_trace(folder: Path) -> None:
    del folder
    before = _trace()
    assert not before["scene"]
    for _ in range(10):
        registration.register()
        during = _trace()
        assert during["scene"]
        assert all(during[key] != before[key] for key in ("types", "operators", "drawn", "handlers", "presets"))
        registration.unregister()
        assert _trace() == before


def check_every_operator_menu_and_property_is_described(folder: Path) -> None:
    del folder
    with shot_registered():
        for entry in registration.CLASSES:
            described = entry.bl_rna.description
            if issubclass(entry, bpy.types.Operator | bpy.types.Menu):
                assert entry.bl_description.strip(), entry
            if issubclass(entry, bpy.types.Operator | bpy.types.PropertyGroup):
                rna = entry.bl_rna if issubclass(entry, bpy.types.PropertyGroup) else _operator_rna(entry)
                own = [prop for prop in rna.properties if not prop.is_readonly and prop.identifier != "name"]
                silent = [prop.identifier for prop in own if not prop.description and not prop.is_hidden]
                assert not silent, (entry, described, silent)


def _operator_rna(entry: Any) -> Any:
    module, name = entry.bl_idname.split(".")
    return getattr(getattr(bpy.ops, module), name).get_rna_type()
