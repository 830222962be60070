"""Inside a Blender with a window: what an artist does in the first minutes, by mouse and keyboard, with screenshots.

Started by `python -m tests.gui`, which see. Steps are generators that yield seconds to wait; a failed step is written
down and the walk goes on, so that one run tells all.
"""

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import bpy
from tests.gui.window import (
    PACKAGE,
    SETTLE,
    BlenderWindow,
    extension_module,
    frame_everything,
    set_up_window,
    settled,
    start_walking,
)

STRIDE = (4, -2)
"""Pixels by which the mouse drags the lamp at a time; the viewport shows some metres."""

Step = Callable[["Walk"], Iterator[float]]


class Walk(BlenderWindow):
    """The window, the plates, and what was found on the way."""

    def __init__(self, folder: Path, plate: Path, sequence: Path, extension: Path) -> None:
        super().__init__(folder)
        self.extension = extension
        self.plate = plate
        self.sequence = sequence
        self.findings: dict[str, Any] = {"blender": bpy.app.version_string, "steps": {}, "timings": {}}


def counts() -> dict[str, int]:
    """How many datablocks there are, by kind."""
    kinds = ("objects", "cameras", "worlds", "images", "node_groups", "scenes", "collections", "lights", "meshes")
    return {kind: len([block for block in getattr(bpy.data, kind) if not block.name.startswith(".")]) for kind in kinds}


def drop_extension(walk: Walk) -> Iterator[float]:
    """What Blender does with a zip that is dropped on its window: it asks, and Enter installs and enables it."""
    bpy.context.preferences.view.show_splash = False
    bpy.ops.preferences.addon_disable(module=PACKAGE)
    x, y = walk.window.width // 2, walk.window.height // 2
    walk.move(x, y)
    with bpy.context.temp_override(window=walk.window):
        bpy.ops.extensions.package_install_files("INVOKE_DEFAULT", url=str(walk.extension))
    yield 1.5
    walk.picture("drop")
    walk.key("RET", x, y)
    for _ in range(100):
        yield 0.3
        if PACKAGE in bpy.context.preferences.addons:
            break
    assert PACKAGE in bpy.context.preferences.addons
    assert bpy.types.Node.bl_rna_get_subclass_py("ChiaroRelightNode") is not None
    register_anew(walk)


def register_anew(walk: Walk) -> None:
    """How long registering takes as Blender starts, with nothing of ours imported yet."""
    sys.modules[PACKAGE].unregister()
    for name in [name for name in sys.modules if name.split(".")[:3] == PACKAGE.split(".")]:
        del sys.modules[name]
    started = time.perf_counter()
    module = import_module(PACKAGE)
    module.register()
    walk.findings["timings"]["register, with imports, s"] = round(time.perf_counter() - started, 3)
    assert "onnxruntime" not in sys.modules
    module.__addon_enabled__ = True  # as Blender itself notes it


def open_menu(walk: Walk) -> Iterator[float]:
    """The menu in the compositor's header."""
    x, y = walk.middle("CompositorNodeTree")
    walk.move(x, y)
    with walk.override("CompositorNodeTree"):
        bpy.ops.wm.call_menu(name="CHIARO_MT_shot")
    yield SETTLE
    walk.picture("menu")
    walk.key("ESC", x, y)
    yield SETTLE


def search(walk: Walk) -> Iterator[float]:
    """F3, and the first letters."""
    x, y = walk.middle("CompositorNodeTree")
    walk.move(x, y)
    walk.key("F3", x, y)
    yield SETTLE
    walk.write("relight p", x, y)
    yield 1.0
    walk.picture("search")
    walk.key("ESC", x, y)
    yield 0.3
    walk.key("ESC", x, y)
    yield SETTLE


def relight_plate(walk: Walk) -> Iterator[float]:
    """From a plate to a shot that is ready to be lit."""
    with walk.override("CompositorNodeTree"):
        bpy.ops.ed.undo_push(message="Before")
        before = counts()
        started = time.perf_counter()
        result = bpy.ops.chiaro.relight_plate("EXEC_DEFAULT", True, filepath=str(walk.plate))
    walk.findings["timings"]["relight plate, s"] = round(time.perf_counter() - started, 2)
    assert result == {"FINISHED"}
    yield from settled(walk)
    yield from frame_everything(walk)
    walk.picture("first_minute")
    walk.findings["status"] = walk.node_status()
    assert walk.analysed_frames() == (1, 1), "what Relight Plate analysed counts"
    x, y = walk.middle("CompositorNodeTree")
    walk.move(x, y)
    walk.key("Z", x, y, ctrl=True)
    yield 1.0
    walk.findings["undone"] = counts() == before
    assert walk.findings["undone"], (before, counts())
    walk.key("Z", x, y, ctrl=True, shift=True)
    yield 1.5
    assert walk.relight_node() is not None
    yield from frame_everything(walk)


