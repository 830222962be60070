"""Relight nodes in files: appended, linked, opened without the extension, copied, undone."""

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from tests.nodes.blender import known_engine
from tests.nodes.blender.staging import Stage, render_frame, stage

from chiaro.nodes.blender_versions import compositor_tree
from chiaro.nodes.inner_tree import image_nodes
from chiaro.nodes.relight_nodes import RELIGHT_NODE, all_relight_nodes, relight_nodes

STRENGTH = 1.375


def _into_group(staged: Stage) -> Any:
    """Put a plate and a Relight node into a node group of its own; returns the group."""
    group = bpy.data.node_groups.new("Relit Plate", "CompositorNodeTree")
    group.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    plate, relight = group.nodes.new("CompositorNodeImage"), group.nodes.new(RELIGHT_NODE)
    plate.image = staged.plate.image
    relight.strength = STRENGTH
    output = group.nodes.new("NodeGroupOutput")
    group.links.new(plate.outputs["Image"], relight.inputs["Image"])
    group.links.new(relight.outputs["Image"], output.inputs["Image"])
    group.use_fake_user = True
    return group


def _use_group(staged: Stage, group: Any) -> None:
    node = staged.tree.nodes.new("CompositorNodeGroup")
    node.node_tree = group
    staged.tree.links.new(node.outputs["Image"], staged.output)
    staged.tree.nodes.remove(staged.relight)


def _library(folder: Path) -> Path:
    """A file with the group."""
    _into_group(stage(folder, seed=3))
    path = folder / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return path


def _bring_in(library: Path, *, link: bool) -> Any:
    with bpy.data.libraries.load(str(library), link=link) as (_, wanted):
        wanted.node_groups = ["Relit Plate"]
    return wanted.node_groups[0]


def _check_group_renders(folder: Path, *, link: bool) -> None:
    library = _library(folder)
    engine = known_engine.install()
    staged = stage(folder)
    _use_group(staged, _bring_in(library, link=link))
    for name in ("first.exr", "second.exr"):
        pixels = render_frame(staged.scene, folder / name)
        assert engine.requests[-1].strength == STRENGTH
        np.testing.assert_array_equal(pixels, engine.expected("image"))


def check_an_appended_group_renders(folder: Path) -> None:
    _check_group_renders(folder, link=False)


def check_a_linked_group_renders(folder: Path) -> None:
    _check_group_renders(folder, link=True)


def check_a_linked_group_renders_after_saving_and_loading(folder: Path) -> None:
    library = _library(folder)
    engine = known_engine.install()
    staged = stage(folder)
    _use_group(staged, _bring_in(library, link=True))
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(folder / "shot.blend"))
    pixels = render_frame(bpy.context.scene, folder / "frame.exr")
    np.testing.assert_array_equal(pixels, engine.expected("image"))


def check_an_appended_scene_renders_beside_the_first(folder: Path) -> None:
    staged = stage(folder, seed=3)
    staged.relight.strength = STRENGTH
    staged.scene.name = "Shot"
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "other.blend"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    engine = known_engine.install()
    first = stage(folder)
    with bpy.data.libraries.load(str(folder / "other.blend"), link=False) as (_, wanted):
        wanted.scenes = ["Shot"]
    second = wanted.scenes[0]
    first_pixels = render_frame(first.scene, folder / "first.exr")
    np.testing.assert_array_equal(first_pixels, engine.expected("image"))
    np.testing.assert_array_equal(render_frame(second, folder / "second.exr"), engine.expected("image"))
    assert engine.requests[-1].strength == STRENGTH
    images = [{inner.image.name for inner in image_nodes(node.node_tree)} for node in all_relight_nodes()]
    assert len(images) == 2
    assert not images[0] & images[1]


