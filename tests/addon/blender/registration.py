"""Enabling and disabling leaves Blender as it was."""

import sys
from pathlib import Path
from typing import Any

import bpy
from tests.nodes.blender import known_engine
from tests.nodes.blender.staging import render_frame, stage

from chiaro import addon
from chiaro.nodes import registration as nodes_registration

DRAWN_INTO = ("NODE_MT_add", "NODE_MT_editor_menus", "CLIP_MT_clip", "IMAGE_MT_image", "STATUSBAR_HT_header")
EXTENDED = ("Scene", "Object", "WindowManager", "World", "NodeTree", "Node", "Image", "Light", "Camera")


def _trace() -> dict[str, Any]:
    """Everything in Blender that an extension may leave behind."""
    handlers = {
        name: [handler.__name__ for handler in installed]
        for name in dir(bpy.app.handlers)
        if isinstance(installed := getattr(bpy.app.handlers, name), list)
    }
    drawn = {name: [draw.__name__ for draw in getattr(bpy.types, name)._dyn_ui_initialize()] for name in DRAWN_INTO}
    properties = {kind: sorted(getattr(bpy.types, kind).bl_rna.properties.keys()) for kind in EXTENDED}
    return {
        "drawn": drawn,
        "properties": properties,
        "operators": sorted(dir(bpy.ops.chiaro)),
        "presets": sorted(bpy.utils.preset_paths("chiaro/looks")),
        "word": bpy.app.translations.pgettext_iface("Relight Plate", "Operator"),
        "classes": sorted(name for name in dir(bpy.types) if "hiaro" in name or "elight" in name),
        "handlers": handlers,
        "scenes": sorted(scene.name for scene in bpy.data.scenes),
        "objects": sorted(thing.name for thing in (*bpy.data.objects, *bpy.data.meshes, *bpy.data.materials)),
    }


def check_ten_times_on_and_off_leaves_no_trace(folder: Path) -> None:
    del folder
    nodes_registration.unregister()
    before = _trace()
    for _ in range(10):
        addon.register()
        during = _trace()
        for part in ("drawn", "properties", "operators", "presets", "classes", "handlers"):
            assert during[part] != before[part], part
        addon.unregister()
        assert _trace() == before
    nodes_registration.register()


def check_disabling_with_a_node_in_the_file_leaves_no_bake_scene(folder: Path) -> None:
    engine = known_engine.install()
    nodes_registration.unregister()
    before = _trace()
    nodes_registration.register()
    staged = stage(folder)
    render_frame(staged.scene, folder / "first.exr")
    known_objects = [*before["objects"], staged.camera.name]
    nodes_registration.unregister()
    after = _trace()
    assert after["scenes"] == before["scenes"]
    assert after["objects"] == sorted(known_objects)
    assert after["classes"] == []
    nodes_registration.register()
    known_engine.ENGINE.use_factory(lambda _settings: engine)
    render_frame(staged.scene, folder / "second.exr")
    assert len(engine.requests) == 2, "the node came back with the registration"


def check_registering_loads_no_network_and_no_reader(folder: Path) -> None:
    del folder
    # The harness and this script have loaded much; a fresh Blender has not.
    import subprocess

    code = (
        "import sys, bpy; before = set(sys.modules); from chiaro import addon; addon.register(); "
        "loaded = set(sys.modules) - before; addon.unregister(); "
        "heavy = {'onnxruntime', 'OpenImageIO', 'av', 'chiaro.runtime.relight', 'chiaro.runtime.camera'} & loaded; "
        "print('HEAVY', sorted(heavy)); import os; sys.stdout.flush(); os._exit(0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in result.stdout, result.stdout + result.stderr


def check_blender_quits_cleanly_while_enabled(folder: Path) -> None:
    import subprocess

    code = (
        "import bpy; from chiaro import addon; addon.register(); "
        "tree = bpy.data.node_groups.new('t', 'CompositorNodeTree'); tree.nodes.new('ChiaroRelightNode'); "
        f"bpy.ops.wm.save_as_mainfile(filepath={str(folder / 'quit.blend')!r})"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0, result.stderr
    assert (folder / "quit.blend").exists()
