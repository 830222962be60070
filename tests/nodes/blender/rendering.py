"""Renders through the compositor: every pass bit for bit, every keyframe on its frame."""

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray
from tests.nodes.blender import known_engine
from tests.nodes.blender.staging import (
    HEIGHT,
    WIDTH,
    add_camera,
    add_relight,
    add_world,
    prepare_render,
    render_animation,
    render_frame,
    stage,
)
from tests.nodes.blender.staging_files import plate_pixels, read_exr, write_exr

from chiaro.nodes.blender_versions import add_multilayer_output, ensure_compositor_tree, ensure_render_output
from chiaro.nodes.pass_images import FAILED_COLOUR
from chiaro.nodes.relight_nodes import relight_nodes


def _key(animated: Any, path: str, values: dict[int, Any]) -> None:
    for frame, value in values.items():
        setattr(animated, path, value)
        animated.keyframe_insert(path, frame=frame)


def check_every_pass_is_exact_in_a_still(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    for socket in staged.relight.outputs:
        staged.show(socket.name)
        pixels = render_frame(staged.scene, folder / "frame.exr", 1)
        expected = engine.expected(socket.name.lower())
        if expected.ndim == 2:
            expected = np.repeat(expected[..., None], 3, axis=2)
        np.testing.assert_array_equal(pixels[..., : expected.shape[2]], expected, err_msg=socket.name)


def check_every_pass_is_exact_in_an_animation(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    _key(staged.relight, "strength", {1: 1.0, 3: 3.0})
    _linear_curves(staged.tree)
    add_multilayer_output(staged.tree, folder, "passes_", {socket.name: socket for socket in staged.relight.outputs})
    frames = render_animation(staged.scene, folder, 1, 3)
    np.testing.assert_allclose([request.strength for request in engine.requests], [1.0, 2.0, 3.0], atol=1e-3)
    for index, frame in enumerate((1, 2, 3)):
        np.testing.assert_array_equal(frames[frame], engine.expected("image", index))
        written = sorted(folder.glob(f"passes_*{frame:04d}.exr"))
        assert len(written) == 1, sorted(path.name for path in folder.iterdir())
        _assert_layers(written[0], engine, index)


def _assert_layers(path: Path, engine: known_engine.KnownEngine, index: int) -> None:
    import OpenImageIO

    layers: dict[str, dict[str, NDArray[np.float32]]] = {}
    for part in range(OpenImageIO.ImageBuf(str(path)).nsubimages):
        buffer = OpenImageIO.ImageBuf(str(path), part, 0)
        pixels = buffer.get_pixels(OpenImageIO.FLOAT)
        for channel, name in enumerate(buffer.spec().channelnames):
            layer, _, component = name.rpartition(".")
            layers.setdefault(layer, {})[component] = pixels[..., channel]
    assert len(layers) == 9, sorted(layers)
    for layer, channels in layers.items():
        expected = engine.expected(layer.lower(), index)
        order = {1: "V", 3: "XYZ" if "X" in channels else "RGB", 4: "RGBA"}[
            1 if expected.ndim == 2 else expected.shape[2]
        ]
        for position, component in enumerate(order):
            wanted = expected if expected.ndim == 2 else expected[..., position]
            np.testing.assert_array_equal(channels[component], wanted, err_msg=f"{layer}.{component}")


def check_keyframes_are_evaluated_on_every_frame(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    background = add_world(staged.scene)
    _key(background.inputs["Strength"], "default_value", {1: 1.0, 3: 3.0})
    _key(staged.camera, "location", {1: (0.0, -3.0, 0.0), 3: (1.0, -3.0, 0.0)})
    _key(staged.camera.data, "lens", {1: 50.0, 3: 100.0})
    lamp = bpy.data.objects.new("Point", bpy.data.lights.new("Point", "POINT"))
    staged.scene.collection.objects.link(lamp)
    _key(lamp, "location", {1: (0.0, 0.0, 1.0), 3: (2.0, 0.0, 1.0)})
    _key(lamp.data, "energy", {1: 10.0, 3: 30.0})
    _key(staged.relight, "own_light_removal", {1: 0.0, 3: 1.0})
    for curve in _linear_curves(background.id_data, staged.camera, staged.camera.data, lamp, lamp.data, staged.tree):
        assert curve.keyframe_points
    render_animation(staged.scene, folder, 1, 3)
    np.testing.assert_allclose(
        [round(request.own_light_removal, 4) for request in engine.requests], [0.0, 0.5, 1.0], atol=1e-3
    )
    np.testing.assert_allclose(
        [round(request.render_camera.world_from_camera[0, 3], 4) for request in engine.requests],
        [0.0, 0.5, 1.0],
        atol=1e-3,
    )
    focal = [request.render_camera.focal_x for request in engine.requests]
    np.testing.assert_allclose(focal[2] / focal[0], 2.0, rtol=1e-5)
    np.testing.assert_allclose(focal[1] / focal[0], 1.5, rtol=1e-5)
    lamps = [request.light.lamps[0] for request in engine.requests]
    assert [round(float(lamp.position[0]), 4) for lamp in lamps] == [0.0, 1.0, 2.0]
    intensity = np.array([lamp.intensity[0] for lamp in lamps])
    np.testing.assert_allclose(intensity / intensity[0], [1.0, 2.0, 3.0], rtol=1e-4)
    radiance = np.array([request.light.environment.radiance.mean() for request in engine.requests])
    np.testing.assert_allclose(radiance / radiance[0], [1.0, 2.0, 3.0], rtol=1e-3)


KEYED = {
    "use_world": (True, False),
    "use_lamps": (False, True),
    "strength": (1.0, 3.0),
    "plate_light": (0.0, 1.0),
    "own_light_removal": (0.25, 0.75),
    "person": (0, 2),
    "absence": ("PLATE", "ERROR"),
    "turned_views": ("FINE", "STANDARD"),
    "steady": (True, False),
    "use_box": (False, True),
    "box_centre": ((0.25, 0.5), (0.75, 0.5)),
    "box_size": (0.4, 0.6),
    "box_roll": (0.0, 0.5),
}
"""Values on the first and the third frame; between them whatever is a number is halfway, other things are the first."""

UNKEYED = {"quality", "show_lamps", "plate_camera", "lamp_collection", "excluded_lamps", "box_clip", "box_track"}
"""The interface's own, and what Blender has no curves for: pointers, collections, text."""


def check_every_property_takes_keys_in_a_render(folder: Path) -> None:
    from chiaro.nodes.node_settings import NODE_PROPERTIES

    assert set(NODE_PROPERTIES) == set(KEYED) | UNKEYED
    engine = known_engine.install()
    staged = stage(folder)
    staged.scene.collection.objects.link(bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN")))
    for name, (first, last) in KEYED.items():
        _key(staged.relight, name, {1: first, 3: last})
    _linear_curves(staged.tree)
    staged.relight.strength, staged.relight.person = 9.0, 5  # The interface's values are not what a render uses.
    render_animation(staged.scene, folder, 1, 3)
    first, middle, last = engine.requests
    assert [bool(request.light.environment) for request in engine.requests] == [True, True, False]
    assert [len(request.light.lamps) for request in engine.requests] == [0, 0, 1]
    np.testing.assert_allclose([request.strength for request in engine.requests], [1.0, 2.0, 3.0], atol=1e-3)
    np.testing.assert_allclose([request.plate_light for request in engine.requests], [0.0, 0.5, 1.0], atol=1e-3)
    np.testing.assert_allclose([request.own_light_removal for request in engine.requests], [0.25, 0.5, 0.75], atol=1e-3)
    assert [request.person for request in engine.requests] == [0, 1, 2]
    assert [request.steady for request in engine.requests] == [True, True, False]
    assert [request.detail for request in engine.requests] == [2, 2, 1]
    assert first.box is None
    assert middle.box is None
    assert last.box is not None
    assert abs(last.box.centre_x - 0.75 * WIDTH) < 1e-3
    assert abs(last.box.half_size - 0.3 * WIDTH) < 1e-3
    assert abs(last.box.roll - 0.5) < 1e-4


def check_a_keyed_absence_is_that_of_the_frame(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    nobody = plate_pixels(WIDTH, HEIGHT)
    nobody[0, 0, 0] = -1.0  # which the known engine takes for a plate without a head
    staged.plate.image = bpy.data.images.load(str(write_exr(folder / "nobody.exr", nobody)))
    _key(staged.relight, "absence", {1: "PLATE", 3: "ERROR"})
    frames = render_animation(staged.scene, folder, 1, 3)
    for frame in (1, 2):
        np.testing.assert_array_equal(frames[frame][..., :3], nobody)
    np.testing.assert_array_equal(frames[3][..., :3], np.broadcast_to(np.float32(FAILED_COLOUR), nobody.shape))


def _linear_curves(*animated: Any) -> list[Any]:
    from chiaro.nodes.blender_versions import animation_curves

    curves = [curve for datablock in animated for curve in animation_curves(datablock)]
    for curve in curves:
        for point in curve.keyframe_points:
            point.interpolation = "LINEAR"
    return curves


def check_a_value_changed_by_hand_but_not_keyed_is_not_rendered(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    background = add_world(staged.scene)
    _key(staged.relight, "strength", {1: 1.0})
    _key(staged.camera, "location", {1: (0.0, -3.0, 0.0)})
    _key(background.inputs["Strength"], "default_value", {1: 1.0})
    render_frame(staged.scene, folder / "keyed.exr", 1)
    staged.relight.strength = 5.0
    staged.camera.location.x = 5.0
    background.inputs["Strength"].default_value = 5.0
    bpy.context.view_layer.update()
    render_animation(staged.scene, folder, 1, 2)
    assert len(engine.requests) == 1, engine.requests[1:]


def check_a_driver_on_a_property_is_evaluated(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    staged.relight.driver_add("strength").driver.expression = "frame * 0.5"
    render_animation(staged.scene, folder, 2, 4)
    np.testing.assert_allclose([request.strength for request in engine.requests], [1.0, 1.5, 2.0], atol=1e-3)


def check_drivers_reach_every_kind_of_property(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    staged.scene.collection.objects.link(bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN")))
    staged.relight.use_box = True
    for name, expression, index in (
        ("own_light_removal", "frame / 8", -1),
        ("person", "frame", -1),
        ("use_lamps", "frame > 3", -1),
        ("box_centre", "frame / 10", 0),
        ("box_size", "frame / 10", -1),
    ):
        staged.relight.driver_add(name, index).driver.expression = expression
    render_animation(staged.scene, folder, 2, 4)
    np.testing.assert_allclose([r.own_light_removal for r in engine.requests], [0.25, 0.375, 0.5], atol=1e-4)
    assert [request.person for request in engine.requests] == [2, 3, 4]
    assert [len(request.light.lamps) for request in engine.requests] == [0, 0, 1]
    boxes = [request.box for request in engine.requests]
    np.testing.assert_allclose([box.centre_x / WIDTH for box in boxes if box], [0.2, 0.3, 0.4], atol=1e-4)
    np.testing.assert_allclose([2 * box.half_size / WIDTH for box in boxes if box], [0.2, 0.3, 0.4], atol=1e-4)


def check_mix_goes_from_the_plate_to_the_result_exactly(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    plate = plate_pixels(WIDTH, HEIGHT)
    mix = staged.relight.inputs["Mix"]
    _key(mix, "default_value", {1: 0.0, 3: 1.0})
    _linear_curves(staged.tree)
    frames = render_animation(staged.scene, folder, 1, 3)
    relit = engine.expected("image")
    np.testing.assert_array_equal(frames[1][..., :3], plate)
    np.testing.assert_array_equal(frames[3], relit)
    np.testing.assert_allclose(frames[2][..., :3], (plate + relit[..., :3]) / 2, rtol=1e-6)


def check_the_image_is_premultiplied_for_the_compositor(folder: Path) -> None:
    class HalfCovered(known_engine.KnownEngine):
        def relight(self, frame: Any, request: Any, plate: Any = None) -> Any:
            result = super().relight(frame, request, plate)
            result.passes.image[..., 3] = 0.5
            return result

    engine = HalfCovered()
    known_engine.ENGINE.use_factory(lambda _settings: engine)
    staged = stage(folder)
    pixels = render_frame(staged.scene, folder / "frame.exr")
    np.testing.assert_array_equal(pixels[..., 3], np.float32(0.5))
    np.testing.assert_array_equal(pixels[..., :3], engine.expected("image")[..., :3] * np.float32(0.5))


def check_two_nodes_have_their_own_results(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    second_path = write_exr(folder / "second.exr", plate_pixels(WIDTH, HEIGHT, seed=5))
    plate = staged.tree.nodes.new("CompositorNodeImage")
    plate.image = bpy.data.images.load(str(second_path))
    second = add_relight(staged.tree, plate.outputs["Image"])
    second.strength = 4.0
    add = staged.tree.nodes.new("ShaderNodeVectorMath")
    staged.tree.links.new(staged.relight.outputs["Normal"], add.inputs[0])
    staged.tree.links.new(second.outputs["Normal"], add.inputs[1])
    staged.tree.links.new(add.outputs[0], staged.output)
    pixels = render_frame(staged.scene, folder / "frame.exr")
    assert sorted(request.strength for request in engine.requests) == [1.0, 4.0]
    expected = engine.expected("normal", 0) + engine.expected("normal", 1)
    np.testing.assert_array_equal(pixels[..., :3], expected)


def check_two_scenes_have_their_own_results(folder: Path) -> None:
    engine = known_engine.install()
    first = stage(folder, seed=0)
    second = stage(folder, scene=bpy.data.scenes.new("Second"), seed=1)
    second.relight.strength = 2.0
    first_pixels = render_frame(first.scene, folder / "first.exr")
    np.testing.assert_array_equal(first_pixels, engine.expected("image"))
    second_pixels = render_frame(second.scene, folder / "second.exr")
    np.testing.assert_array_equal(second_pixels, engine.expected("image"))
    np.testing.assert_allclose([request.strength for request in engine.requests], [1.0, 2.0], atol=1e-3)
    np.testing.assert_array_equal(render_frame(first.scene, folder / "again.exr"), first_pixels)
    assert len(engine.requests) == 2


def check_a_copied_scene_has_its_own_result(folder: Path) -> None:
    engine = known_engine.install()
    first = stage(folder)
    second = first.scene.copy()
    first_pixels = render_frame(first.scene, folder / "first.exr")
    camera = add_camera(second, "Second Camera")
    camera.location.x = 1.0
    second.camera = camera
    second_pixels = render_frame(second, folder / "second.exr")
    np.testing.assert_array_equal(second_pixels, engine.expected("image"))
    assert not np.array_equal(second_pixels, first_pixels)
    np.testing.assert_array_equal(render_frame(first.scene, folder / "again.exr"), first_pixels)


def check_every_way_to_copy_a_scene_keeps_results_apart(folder: Path) -> None:
    engine = known_engine.install()
    first = stage(folder)
    first.relight.strength = 1.5
    before = render_frame(first.scene, folder / "first.exr")
    for way in ("EMPTY", "LINK_COPY", "FULL_COPY"):
        bpy.context.window.scene = first.scene
        assert bpy.ops.scene.new(type=way) == {"FINISHED"}
        second = bpy.context.window.scene
        assert second != first.scene
        copied = relight_nodes(second)
        assert len(copied) == (way != "EMPTY"), way
        if copied:
            second.camera.location.x += 1.0
            pixels = render_frame(second, folder / f"{way}.exr")
            np.testing.assert_array_equal(pixels, engine.expected("image"), err_msg=way)
            assert engine.requests[-1].strength == 1.5
            second.camera.location.x -= 1.0
        np.testing.assert_array_equal(render_frame(first.scene, folder / "again.exr"), before, err_msg=way)


def check_a_plate_of_another_size_than_the_render(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder, plate_size=(50, 40))
    pixels = render_frame(staged.scene, folder / "frame.exr")
    assert pixels.shape == (HEIGHT, WIDTH, 4)
    request = engine.requests[-1]
    assert (request.plate_camera.width, request.plate_camera.height) == (50, 40)
    assert (request.render_camera.width, request.render_camera.height) == (WIDTH, HEIGHT)
    np.testing.assert_allclose(request.plate_camera.focal_x / 50, request.render_camera.focal_x / WIDTH, rtol=1e-6)
    np.testing.assert_array_equal(pixels, engine.expected("image"))
    staged.relight.inputs["Mix"].default_value = 0.0
    faded = render_frame(staged.scene, folder / "faded.exr")
    assert faded.shape == (HEIGHT, WIDTH, 4)
    assert 0.3 < faded[..., :3].mean() < 0.6, "the plate is brought to the render size"


def check_the_percentage_of_the_render_size_counts(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    staged.scene.render.resolution_percentage = 50
    pixels = render_frame(staged.scene, folder / "frame.exr")
    assert pixels.shape == (HEIGHT // 2, WIDTH // 2, 4)
    np.testing.assert_array_equal(pixels, engine.expected("image"))


def check_a_render_cropped_to_its_border_gets_its_part(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    render = staged.scene.render
    render.use_border = True
    render.border_min_x, render.border_max_x, render.border_min_y, render.border_max_y = 0.1, 0.55, 0.3, 0.93
    whole = render_frame(staged.scene, folder / "whole.exr")
    np.testing.assert_array_equal(whole, engine.expected("image"))
    render.use_crop_to_border = True
    part = render_frame(staged.scene, folder / "part.exr")
    assert part.shape == (12, 14, 4)
    np.testing.assert_array_equal(part, engine.expected("image")[2:14, 3:17])


def check_the_plate_camera_may_be_another_camera(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    plate_camera = add_camera(staged.scene, "Plate Camera")
    plate_camera.location.x = 0.75
    staged.relight.plate_camera = plate_camera
    render_frame(staged.scene, folder / "frame.exr")
    request = engine.requests[-1]
    assert request.plate_camera.world_from_camera[0, 3] == 0.75
    assert request.render_camera.world_from_camera[0, 3] == 0.0


def check_lamps_can_be_limited_to_a_collection(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    collection = bpy.data.collections.new("Key Lights")
    staged.scene.collection.children.link(collection)
    for home, name in ((collection, "Key"), (staged.scene.collection, "Fill")):
        home.objects.link(bpy.data.objects.new(name, bpy.data.lights.new(name, "SUN")))
    render_frame(staged.scene, folder / "all.exr")
    assert len(engine.requests[-1].light.lamps) == 2
    staged.relight.lamp_collection = collection
    render_frame(staged.scene, folder / "some.exr")
    assert len(engine.requests[-1].light.lamps) == 1
    staged.relight.use_lamps = False
    render_frame(staged.scene, folder / "none.exr")
    assert engine.requests[-1].light.lamps == ()
    assert engine.requests[-1].light.environment is not None


def check_a_head_box_is_given_in_tracking_coordinates(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder, plate_size=(100, 80))
    staged.relight.use_box = True
    staged.relight.box_centre, staged.relight.box_size, staged.relight.box_roll = (0.25, 0.75), 0.5, 0.125
    render_frame(staged.scene, folder / "frame.exr")
    box = engine.requests[-1].box
    assert (box.centre_x, box.centre_y, box.half_size, box.roll) == (25.0, 20.0, 25.0, 0.125)


def check_a_plate_camera_hidden_by_the_eye_is_evaluated(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    plate_camera = add_camera(staged.scene, "Hidden")
    _key(plate_camera, "location", {1: (0.0, -3.0, 0.0), 3: (2.0, -3.0, 0.0)})
    plate_camera.hide_set(True)
    staged.relight.plate_camera = plate_camera
    render_animation(staged.scene, folder, 1, 3)
    np.testing.assert_allclose(
        [round(request.plate_camera.world_from_camera[0, 3], 3) for request in engine.requests],
        [0.0, 1.0, 2.0],
        atol=1e-3,
    )


def check_a_node_group_may_hold_the_relight_node(folder: Path) -> None:
    engine = known_engine.install()
    scene = bpy.context.scene
    prepare_render(scene)
    scene.camera = add_camera(scene)
    add_world(scene)
    group = bpy.data.node_groups.new("Actor", "CompositorNodeTree")
    group.interface.new_socket("Plate", in_out="INPUT", socket_type="NodeSocketColor")
    group.interface.new_socket("Result", in_out="OUTPUT", socket_type="NodeSocketColor")
    inside, outside = group.nodes.new("NodeGroupInput"), group.nodes.new("NodeGroupOutput")
    relight = add_relight(group, inside.outputs[0])
    group.links.new(relight.outputs["Image"], outside.inputs[0])
    tree = ensure_compositor_tree(scene)
    use = tree.nodes.new("CompositorNodeGroup")
    use.node_tree = group
    plate = tree.nodes.new("CompositorNodeImage")
    plate.image = bpy.data.images.load(str(write_exr(folder / "plate.exr", plate_pixels(WIDTH, HEIGHT))))
    tree.links.new(plate.outputs["Image"], use.inputs[0])
    tree.links.new(use.outputs[0], ensure_render_output(tree))
    relight.strength = 1.0
    relight.keyframe_insert("strength", frame=1)
    relight.strength = 2.0
    relight.keyframe_insert("strength", frame=2)
    frames = render_animation(scene, folder, 1, 2)
    np.testing.assert_allclose([request.strength for request in engine.requests], [1.0, 2.0], atol=1e-3)
    np.testing.assert_array_equal(frames[2], engine.expected("image"))


def check_the_scene_without_relight_is_left_alone(folder: Path) -> None:
    scene = bpy.context.scene
    prepare_render(scene)
    scene.camera = add_camera(scene)
    render_frame(scene, folder / "frame.exr")
    assert read_exr(folder / "frame.exr").shape == (HEIGHT, WIDTH, 4)
    assert not scene.render.use_lock_interface