def _without_the_extension(code: str) -> str:
    """Run code in a Blender that has never heard of us; returns what it printed."""
    start = "import sys, os, bpy\n"
    end = "\nsys.stdout.flush(); os._exit(0)\n"
    result = subprocess.run(
        [sys.executable, "-c", start + code + end], capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


TREE = "scene.compositing_node_group if bpy.app.version >= (5, 0, 0) else scene.node_tree"


def check_nothing_is_lost_in_a_blender_without_the_extension(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    _dress(staged)
    before = _settings(staged.relight)
    pixels = render_frame(staged.scene, folder / "before.exr")
    path = folder / "travels.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    printed = _without_the_extension(
        f"bpy.ops.wm.open_mainfile(filepath={str(path)!r})\n"
        f"scene = bpy.context.scene; tree = {TREE}\n"
        "node = tree.nodes['Relight']\n"
        "print('NODE', node.bl_idname, '|', node.name, '|', node.label, '|', len(node.inputs), len(node.outputs), "
        "len(tree.links))\n"
        "node.location.x += 50\n"
        f"bpy.ops.wm.save_mainfile()"
    )
    (line,) = [line for line in printed.splitlines() if line.startswith("NODE")]
    kind, name, label, counts = (part.strip() for part in line.removeprefix("NODE").split("|"))
    assert kind == "NodeUndefined", "Blender's own placeholder"
    assert (name, label) == ("Relight", "Relight (Chiaro)"), "says what is missing"
    assert counts == f"3 9 {len(staged.tree.links)}", "sockets and links are kept"
    bpy.ops.wm.open_mainfile(filepath=str(path))
    found = relight_nodes(bpy.context.scene)[0].node
    assert _settings(found) == before
    after = render_frame(bpy.context.scene, folder / "after.exr")
    np.testing.assert_array_equal(after, pixels)
    assert len(engine.requests) == 2


def _dress(staged: Stage) -> None:
    """Every setting off its default, a lamp, keys and all."""
    node = staged.relight
    lamp = bpy.data.objects.new("Key", bpy.data.lights.new("Key", "AREA"))
    staged.scene.collection.objects.link(lamp)
    node.excluded_lamps.add().lamp = lamp
    node.plate_camera = staged.camera
    node.strength, node.own_light_removal, node.person = STRENGTH, 0.25, 0
    node.quality, node.absence, node.turned_views = "FINAL", "PLATE", "FINE"
    node.use_box, node.box_centre, node.box_size, node.box_roll = True, (0.25, 0.75), 0.3, 0.2
    node.keyframe_insert("own_light_removal", frame=1)


def _settings(node: Any) -> dict[str, Any]:
    return {
        "camera": node.plate_camera.name,
        "excluded": [entry.lamp.name for entry in node.excluded_lamps],
        "numbers": (node.strength, node.own_light_removal, node.box_size, node.box_roll, *node.box_centre),
        "choices": (node.quality, node.absence, node.turned_views, node.use_box, node.use_world, node.use_lamps),
    }


def check_disabling_and_enabling_with_the_file_open_loses_nothing(folder: Path) -> None:
    from chiaro.nodes import registration

    engine = known_engine.install()
    staged = stage(folder)
    _dress(staged)
    before = _settings(staged.relight)
    for _ in range(3):
        registration.unregister()
        registration.register()
    known_engine.ENGINE.use_factory(lambda _settings: engine)
    found = relight_nodes(staged.scene)[0].node
    assert _settings(found) == before
    pixels = render_frame(staged.scene, folder / "frame.exr")
    np.testing.assert_array_equal(pixels, engine.expected("image"))


def check_a_file_from_before_the_new_settings_gets_their_defaults(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    for name in ("quality", "absence", "turned_views", "excluded_lamps", "box_clip", "box_track", "show_lamps"):
        staged.relight.property_unset(name)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "old.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(folder / "old.blend"))
    node = relight_nodes(bpy.context.scene)[0].node
    assert (node.quality, node.absence, node.turned_views) == ("PREVIEW", "ERROR", "STANDARD")
    assert (len(node.excluded_lamps), node.box_clip) == (0, None)


def check_an_undo_storm_leaves_a_working_node(folder: Path) -> None:
    engine = known_engine.install()
    stage(folder)
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="start")
    chance = random.Random(5)  # noqa: S311 - the same storm every time
    depth = redone = 0
    for step in range(60):
        action = chance.choice(("change", "change", "copy", "remove", "render", "undo", "undo", "redo"))
        if action == "undo" and depth:
            bpy.ops.ed.undo()
            depth, redone = depth - 1, redone + 1
        elif action == "redo" and redone:
            bpy.ops.ed.redo()
            depth, redone = depth + 1, redone - 1
        elif action in ("change", "copy", "remove"):
            _change(action, step)
            bpy.ops.ed.undo_push(message=action)
            depth, redone = depth + 1, 0
        elif action == "render":
            render_frame(bpy.context.scene, folder / "storm.exr")
        _check_each_node_has_its_own(step)
    tree = compositor_tree(bpy.context.scene)
    relight = next(node for node in tree.nodes if node.bl_idname == RELIGHT_NODE)
    relight.strength = 2.5
    pixels = render_frame(bpy.context.scene, folder / "last.exr")
    assert engine.requests[-1].strength == 2.5
    np.testing.assert_array_equal(pixels, engine.expected("image"))


def _change(action: str, step: int) -> None:
    tree = compositor_tree(bpy.context.scene)
    nodes = [node for node in tree.nodes if node.bl_idname == RELIGHT_NODE]
    if action == "change":
        nodes[step % len(nodes)].strength = 1.0 + 0.01 * step
    elif action == "copy":
        added = tree.nodes.new(RELIGHT_NODE)
        plate = next(node for node in tree.nodes if node.bl_idname == "CompositorNodeImage")
        tree.links.new(plate.outputs["Image"], added.inputs["Image"])
    elif len(nodes) > 1:
        tree.nodes.remove(nodes[-1])


def _check_each_node_has_its_own(step: int) -> None:
    trees = [node.node_tree.name_full for node in all_relight_nodes()]
    assert len(set(trees)) == len(trees), f"two nodes share an inner tree after step {step}"
    images = [inner.image.name_full for node in all_relight_nodes() for inner in image_nodes(node.node_tree)]
    assert len(set(images)) == len(images), f"two nodes share an image after step {step}"
    assert len(images) == 6 * len(trees)


def check_lamps_are_switched_one_by_one(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    lamps = []
    for name in ("Key", "Fill", "Rim"):
        lamps.append(bpy.data.objects.new(name, bpy.data.lights.new(name, "POINT")))
        staged.scene.collection.objects.link(lamps[-1])
    key = staged.relight.node_tree.session_uid
    assert bpy.ops.chiaro.switch_lamp(node_key=key, lamp_name="Fill") == {"FINISHED"}
    render_frame(staged.scene, folder / "two.exr")
    assert len(engine.requests[-1].light.lamps) == 2
    bpy.data.objects.remove(lamps[1])
    bpy.ops.chiaro.switch_lamp(node_key=key, lamp_name="Rim")
    assert [entry.lamp.name for entry in staged.relight.excluded_lamps] == ["Rim"], "a deleted lamp leaves no entry"
    render_frame(staged.scene, folder / "one.exr")
    assert len(engine.requests[-1].light.lamps) == 1
    bpy.ops.chiaro.switch_lamp(node_key=key, lamp_name="Rim")
    render_frame(staged.scene, folder / "both.exr")
    assert len(engine.requests[-1].light.lamps) == 2


def check_a_coarse_picture_fills_the_render_and_the_final_one_replaces_it(folder: Path) -> None:
    from chiaro.nodes.evaluate import evaluate_node
    from chiaro.nodes.relight_inputs import PREVIEW_SIDE, Moment, preview_reduction

    engine = known_engine.install()
    staged = stage(folder)
    staged.scene.render.resolution_x, staged.scene.render.resolution_y = 2 * PREVIEW_SIDE + 1, 31
    assert preview_reduction(staged.scene) == 3
    relit = engine.relight

    def reduced(frame: Any, request: Any, plate: Any = None) -> Any:
        from dataclasses import replace

        from chiaro.runtime.preview import reduced_camera

        return relit(frame, replace(request, render_camera=reduced_camera(request.render_camera, request.reduction)))

    engine.relight = reduced  # type: ignore[method-assign]  # the real engine does so itself
    found = relight_nodes(staged.scene)[0]
    layer = staged.scene.view_layers[0]
    layer.update()
    for analysed, dragging, expected in (
        (False, True, None),  # It would stop the window.
        (True, True, 3),
        (True, True, None),
        (False, False, 1),
        (True, True, None),
    ):
        engine.analysed = analysed
        count = len(engine.requests)
        written = evaluate_node(found, Moment(staged.scene, layer.depsgraph, 1, dragging=dragging))
        assert written == (expected is not None)
        assert len(engine.requests) == count + (expected is not None)
        if expected is not None:
            _check_pixels(staged, engine.expected("image"), expected)


def _check_pixels(staged: Stage, coarse: Any, reduction: int) -> None:
    image = image_nodes(staged.relight.node_tree)[0].image
    width, height = staged.scene.render.resolution_x, staged.scene.render.resolution_y
    assert tuple(image.size) == (width, height)
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    shown = pixels.reshape(height, width, 4)[::-1]
    rows, columns = np.arange(height) // reduction, np.arange(width) // reduction
    np.testing.assert_array_equal(shown, coarse[rows][:, columns])


def check_the_label_of_the_placeholder_is_seen_only_where_it_is_needed(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    second = staged.tree.nodes.new(RELIGHT_NODE)
    second.label = "Hero"
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "named.blend"))
    assert (staged.relight.label, second.label) == ("", "Hero")
    bpy.ops.wm.open_mainfile(filepath=str(folder / "named.blend"))
    labels = {node.label for node in all_relight_nodes()}
    assert labels == {"", "Hero"}


def check_the_mix_is_left_out_only_where_it_changes_nothing(folder: Path) -> None:
    from chiaro.nodes.inner_tree import shows_mix
    from chiaro.nodes.mix_wiring import wire_for_interface

    engine = known_engine.install()
    staged = stage(folder)
    inner, mix = staged.relight.node_tree, staged.relight.inputs["Mix"]
    assert shows_mix(inner)
    before = render_frame(staged.scene, folder / "mixed.exr")

    def wired() -> bool:
        wire_for_interface(relight_nodes(staged.scene)[0])
        return shows_mix(inner)

    assert not wired()
    np.testing.assert_array_equal(render_frame(staged.scene, folder / "plain.exr"), before)
    assert len(engine.requests) == 1
    mix.default_value = 0.5
    assert wired()
    mix.default_value = 1.0
    assert not wired()
    mask = staged.tree.nodes.new("CompositorNodeImage")
    link = staged.tree.links.new(mask.outputs["Alpha"], mix)
    assert wired()
    staged.tree.links.remove(link)
    assert not wired()
    mix.keyframe_insert("default_value", frame=1)
    assert wired()


def check_files_and_renders_without_an_interface_have_the_mix(folder: Path) -> None:
    from chiaro.nodes.inner_tree import shows_mix
    from chiaro.nodes.mix_wiring import wire_for_interface

    known_engine.install()
    staged = stage(folder)
    wire_for_interface(relight_nodes(staged.scene)[0])
    staged.relight.inputs["Mix"].default_value = 0.5
    pixels = render_frame(staged.scene, folder / "late.exr")
    np.testing.assert_array_equal(pixels[0, 0], [1, 0, 1, 1])
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "mix.blend"))
    assert shows_mix(staged.relight.node_tree)
    bpy.ops.wm.open_mainfile(filepath=str(folder / "mix.blend"))
    assert shows_mix(relight_nodes(bpy.context.scene)[0].node.node_tree)