def studio_looks(walk: Walk) -> Iterator[float]:
    """Each look from its preset, in the viewport and on the person."""
    walk.area("VIEW_3D").spaces.active.show_region_ui = False
    for name in ("rembrandt", "butterfly", "split", "rim", "loop", "cyberpunk"):
        paths = (Path(folder) / f"{name}.py" for folder in bpy.utils.preset_paths("chiaro/looks"))
        with walk.override("CompositorNodeTree"):
            bpy.ops.script.execute_preset(
                filepath=str(next(path for path in paths if path.exists())), menu_idname="CHIARO_MT_looks"
            )
        yield from settled(walk)
        walk.picture(f"look_{name}")
        assert "cannot" not in walk.node_status()


def drag_lamp(walk: Walk) -> Iterator[float]:
    """Grab the key lamp, move the mouse, and see the person follow."""
    lamp = next(thing for thing in walk.scene.objects if thing.name.startswith("Look Key"))
    with walk.override("VIEW_3D"):
        for thing in walk.window.view_layer.objects:
            thing.select_set(thing == lamp)
        walk.window.view_layer.objects.active = lamp
        bpy.ops.view3d.view_camera()  # Out of the camera: the lamp stands beside it.
        bpy.ops.view3d.view_axis(type="TOP")
        bpy.ops.view3d.view_all(use_all_regions=True)
    yield 1.0
    x, y = walk.middle("VIEW_3D")
    walk.move(x, y)
    walk.key("G", x, y)
    yield 0.2
    before, waits, changes = walk.signature(), [], 0
    for step in range(1, 9):
        walk.move(x + STRIDE[0] * step, y + STRIDE[1] * step)
        started = time.perf_counter()
        while walk.signature() == before and time.perf_counter() - started < 3.0:
            yield 0.005
        waits.append(time.perf_counter() - started)
        changes += walk.signature() != before
        before = walk.signature()
    walk.picture("drag")
    walk.key("LEFTMOUSE", x + STRIDE[0] * step, y + STRIDE[1] * step)
    yield 1.5
    walk.findings["timings"]["drag: lamp moved to person relit, s"] = [round(wait, 3) for wait in waits]
    assert changes >= 6, f"the person followed {changes} of 8 moves"


def world_light(walk: Walk) -> Iterator[float]:
    """The plate's own light as a world, and a grey ball beside the person in it."""
    with walk.override("CompositorNodeTree"):
        if bpy.ops.chiaro.remove_look.poll():
            bpy.ops.chiaro.remove_look()
        bpy.ops.chiaro.plate_world("EXEC_DEFAULT", True, whole_shot=False)
    head = next(thing for thing in walk.scene.objects if "chiaro_head" in thing)
    with walk.override("VIEW_3D"):
        location = (head.location.x + 0.22, head.location.y, head.location.z)
        bpy.ops.mesh.primitive_uv_sphere_add(radius=0.07, location=location)
        bpy.ops.object.shade_smooth()
        material = bpy.data.materials.new("Grey")
        material.use_nodes = True
        material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (0.18, 0.18, 0.18, 1.0)
        bpy.context.object.data.materials.append(material)
        bpy.ops.view3d.view_camera()
    space, engine = walk.area("VIEW_3D").spaces.active, walk.scene.render.engine
    walk.scene.render.engine, walk.scene.cycles.preview_samples = "CYCLES", 32  # EEVEE would compile shaders first.
    space.shading.type, walk.scene.render.film_transparent = "RENDERED", True
    with walk.override("VIEW_3D"):
        bpy.ops.view3d.view_center_camera()
    yield 20.0
    walk.picture("plate_light")
    space.shading.type, walk.scene.render.engine = "SOLID", engine
    yield SETTLE


