"""The node as a thing in a file: what it says about itself, and how it is copied, removed, undone, saved."""

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from tests.nodes.blender import known_engine
from tests.nodes.blender.staging import add_relight, render_frame, stage

from chiaro.nodes.inner_tree import image_nodes
from chiaro.nodes.node_settings import NODE_PROPERTIES
from chiaro.nodes.relight_nodes import RELIGHT_NODE


def _images(node: Any) -> set[str]:
    return {inner.image.name for inner in image_nodes(node.node_tree)}


def check_every_socket_has_a_description(folder: Path) -> None:
    relight = stage(folder).relight
    items = list(relight.node_tree.interface.items_tree)
    assert [item.name for item in items if item.in_out == "INPUT"] == ["Image", "Mix", "Matte"]
    assert [socket.name for socket in relight.outputs] == (
        ["Image", "Albedo", "Shading", "Specular", "Depth", "Normal", "Position", "Matte", "Confidence"]
    )
    assert all(len(item.description) > 20 for item in items)


def check_every_property_has_a_description(folder: Path) -> None:
    relight = stage(folder).relight
    assert relight.bl_rna.description
    own = [relight.bl_rna.properties[name] for name in NODE_PROPERTIES]
    assert len(own) == len(NODE_PROPERTIES) > 15
    for entry in own:
        assert entry.name, entry.identifier
        assert len(entry.description) > 20, entry.identifier
        assert not entry.description.endswith("."), f"{entry.identifier}: Blender adds the full stop"


def check_every_input_is_wired_inside(folder: Path) -> None:
    # Blender 5.2 greys out inputs that have no effect.
    tree = stage(folder).relight.node_tree
    group_input = next(node for node in tree.nodes if node.bl_idname == "NodeGroupInput")
    assert all(socket.is_linked for socket in group_input.outputs if socket.name)


def check_a_copied_tree_gets_its_own_images(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    before = render_frame(staged.scene, folder / "before.exr")
    copied_tree = staged.tree.copy()
    copied = next(node for node in copied_tree.nodes if node.bl_idname == RELIGHT_NODE)
    assert copied.node_tree != staged.relight.node_tree
    assert not _images(copied) & _images(staged.relight)
    assert copied.strength == staged.relight.strength
    np.testing.assert_array_equal(render_frame(staged.scene, folder / "after.exr"), before)


def check_removing_the_node_removes_its_images(folder: Path) -> None:
    groups = len(bpy.data.node_groups)
    staged = stage(folder)
    second = add_relight(staged.tree, staged.plate.outputs["Image"])
    kept = _images(staged.relight)
    staged.tree.nodes.remove(second)
    assert _images(staged.relight) == kept
    assert kept <= set(bpy.data.images.keys())
    staged.tree.nodes.remove(staged.relight)
    assert [image.name for image in bpy.data.images if "Relight" in image.name] == []
    assert all(not group.name.startswith(".Relight") for group in bpy.data.node_groups)
    assert len(bpy.data.node_groups) <= groups + 1, "the compositor tree alone is left"


def check_removing_a_copy_leaves_the_original(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    copied_tree = staged.tree.copy()
    copied_tree.nodes.remove(next(node for node in copied_tree.nodes if node.bl_idname == RELIGHT_NODE))
    pixels = render_frame(staged.scene, folder / "frame.exr")
    np.testing.assert_array_equal(pixels, engine.expected("image"))


def check_a_saved_file_renders_again_after_loading(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    staged.relight.strength = 1.75
    staged.relight.use_box = True
    before = render_frame(staged.scene, folder / "before.exr")
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "scene.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(folder / "scene.blend"))
    after = render_frame(bpy.context.scene, folder / "after.exr")
    assert len(engine.requests) == 2, "the pixels are not in the file, so they were made again"
    assert engine.requests[1].strength == 1.75
    assert engine.requests[1].box == engine.requests[0].box is not None
    np.testing.assert_array_equal(after, before)
    assert (folder / "scene.blend").stat().st_size < 2_000_000


def check_packed_passes_do_not_swell_the_file(folder: Path) -> None:
    # Blender packs them when the artist answers "Save modified images" while quitting.
    known_engine.install()
    staged = stage(folder)
    staged.scene.render.resolution_x = staged.scene.render.resolution_y = 512
    before = render_frame(staged.scene, folder / "before.exr")
    for node in image_nodes(staged.relight.node_tree):
        node.image.pack()
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "scene.blend"))
    assert (folder / "scene.blend").stat().st_size < 1_000_000
    np.testing.assert_array_equal(render_frame(staged.scene, folder / "after.exr"), before)
    bpy.ops.wm.open_mainfile(filepath=str(folder / "scene.blend"))
    np.testing.assert_array_equal(render_frame(bpy.context.scene, folder / "loaded.exr"), before)


def check_nothing_is_computed_twice(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    render_frame(staged.scene, folder / "first.exr")
    render_frame(staged.scene, folder / "second.exr")
    assert len(engine.requests) == 1
    staged.relight.strength = 2.0
    render_frame(staged.scene, folder / "third.exr")
    assert len(engine.requests) == 2


def check_only_wired_passes_are_asked_for(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    viewer = staged.tree.nodes.new("CompositorNodeViewer")
    staged.tree.links.new(staged.relight.outputs["Depth"], viewer.inputs[0])
    render_frame(staged.scene, folder / "frame.exr")
    assert engine.requests[-1].wanted == {"image", "depth"}


def check_undo_does_not_leave_old_pixels(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="start")
    first = render_frame(staged.scene, folder / "first.exr")
    staged.relight.strength = 3.0
    bpy.ops.ed.undo_push(message="strength")
    render_frame(staged.scene, folder / "second.exr")
    bpy.ops.ed.undo()
    scene = bpy.context.scene
    assert bpy.data.images, "undo went too far"
    third = render_frame(scene, folder / "third.exr")
    assert engine.requests[-1].strength == 1.0
    np.testing.assert_array_equal(third, first)
