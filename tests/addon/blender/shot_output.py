"""The files: names, values, camera and data window of the passes; mattes that Blender's Cryptomatte node picks."""

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import OpenImageIO
from tests.addon.blender.shot_stage import (
    HEIGHT,
    WIDTH,
    ball_files,
    part_maps,
    quick_render,
    refused,
    relight_plate,
    shot_registered,
)
from tests.nodes.blender import known_engine
from tests.nodes.blender.staging import stage
from tests.nodes.blender.staging_files import read_exr

from chiaro.addon.shot.pass_output import MARK, pass_file, pass_output_nodes
from chiaro.nodes.blender_versions import add_multilayer_output, compositor_tree, ensure_render_output
from chiaro.runtime.output.camera_matrices import camera_from_matrices
from chiaro.runtime.output.exr import CHANNELS, LAYERS
from chiaro.runtime.parts import PARTS


def _saved(folder: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))


def _render(scene: Any, folder: Path, *, animation: bool = False) -> None:
    scene.render.filepath = str(folder / "final_")
    bpy.ops.render.render(write_still=not animation, animation=animation)


def _spec(path: Path) -> Any:
    opened = OpenImageIO.ImageInput.open(str(path))
    assert opened is not None, OpenImageIO.geterror()
    spec = opened.spec()
    assert spec.get_int_attribute("oiio:subimages", 1) == 1, "one part"
    opened.close()
    return spec


def _layers(path: Path) -> dict[str, np.ndarray]:
    spec, pixels = _spec(path), read_exr(path)
    index = {name: position for position, name in enumerate(spec.channelnames)}
    return {
        layer.attribute: pixels[..., [index[f"{layer.name}.{component}"] for component in layer.components]]
        for layer in LAYERS
    }


def check_names_values_and_camera_are_those_of_the_conventions(folder: Path) -> None:
    engine = known_engine.install()
    with shot_registered():
        staged = stage(folder)
        staged.camera.data.shift_x = 0.1
        _saved(folder)
        assert bpy.ops.chiaro.pass_output() == {"FINISHED"}
        _render(staged.scene, folder)
        path = folder / "relight" / "relight_0001.exr"
        assert set(_spec(path).channelnames) == set(CHANNELS)
        layers = _layers(path)
        for layer in LAYERS:
            expected = engine.expected(layer.attribute)
            expected = expected if expected.ndim == 3 else expected[..., None]
            tolerance = 0.0 if layer.always_float else 1e-3
            np.testing.assert_allclose(layers[layer.attribute], expected, rtol=tolerance, atol=1e-6)
        spec = _spec(path)
        camera = camera_from_matrices(
            np.array(spec.getattribute("worldToCamera")).reshape(4, 4),
            np.array(spec.getattribute("worldToNDC")).reshape(4, 4),
            spec.full_width,
            spec.full_height,
        )
        truth = engine.requests[-1].render_camera
        np.testing.assert_allclose(camera.world_from_camera, truth.world_from_camera, atol=1e-5)
        np.testing.assert_allclose(camera.focal_x, truth.focal_x, rtol=1e-5)
        np.testing.assert_allclose(camera.principal_x, truth.principal_x, rtol=1e-4)
        assert spec.get_int_attribute("imageCounter") == 1


def check_an_animation_has_the_camera_of_each_frame(folder: Path) -> None:
    engine = known_engine.install()
    with shot_registered():
        staged = stage(folder)
        for frame, x in ((1, 0.0), (3, 1.0)):
            staged.camera.location.x = x
            staged.camera.keyframe_insert("location", frame=frame)
        staged.scene.frame_start, staged.scene.frame_end = 1, 3
        _saved(folder)
        bpy.ops.chiaro.pass_output()
        _render(staged.scene, folder, animation=True)
        for frame in (1, 2, 3):
            spec = _spec(folder / "relight" / f"relight_{frame:04d}.exr")
            camera_from_world = np.array(spec.getattribute("worldToCamera")).reshape(4, 4)
            expected = engine.requests[frame - 1].render_camera.world_from_camera[0, 3]
            np.testing.assert_allclose(-camera_from_world[3, 0], expected, atol=1e-5)
            assert spec.get_int_attribute("imageCounter") == frame