def head_in_3d(walk: Walk) -> Iterator[float]:
    """The head as a mesh."""
    with walk.override("CompositorNodeTree"):
        assert bpy.ops.chiaro.head_mesh("EXEC_DEFAULT", True, role="PLAIN") == {"FINISHED"}
    with walk.override("VIEW_3D"):
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_selected()
        bpy.ops.view3d.view_orbit(angle=0.6, type="ORBITLEFT")
    yield 1.5
    walk.picture("head_mesh")


def shot_with_frames(walk: Walk) -> Iterator[float]:
    """A sequence: scrub, then cancel what takes long."""
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    yield 1.5
    yield from set_up_window(walk)
    with walk.override("CompositorNodeTree"):
        bpy.ops.chiaro.relight_plate("EXEC_DEFAULT", True, filepath=str(walk.sequence))
    yield from settled(walk)
    yield from frame_everything(walk)
    assert walk.scene.frame_end == len(list(walk.sequence.parent.glob("shot.*.png"))), walk.scene.frame_end
    waits = []
    for frame in (2, 3, 4, 3, 2, 1):
        before = walk.signature()
        started = time.perf_counter()
        walk.scene.frame_set(frame)
        while walk.signature() == before and time.perf_counter() - started < 5.0:
            yield 0.005
        waits.append(round(time.perf_counter() - started, 3))
    walk.findings["timings"]["scrub: frame to person relit, s"] = waits
    walk.picture("scrub")
    yield from cancel_walk(walk)


def cancel_walk(walk: Walk) -> Iterator[float]:
    """ESC ends a long operator and leaves the scene as it was."""
    frame = walk.scene.frame_current
    x, y = walk.middle("CompositorNodeTree")
    walk.move(x, y)
    with walk.override("CompositorNodeTree"):
        result = bpy.ops.chiaro.head_empty("INVOKE_DEFAULT")
    assert result == {"RUNNING_MODAL"}, result
    yield 1.5
    walk.picture("progress")
    walk.key("ESC", x, y)
    yield 1.0
    head = next(thing for thing in walk.scene.objects if "chiaro_head" in thing)
    assert walk.scene.frame_current == frame
    assert head.animation_data is None, "nothing was keyed"
    with walk.override("CompositorNodeTree"):
        bpy.ops.chiaro.head_empty("INVOKE_DEFAULT")
    for _ in range(200):
        yield 0.2
        head = next(thing for thing in walk.scene.objects if "chiaro_head" in thing)
        if head.animation_data is not None:
            return
    raise AssertionError("the head was not keyed in 40 seconds")


def analyse_shot(walk: Walk) -> Iterator[float]:
    """The Analyse job on the sequence: progress, ESC, going on where it stopped; the window stays free meanwhile."""
    with walk.override("CompositorNodeTree"):
        bpy.ops.chiaro.clear_cache("EXEC_DEFAULT")
    yield from start_analysis(walk)
    pauses: list[float] = []
    while not walk.analysis().done:
        yield from watch_pauses(pauses, 0.2)
    walk.picture("analysing")
    x, y = walk.middle("CompositorNodeTree")
    walk.move(x, y)
    walk.key("ESC", x, y)
    yield 4.0
    walk.picture("analysis_cancelled")
    assert walk.analysis().state.name == "CANCELLED", walk.analysis().state
    finished_before = len(walk.analysis().done)
    yield from start_analysis(walk)
    while walk.analysis().is_open:
        yield from watch_pauses(pauses, 0.2)
    assert walk.analysis().state.name == "FINISHED", walk.analysis().sentence
    assert len(walk.analysis().done) == walk.scene.frame_end > finished_before > 0
    yield 2.0
    walk.picture("analysed")
    walk.findings["timings"]["analysing: longest pause of the window, s"] = round(max(pauses), 3)


def copy_to_another_scene(walk: Walk) -> Iterator[float]:
    """Ctrl-C in one scene's compositor and Ctrl-V in another's."""
    first, original = walk.scene, walk.relight_node()
    original.strength = 1.25
    with walk.override("CompositorNodeTree"):
        bpy.ops.node.select_all(action="SELECT")
        bpy.ops.node.clipboard_copy()
    second = bpy.data.scenes.new("Copy")
    extension_module("nodes.blender_versions").ensure_compositor_tree(second)
    walk.window.scene = second
    yield SETTLE
    with walk.override("CompositorNodeTree"):
        bpy.ops.node.clipboard_paste(offset=(0.0, 0.0))
    yield 1.0
    copied = walk.relight_node()
    walk.picture("copied")
    assert (copied.strength, copied.inputs["Image"].is_linked) == (1.25, True)
    assert copied.node_tree != original.node_tree
    walk.window.scene = first
    yield SETTLE
    bpy.data.scenes.remove(second)
    original.strength = 1.0
    yield SETTLE


