"""The plate's light as a world, the neutral studio, and the studio looks' lamps, with Cycles as the judge."""

from math import pi
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from tests.addon.blender.shot_stage import ball_files, head, refused, relight_node, relight_plate, shot_registered
from tests.ball_head import ball_light
from tests.nodes.blender.lambert_sphere import add_sphere, prepare_sphere_render, render_sphere
from tests.nodes.blender.staging_files import read_exr

from chiaro.addon.shot.look_operators import look_title
from chiaro.addon.shot.look_rig import LAMP_MARK, look_rig, rig_lamps
from chiaro.addon.shot.neutral_world import TARGET_SHADING, is_plain, neutral_radiance
from chiaro.addon.shot.plate_world import light_over_time
from chiaro.addon.shot.world_image import background
from chiaro.nodes.blender_versions import animation_curves
from chiaro.runtime.light.equirectangular import map_directions
from chiaro.runtime.light.harmonics import irradiance_from_harmonics, rotate_harmonics

LOOKS = ("butterfly", "cyberpunk", "loop", "rembrandt", "rim", "split")


def _presets() -> dict[str, Path]:
    return {path.stem: path for folder in bpy.utils.preset_paths("chiaro/looks") for path in Path(folder).glob("*.py")}


def _choose(name: str) -> None:
    bpy.ops.script.execute_preset(filepath=str(_presets()[name]), menu_idname="CHIARO_MT_looks")