def check_blender_reads_the_file_back_by_the_same_names(folder: Path) -> None:
    known_engine.install()
    with shot_registered():
        staged = stage(folder)
        _saved(folder)
        bpy.ops.chiaro.pass_output()
        _render(staged.scene, folder)
        path = folder / "relight" / "relight_0001.exr"
        written = _layers(path)
        tree = staged.tree
        node = tree.nodes.new("CompositorNodeImage")
        node.image = bpy.data.images.load(str(path))
        assert node.image.type == "MULTILAYER"
        names = {socket.name for socket in node.outputs if socket.enabled}
        assert {layer.name for layer in LAYERS} <= names or "layer" in node.bl_rna.properties, names
        sockets = {layer.name: _socket(node, layer.name) for layer in LAYERS}
        add_multilayer_output(tree, folder, "again_####", sockets)
        for entry in pass_output_nodes(tree):
            entry.mute = True
        _render(staged.scene, folder)
        again = _all_channels(folder / "again_0001.exr")
        for layer in LAYERS:
            read = np.stack(
                [again[layer.name][key] for key in sorted(again[layer.name], key="RXVGYBZA".index)], axis=-1
            )
            count = len(layer.components)
            np.testing.assert_allclose(read[..., :count], written[layer.attribute], rtol=1e-5, atol=1e-6)


def _socket(node: Any, layer: str) -> Any:
    """A pass of the file: a socket of its own, in Blender's layout of layers that hold one pass each."""
    found = [socket for socket in node.outputs if socket.name.split(".")[0] == layer]
    assert found, (layer, [socket.name for socket in node.outputs])
    if found[0].type != "VALUE":
        return found[0]
    # Blender 5.2 crashes where a layer with the one channel A goes straight from an image into a File Output.
    passed = node.id_data.nodes.new("ShaderNodeMath")
    passed.operation, passed.inputs[1].default_value = "MULTIPLY", 1.0
    node.id_data.links.new(found[0], passed.inputs[0])
    return passed.outputs[0]


def _all_channels(path: Path) -> dict[str, dict[str, np.ndarray]]:
    opened = OpenImageIO.ImageInput.open(str(path))
    layers: dict[str, dict[str, np.ndarray]] = {}
    part = 0
    while opened.seek_subimage(part, 0):
        spec, pixels = opened.spec(), opened.read_image("float")
        for index, name in enumerate(spec.channelnames):
            layer, _, component = name.rpartition(".")
            layers.setdefault(layer or spec.get_string_attribute("oiio:subimagename"), {})[component] = pixels[
                ..., index
            ]
        part += 1
    opened.close()
    return layers


def check_a_cropped_render_keeps_its_place(folder: Path) -> None:
    engine = known_engine.install()
    with shot_registered():
        staged = stage(folder)
        render = staged.scene.render
        render.use_border = render.use_crop_to_border = True
        render.border_min_x, render.border_max_x, render.border_min_y, render.border_max_y = 0.25, 0.75, 0.5, 1.0
        _saved(folder)
        bpy.ops.chiaro.pass_output()
        _render(staged.scene, folder)
        spec = _spec(folder / "relight" / "relight_0001.exr")
        assert (spec.x, spec.y, spec.width, spec.height) == (8, 0, 16, 10)
        assert (spec.full_width, spec.full_height) == (32, 20)
        layers = _layers(folder / "relight" / "relight_0001.exr")
        np.testing.assert_allclose(layers["depth"][..., 0], engine.expected("depth")[:10, 8:24], rtol=1e-6)