def save_for_farm(walk: Walk) -> Iterator[float]:
    """The file that `python -m tests.gui` renders afterwards, in the background."""
    scene = walk.scene
    scene.render.engine, scene.cycles.samples = "CYCLES", 1
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = "//farm/####"
    bpy.ops.wm.save_as_mainfile(filepath=str(walk.folder / "farm.blend"), copy=True)
    yield SETTLE


def start_analysis(walk: Walk) -> Iterator[float]:
    """Press Analyse."""
    started = time.perf_counter()
    with walk.override("CompositorNodeTree"):
        assert bpy.ops.chiaro.analyse("INVOKE_DEFAULT") == {"FINISHED"}
    walk.findings["timings"]["analyse pressed to window free, s"] = round(time.perf_counter() - started, 3)
    yield 0.1


def watch_pauses(pauses: list[float], seconds: float) -> Iterator[float]:
    """Note how late Blender's main loop comes back."""
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        left = time.perf_counter()
        yield 0.02
        pauses.append(time.perf_counter() - left - 0.02)


def other_editors(walk: Walk) -> Iterator[float]:
    """Relight Plate in the image editor's and the clip editor's menus, and in the search."""
    area = walk.area("VIEW_3D")
    for kind, menu in (("IMAGE_EDITOR", "IMAGE_MT_image"), ("CLIP_EDITOR", "CLIP_MT_clip")):
        area.ui_type = kind
        if kind == "CLIP_EDITOR":
            area.spaces.active.clip = bpy.data.movieclips.load(str(walk.plate))
        else:
            area.spaces.active.image = bpy.data.images.load(str(walk.plate))
        yield SETTLE
        x, y = walk.middle(kind)
        walk.move(x, y + area.height // 3)
        with walk.override(kind):
            bpy.ops.wm.call_menu(name=menu)
        yield SETTLE
        walk.picture(f"menu_{kind.lower()}")
        walk.key("ESC", x, y)
        yield 0.3
    area.ui_type = "VIEW_3D"
    yield SETTLE


def other_language(walk: Walk) -> Iterator[float]:
    """The same panels in German, where this Blender was built with translations."""
    view = bpy.context.preferences.view
    if not bpy.app.build_options.international:
        return
    view.language = "de_DE"
    view.use_translate_interface = view.use_translate_tooltips = True
    yield 1.5
    with walk.override("CompositorNodeTree"):
        bpy.ops.chiaro.place_look()
    yield from settled(walk)
    walk.picture("german")
    with walk.override("CompositorNodeTree"):
        bpy.ops.chiaro.remove_look()
    title = bpy.app.translations.pgettext_iface("Relight Plate", "Operator")
    view.language = "en_US"
    yield SETTLE
    assert title == "Aufnahme neu beleuchten", title


STEPS: tuple[Step, ...] = (
    drop_extension,
    set_up_window,
    open_menu,
    search,
    relight_plate,
    studio_looks,
    drag_lamp,
    world_light,
    head_in_3d,
    shot_with_frames,
    analyse_shot,
    copy_to_another_scene,
    save_for_farm,
    other_editors,
    other_language,
)


def run(walk: Walk, wanted: set[str]) -> Iterator[float]:
    """All steps; each outcome is written down as it happens."""
    for step in STEPS:
        if wanted and step.__name__ not in wanted | {"set_up_window"}:
            continue
        try:
            yield from step(walk)
            walk.findings["steps"][step.__name__] = ""
        except Exception:
            walk.findings["steps"][step.__name__] = traceback.format_exc()
        (walk.folder / "walk.json").write_text(json.dumps(walk.findings, indent=1), encoding="utf-8")


def main() -> None:
    """Read the arguments after `--` and let Blender's main loop drive the walk."""
    *paths, steps = sys.argv[sys.argv.index("--") + 1 :]
    walk = Walk(*(Path(path).absolute() for path in paths))
    wanted = steps.split()
    start_walking(run(walk, set(wanted)))


main()