def check_what_is_new_is_shown_coarse_before_it_is_shown_final(folder: Path) -> None:
    from chiaro.nodes.evaluate import evaluate_node
    from chiaro.nodes.relight_inputs import PREVIEW_SIDE, Moment
    from chiaro.nodes.status import BOARD

    engine = known_engine.install()
    staged = stage(folder)
    staged.scene.render.resolution_x, staged.scene.render.resolution_y = 2 * PREVIEW_SIDE, 32
    found = relight_nodes(staged.scene)[0]
    layer = staged.scene.view_layers[0]
    asked = []
    for strength in (1.0, 1.0, 1.0, 2.0, 2.0):  # The interface comes back until nothing is written any more.
        staged.relight.strength = strength
        layer.update()
        written = evaluate_node(found, Moment(staged.scene, layer.depsgraph, 1, coarse_first=True))
        asked.append(BOARD.get(found.key).reduction if written else 0)
    assert asked == [2, 1, 0, 2, 1]
    engine.analysed = False  # A network would have to run for the coarse picture: then at once the final one.
    staged.relight.strength = 3.0
    layer.update()
    assert evaluate_node(found, Moment(staged.scene, layer.depsgraph, 1, coarse_first=True))
    assert engine.requests[-1].reduction == 1


def check_a_moment_that_allows_no_bake_waits_for_one_that_does(folder: Path) -> None:
    from chiaro.nodes.evaluate import evaluate_node
    from chiaro.nodes.relight_inputs import Moment
    from chiaro.nodes.render_guard import GUARD
    from chiaro.nodes.scene_light import WORLDS

    engine = known_engine.install()
    staged = stage(folder)
    staged.scene.world.color = (0.1, 0.2, 0.3)
    found, layer = relight_nodes(staged.scene)[0], staged.scene.view_layers[0]
    layer.update()
    WORLDS.clear()
    bakes, moment = WORLDS.bakes, Moment(staged.scene, layer.depsgraph, 1)
    with GUARD.entered(may_bake=False):
        assert not evaluate_node(found, moment)
    assert (WORLDS.bakes, engine.requests) == (bakes, [])
    assert evaluate_node(found, moment)
    assert WORLDS.bakes == bakes + 1
    with GUARD.entered(may_bake=False):
        staged.relight.strength = 2.0
        layer.update()
        assert evaluate_node(found, Moment(staged.scene, layer.depsgraph, 1)), "the world is known now"