def check_layers_an_artist_adds_keep_their_names(folder: Path) -> None:
    known_engine.install()
    with shot_registered():
        staged = stage(folder)
        _saved(folder)
        bpy.ops.chiaro.pass_output()
        node = pass_output_nodes(staged.tree)[0]
        if hasattr(node, "file_output_items"):
            node.file_output_items.new("RGBA", "Grade")
        else:
            node.layer_slots.new("Grade")
        staged.tree.links.new(staged.plate.outputs["Image"], node.inputs["Grade"])
        _render(staged.scene, folder)
        names = set(_spec(folder / "relight" / "relight_0001.exr").channelnames)
        assert {"Grade.R", "Grade.G", "Grade.B"} <= names
        assert set(CHANNELS) <= names


def check_the_node_wants_a_folder_and_a_relight_node(folder: Path) -> None:
    known_engine.install()
    with shot_registered():
        assert "has no Relight node" in refused(bpy.ops.chiaro.pass_output, directory=str(folder))
        stage(folder)
        assert "not saved yet" in refused(bpy.ops.chiaro.pass_output)
        assert bpy.ops.chiaro.pass_output(directory=str(folder / "there")) == {"FINISHED"}
        node = pass_output_nodes(compositor_tree(bpy.context.scene))[0]
        assert node[MARK]
        assert pass_file(node, 7) == folder / "there" / "relight_0007.exr"


def check_no_pass_goes_straight_from_an_image_into_the_file(folder: Path) -> None:
    # Blender 5.2 crashes where a layer with the one channel A does, as our Matte has when its file is loaded again.
    known_engine.install()
    with shot_registered():
        staged = stage(folder)
        assert bpy.ops.chiaro.pass_output(directory=str(folder)) == {"FINISHED"}
        sources = [socket.links[0].from_node for socket in pass_output_nodes(staged.tree)[0].inputs if socket.is_linked]
        assert len(sources) == len(LAYERS)
        assert set(sources) == {staged.relight}
        # With a file of passes as the plate they still come from the Relight node.
        _render(staged.scene, folder)
        staged.plate.image = bpy.data.images.load(str(folder / "relight_0001.exr"))
        assert bpy.ops.chiaro.pass_output(directory=str(folder / "again")) == {"FINISHED"}
        for node in pass_output_nodes(staged.tree):
            assert {socket.links[0].from_node for socket in node.inputs if socket.is_linked} == {staged.relight}


def check_parts_are_picked_by_name(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        _saved(folder)
        assert bpy.ops.chiaro.part_mattes(whole_shot=False) == {"FINISHED"}
        scene = bpy.context.scene
        quick_render(scene)
        tree = compositor_tree(scene)
        node = next(entry for entry in tree.nodes if entry.bl_idname == "CompositorNodeCryptomatteV2")
        assert node.matte_id == "skin"
        add_multilayer_output(tree, folder, "picked_####", {"Picked": node.outputs["Matte"]})
        _render(scene, folder)
        skin = read_exr(folder / "picked_0001.exr")[..., 0]
        assert skin.shape == (HEIGHT, WIDTH)
        # The ball's radius is 40 pixels; its left half is skin, its right half hair.
        y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
        inside = np.hypot(x - WIDTH / 2, y - HEIGHT / 2) < 36
        outside = np.hypot(x - WIDTH / 2, y - HEIGHT / 2) > 44
        left, right = x < WIDTH / 2 - 6, x > WIDTH / 2 + 6
        assert skin[inside & left].min() > 0.9
        assert skin[inside & right].max() < 0.1
        assert skin[outside].max() < 0.1
        assert part_maps().shape[1] == 1 + len(PARTS)
        ensure_render_output(tree)


def check_mattes_over_a_shot_are_a_sequence(folder: Path) -> None:
    files = ball_files(folder, gains=(1.0, 1.0))
    with shot_registered():
        relight_plate(files.sequence[0])
        assert bpy.ops.chiaro.part_mattes(directory=str(folder / "mattes")) == {"FINISHED"}
        assert sorted(path.name for path in (folder / "mattes").iterdir()) == ["parts_0001.exr", "parts_0002.exr"]
        tree = compositor_tree(bpy.context.scene)
        node = next(entry for entry in tree.nodes if entry.bl_idname == "CompositorNodeCryptomatteV2")
        assert node.image.source == "SEQUENCE"
        assert node.frame_duration == 2