def check_a_grey_ball_in_the_plates_light_is_lit_as_the_plate_says(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        assert bpy.ops.chiaro.plate_world(whole_shot=False) == {"FINISHED"}
        scene = bpy.context.scene
        world = scene.world
        assert world.name == "Plate Light"
        # The ball's light, from the crop camera's axes (x right, y up, z back) to the world's.
        world_from_camera = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
        light = rotate_harmonics(ball_light(), world_from_camera)
        for thing in list(bpy.data.objects):
            bpy.data.objects.remove(thing)
        scene.render.use_compositing = False
        add_sphere(scene, albedo=0.5)
        prepare_sphere_render(scene, 48, 256)
        sphere = render_sphere(scene, folder / "sphere.exr", albedo=0.5)
        expected = irradiance_from_harmonics(light, sphere.normal[sphere.inside].astype(np.float64))
        measured = sphere.irradiance[sphere.inside]
        # The plate is red alone, so the fit of green and blue stays near the network's own estimate.
        np.testing.assert_allclose(measured[:, 0].mean(), expected[:, 0].mean(), rtol=0.03)
        assert np.corrcoef(measured[:, 0], expected[:, 0])[0, 1] > 0.98


def check_a_window_that_the_network_sees_is_in_the_world(folder: Path) -> None:
    around = np.full((1, 3, 16, 16), 0.2, np.float32)
    around[..., 6, 12] = 30.0  # to the camera's left, a little above
    files = ball_files(folder, environment=around)
    with shot_registered():
        relight_plate(files.still)
        bpy.ops.chiaro.plate_world(whole_shot=False)
        red = _map_pixels().reshape(64, 128, 4)[::-1, :, 0]
    brightest = map_directions(64, 128)[np.unravel_index(red.argmax(), red.shape)]
    polar, azimuth = 6.5 / 16 * pi, pi - 2 * pi * 12.5 / 16
    towards_camera, right, up = np.array([0.0, -1, 0]), np.array([1.0, 0, 0]), np.array([0.0, 0, 1])
    window = np.sin(polar) * (np.cos(azimuth) * towards_camera + np.sin(azimuth) * right) + np.cos(polar) * up
    assert window @ right < -0.5
    assert brightest @ window > 0.98
    assert red.max() > 20 * np.median(red)


def check_the_worlds_picture_is_packed_and_survives_saving(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        bpy.ops.chiaro.plate_world(whole_shot=False)
        before = _map_pixels()
        path = folder / "saved.blend"
        bpy.ops.wm.save_as_mainfile(filepath=str(path))
        bpy.ops.wm.open_mainfile(filepath=str(path))
        after = _map_pixels()
        np.testing.assert_allclose(after, before, rtol=2e-3, atol=1e-4)


def _map_pixels() -> Any:
    image = bpy.data.images["Plate Light"]
    assert image.packed_file is not None
    pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels


def check_intensity_is_keyed_where_it_changes(folder: Path) -> None:
    files = ball_files(folder, gains=(0.5, 0.5, 0.5, 1.0, 1.0, 1.0))
    with shot_registered():
        relight_plate(files.sequence[0])
        before = bpy.context.scene.world
        assert bpy.ops.chiaro.plate_world(smoothing=0) == {"FINISHED"}
        curve = animation_curves(bpy.context.scene.world.node_tree)[0]
        values = [point.co[1] for point in curve.keyframe_points]
        assert len(values) == 6
        # The ball reflects red alone, so only the red third of the estimate can change; and as this network names the
        # same light for all frames, it takes half the stops.
        np.testing.assert_allclose(values[:3], values[0], rtol=1e-3)
        np.testing.assert_allclose(values[3:], values[3], rtol=1e-3)
        assert 1.05 < values[3] / values[0] < 1.45
        np.testing.assert_allclose(np.mean(values), 1.0, rtol=1e-3)
        assert before.use_fake_user, "the artist's own world stays in the file"
        assert _strengths_after_saving(folder, (1, 6)) == [round(values[0], 4), round(values[5], 4)]
        bpy.context.scene.frame_end = 3
        assert bpy.ops.chiaro.plate_world() == {"FINISHED"}
        assert animation_curves(bpy.context.scene.world.node_tree) == []


def _strengths_after_saving(folder: Path, frames: tuple[int, ...]) -> list[float]:
    """What the world of the saved and loaded file shines with on frames, as a render has it."""
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "keyed.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(folder / "keyed.blend"))
    scene, found = bpy.context.scene, []
    for frame in frames:
        scene.frame_set(frame)
        world = scene.world.evaluated_get(bpy.context.evaluated_depsgraph_get())
        found.append(round(background(world).inputs["Strength"].default_value, 4))
    return found


def check_the_mean_light_counts_dark_frames_as_much(folder: Path) -> None:
    del folder
    left, right = np.zeros((9, 3)), np.zeros((9, 3))
    left[0], left[3] = 1.0, -0.5
    right[0], right[3] = 4.0, 2.0
    mean, intensities = light_over_time([left, right], 0)
    np.testing.assert_allclose(mean[3], 0.0, atol=1e-12)
    np.testing.assert_allclose(intensities, (0.4, 1.6))


def check_the_neutral_studio_sits_in_the_middle(folder: Path) -> None:
    del folder
    from chiaro.runtime.light.harmonics import project_environment

    radiance = neutral_radiance()
    assert radiance.min() > 0.0
    shading = irradiance_from_harmonics(project_environment(radiance), np.array([[0.0, -1.0, 0.0]]))[0] / pi
    np.testing.assert_allclose(shading.mean(), TARGET_SHADING, rtol=1e-3)
    assert shading.max() / shading.min() < 1.15, "neutral"
    assert is_plain(None)
    world = bpy.data.worlds.new("New")
    world.use_nodes = True
    assert is_plain(world)
    world.node_tree.nodes.new("ShaderNodeTexEnvironment")
    assert not is_plain(world)


def check_every_look_places_its_lamps(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        assert set(LOOKS) <= set(_presets())
        node = relight_plate(files.still)
        for name in LOOKS:
            _choose(name)
            shining = [lamp for lamp in rig_lamps(bpy.context.scene) if not lamp.hide_render]
            assert 2 <= len(shining) <= 3, name
            assert not node.use_world
            bpy.context.view_layer.update()
            for lamp in shining:
                axis = -np.array(lamp.matrix_world.to_3x3())[:, 2]
                towards = np.array(head().location) - np.array(lamp.matrix_world.translation)
                np.testing.assert_allclose(axis, towards / np.linalg.norm(towards), atol=1e-4)
        assert len([thing for thing in bpy.data.objects if LAMP_MARK in thing]) == 3, "one look at a time"


def check_a_look_turns_with_the_face(folder: Path) -> None:
    files = ball_files(folder, yaw=0.5)
    with shot_registered():
        relight_plate(files.still)
        _choose("butterfly")
        bpy.context.view_layer.update()
        key = next(lamp for lamp in rig_lamps(bpy.context.scene) if lamp[LAMP_MARK] == "key")
        offset = np.array(key.matrix_world.translation - head().location)
        # In front of the face, which looks to the picture's right.
        np.testing.assert_allclose(np.arctan2(offset[0], -offset[1]), 0.5, atol=0.02)
        assert offset[2] > 0


def check_the_level_is_what_a_white_card_sends_back(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        _choose("split")
        scene = bpy.context.scene
        look = scene.chiaro_look
        look.fill.use = look.rim.use = False
        look.key.level, look.key.colour, look.key.size, look.key.distance = 0.8, (1.0, 1.0, 1.0), 0.5, 0.9
        bpy.context.view_layer.update()
        key = next(lamp for lamp in rig_lamps(scene) if lamp[LAMP_MARK] == "key")
        axis = np.array(key.matrix_world.to_3x3())
        card = Matrix(
            np.block([[axis, np.array(head().location)[:, None]], [np.zeros((1, 3)), np.ones((1, 1))]]).tolist()
        )
        measured = _render_card(scene, card, folder / "card.exr")
        np.testing.assert_allclose(measured, 0.8, rtol=0.02)


def _render_card(scene: Any, world_from_card: Any, path: Path) -> float:
    """Radiance of the middle of a small white diffuse card, from along its normal."""
    scene.world = None
    scene.render.use_compositing = False
    bpy.ops.mesh.primitive_plane_add(size=0.02)
    card = bpy.context.object
    card.matrix_world = world_from_card
    material = bpy.data.materials.new("White")
    material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    diffuse, output = nodes.new("ShaderNodeBsdfDiffuse"), nodes.new("ShaderNodeOutputMaterial")
    diffuse.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    material.node_tree.links.new(diffuse.outputs[0], output.inputs["Surface"])
    card.data.materials.append(material)
    camera = bpy.data.cameras.new("Card")
    camera.type, camera.ortho_scale = "ORTHO", 0.01
    scene.camera = bpy.data.objects.new("Card Camera", camera)
    scene.camera.matrix_world = world_from_card @ Matrix.Translation((0.0, 0.0, 0.2))
    scene.collection.objects.link(scene.camera)
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising, scene.cycles.max_bounces = 256, False, 0
    scene.cycles.sample_clamp_direct = scene.cycles.light_sampling_threshold = 0.0
    scene.render.resolution_x = scene.render.resolution_y = 8
    scene.render.image_settings.file_format, scene.render.image_settings.color_depth = "OPEN_EXR", "32"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return float(read_exr(path)[..., :3].mean())


def check_settings_move_the_lamps_that_stand(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        _choose("loop")
        key = next(lamp for lamp in rig_lamps(bpy.context.scene) if lamp[LAMP_MARK] == "key")
        look = bpy.context.scene.chiaro_look
        look.key.yaw, look.key.pitch, look.key.distance = pi / 2, 0.0, 2.0
        np.testing.assert_allclose(key.location, (2.0, 0.0, 0.0), atol=1e-5)
        look.key.colour = (1.0, 0.5, 0.25)
        np.testing.assert_allclose(key.data.color, (1.0, 0.5, 0.25))
        look.key.use = False
        assert key.hide_render


def check_removing_a_look_leaves_nothing(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        before = {kind: len(getattr(bpy.data, kind)) for kind in ("objects", "lights", "collections")}
        assert not bpy.ops.chiaro.remove_look.poll()
        _choose("rim")
        assert bpy.ops.chiaro.remove_look() == {"FINISHED"}
        assert {kind: len(getattr(bpy.data, kind)) for kind in before} == before
        assert look_rig(bpy.context.scene) is None
        assert relight_node().use_world


def check_a_look_of_ones_own_is_kept_and_ours_cannot_be_removed(folder: Path) -> None:
    import os

    files = ball_files(folder)
    os.environ["BLENDER_USER_RESOURCES"] = str(folder / "user")
    with shot_registered():
        relight_plate(files.still)
        _choose("rembrandt")
        bpy.context.scene.chiaro_look.key.level = 3.25
        bpy.ops.chiaro.look_preset_add(name="My Look")
        kept = {path.stem: path for path in map(Path, (str(path) for path in _presets().values()))}
        try:
            assert "My_Look" in kept
            _choose("rembrandt")
            assert bpy.context.scene.chiaro_look.key.level != 3.25
            _choose("My_Look")
            assert bpy.context.scene.chiaro_look.key.level == 3.25
        finally:
            if "My_Look" in kept:
                kept["My_Look"].unlink()


def check_a_look_without_a_relight_node_says_so(folder: Path) -> None:
    del folder
    with shot_registered():
        assert "has no Relight node" in refused(bpy.ops.chiaro.place_look)


def check_a_look_that_nobody_chose_is_rembrandt(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        scene = bpy.context.scene
        assert look_title(scene) == "Choose a Look"
        assert bpy.ops.chiaro.place_look() == {"FINISHED"}
        assert sum(not lamp.hide_render for lamp in rig_lamps(scene)) == 2, "key and fill"
        assert look_title(scene) == "Rembrandt"
        assert relight_node().use_lamps
