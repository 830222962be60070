"""The head in 3D: Empty, mesh and its movement, against the ball's truth."""

from math import radians, tan
from pathlib import Path

import bpy
import numpy as np
from tests.addon.blender.shot_stage import (
    BALL_RADIUS,
    STANDING,
    ball_files,
    head,
    refused,
    relight_plate,
    shot_registered,
)
from tests.nodes.blender.staging_files import read_exr, write_exr

from chiaro.addon.shot.head_empty import steady_poses
from chiaro.nodes.blender_versions import animation_curves
from chiaro.runtime.orbit import rotation_about


def _mesh_points(frame: int) -> np.ndarray:
    scene = bpy.context.scene
    scene.frame_set(frame)
    thing = bpy.data.objects["Head Surface"].evaluated_get(bpy.context.evaluated_depsgraph_get())
    points = np.empty(3 * len(thing.data.vertices), np.float32)
    thing.data.vertices.foreach_get("co", points)
    return points.reshape(-1, 3)


def check_the_empty_turns_with_the_head(folder: Path) -> None:
    files = ball_files(folder, yaw=0.3)
    with shot_registered():
        relight_plate(files.still)
        facing = np.array(head().matrix_world.to_3x3())[:, 2]
        # A yaw of 0.3 looks to the picture's right, which is +X for a camera that looks along +Y.
        np.testing.assert_allclose(facing, (np.sin(0.3), -np.cos(0.3), 0.0), atol=5e-3)


def check_the_empty_is_keyed_on_every_frame(folder: Path) -> None:
    files = ball_files(folder, gains=(1.0, 1.0, 1.0))
    with shot_registered():
        relight_plate(files.sequence[0])
        empty = head()
        assert empty.animation_data is None
        bpy.context.scene.frame_set(2)
        assert bpy.ops.chiaro.head_empty() == {"FINISHED"}
        curves = animation_curves(empty)
        assert {(curve.data_path, curve.array_index) for curve in curves} == {
            *(("location", axis) for axis in range(3)),
            *(("rotation_quaternion", axis) for axis in range(4)),
        }
        assert all([point.co[0] for point in curve.keyframe_points] == [1.0, 2.0, 3.0] for curve in curves)
        assert bpy.context.scene.frame_current == 2
        np.testing.assert_allclose(empty.location, (0.0, 0.0, STANDING), atol=1e-3)


def check_frames_without_a_head_are_passed_over(folder: Path) -> None:
    files = ball_files(folder, gains=(1.0, 1.0, 1.0))
    write_exr(files.sequence[1], np.full_like(read_exr(files.sequence[1]), 0.2))
    with shot_registered():
        relight_plate(files.sequence[0])
        assert bpy.ops.chiaro.head_empty(smoothing=0) == {"FINISHED"}
        curve = animation_curves(head())[0]
        assert 1.0 in [point.co[0] for point in curve.keyframe_points]


def check_the_mesh_is_the_visible_half_of_the_ball(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        assert bpy.ops.chiaro.head_mesh(role="CATCHER", detail=96) == {"FINISHED"}
        mesh = bpy.data.objects["Head Surface"]
        points = _mesh_points(1)
        distance = np.linalg.norm(points - (0.0, 0.0, STANDING), axis=-1)
        # The network's depth is that of a ball seen from far away; at 5.6 m that is 2 % off.
        np.testing.assert_allclose(distance, BALL_RADIUS, rtol=0.05)
        assert points[:, 1].max() < 0.02, "only what the camera sees"
        assert len(mesh.data.polygons) > 1000
        normals = np.empty(3 * len(mesh.data.polygons), np.float32)
        mesh.data.polygons.foreach_get("normal", normals)
        assert (normals.reshape(-1, 3)[:, 1] < 0.3).mean() > 0.99, "they look towards the camera"
        assert mesh.is_shadow_catcher
        assert not mesh.is_holdout
        uv = np.empty(2 * len(mesh.data.uv_layers["Plate"].data), np.float32)
        mesh.data.uv_layers["Plate"].data.foreach_get("uv", uv)
        low, high = uv.reshape(-1, 2).min(axis=0), uv.reshape(-1, 2).max(axis=0)
        # The ball is half of the box, which is half the plate's width, in its middle.
        np.testing.assert_allclose(low, (0.375, 1 / 3), atol=0.01)
        np.testing.assert_allclose(high, (0.625, 2 / 3), atol=0.01)


def _render_with_cg(folder: Path, *, behind: bool) -> np.ndarray:
    """The film's (H, W, 4) of the head's mesh and a red CG disc, without the compositor.

    The disc stands half a metre behind the head's middle, or as far before it and above the line of sight, where a sun
    from the camera's side throws its shadow on the middle of the face.
    """
    scene = bpy.context.scene
    scene.render.engine, scene.render.film_transparent, scene.render.use_compositing = "CYCLES", True, False
    scene.cycles.samples, scene.cycles.use_denoising, scene.cycles.max_bounces = 64, False, 0
    scene.world = bpy.data.worlds.new("Black")
    scene.world.color = (0.0, 0.0, 0.0)
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy, sun.data.angle = 3.0, 0.0
    sun.rotation_euler = (radians(60), 0.0, 0.0)  # It shines along +Y, 30° down.
    scene.collection.objects.link(sun)
    location = (0.0, 0.5, STANDING) if behind else (0.0, -0.5, STANDING + 0.375 * tan(radians(30)))
    radius = 0.3 if behind else 0.04
    bpy.ops.mesh.primitive_circle_add(
        radius=radius, fill_type="NGON", location=location, rotation=(radians(90), 0.0, 0.0)
    )
    disc = bpy.context.object
    material = bpy.data.materials.new("Red")
    material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    output, emission = nodes.new("ShaderNodeOutputMaterial"), nodes.new("ShaderNodeEmission")
    emission.inputs["Color"].default_value = (1.0, 0.0, 0.0, 1.0)
    material.node_tree.links.new(emission.outputs[0], output.inputs["Surface"])
    disc.data.materials.append(material)
    settings = scene.render.image_settings
    settings.file_format = "OPEN_EXR"
    settings.color_depth, settings.color_mode = "32", "RGBA"
    scene.render.filepath = str(folder / "film.exr")
    bpy.ops.render.render(write_still=True)
    return read_exr(folder / "film.exr")


MIDDLE = (slice(112, 128), slice(152, 168))
"""Pixels on the middle of the ball."""


def check_a_shadow_of_cg_falls_on_the_catcher_and_nothing_else_shows(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        assert bpy.ops.chiaro.head_mesh(role="CATCHER", detail=128) == {"FINISHED"}
        film = _render_with_cg(folder, behind=False)
        assert film[MIDDLE][..., 3].mean() > 0.8, "the shadow"
        assert film[MIDDLE][..., :3].max() < 0.01, "is black, and the mesh has no colour of its own"
        assert film[112:128, 176:184, 3].max() < 0.05, "beside the shadow the mesh does not show"


def check_a_shadow_of_cg_falls_on_the_plain_mesh(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        assert bpy.ops.chiaro.head_mesh(role="PLAIN", detail=128) == {"FINISHED"}
        film = _render_with_cg(folder, behind=False)
        assert film[MIDDLE][..., 3].min() > 0.99
        assert film[MIDDLE][..., 1].mean() < 0.05, "in the shadow"
        assert film[112:128, 176:184, 1].mean() > 0.2, "in the sun"


def check_the_holdout_cuts_cg_behind_the_head(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        assert bpy.ops.chiaro.head_mesh(role="HOLDOUT", detail=128) == {"FINISHED"}
        film = _render_with_cg(folder, behind=True)
        assert film[MIDDLE][..., 3].max() < 0.01, "the head stands before the CG"
        around = film[112:128, 100:112]
        assert around[..., 3].min() > 0.99, "beside the head the CG shows"
        assert around[..., 0].min() > 0.9


def check_the_mesh_follows_over_the_shot(folder: Path) -> None:
    files = ball_files(folder, gains=(1.0, 1.0, 1.0))
    image = read_exr(files.sequence[0])
    write_exr(files.sequence[2], np.roll(image, 16, axis=1))
    with shot_registered():
        node = relight_plate(files.sequence[0])
        node.person = 0
        cache = folder / "surface.pc2"
        assert bpy.ops.chiaro.head_mesh(whole_shot=True, filepath=str(cache), detail=64, role="HOLDOUT") == {"FINISHED"}
        assert cache.stat().st_size == 32 + 3 * 64 * 64 * 12
        assert bpy.data.objects["Head Surface"].is_holdout
        first, last = _mesh_points(1), _mesh_points(3)
        assert len(first) == 64 * 64
        # 16 pixels of 80 that are a quarter of a metre: 5 cm, found by a locator that looks at every eighth pixel.
        moved = (last - first).mean(axis=0)
        assert 0.03 < moved[0] < 0.07, moved
        assert abs(moved[2]) < 0.005
        np.testing.assert_allclose(np.linalg.norm(first - first.mean(axis=0), axis=-1).max(), BALL_RADIUS, rtol=0.15)


def _plate_uv(frame: int) -> np.ndarray:
    bpy.context.scene.frame_set(frame)
    thing = bpy.data.objects["Head Surface"].evaluated_get(bpy.context.evaluated_depsgraph_get())
    layer = thing.data.uv_layers["Plate"].data
    uv = np.empty(2 * len(layer), np.float32)
    layer.foreach_get("uv", uv)
    return uv.reshape(-1, 2)


def check_the_plate_lies_on_the_moving_mesh_and_nothing_stands_where_nobody_is(folder: Path) -> None:
    files = ball_files(folder, gains=(1.0,) * 5)
    image = read_exr(files.sequence[0])
    for path in files.sequence[1:4]:  # Longer than what the locator fills over.
        write_exr(path, np.full_like(image, 0.2))
    write_exr(files.sequence[4], np.roll(image, 32, axis=1))
    with shot_registered():
        relight_plate(files.sequence[0])
        cache = folder / "surface"
        assert bpy.ops.chiaro.head_mesh(whole_shot=True, filepath=str(cache), detail=64) == {"FINISHED"}
        assert cache.with_suffix(".pc2").exists()
        mesh, hidden = bpy.data.objects["Head Surface"], []
        for frame in range(1, 6):
            bpy.context.scene.frame_set(frame)
            hidden.append((mesh.hide_render, mesh.hide_viewport))
        assert hidden == [(False, False), (True, True), (True, True), (True, True), (False, False)]
        # The ball is half of the box, which is half the plate's width; it starts in the plate's middle.
        first, last = _plate_uv(1), _plate_uv(5)
        np.testing.assert_allclose(first.min(axis=0), (0.375, 1 / 3), atol=0.015)
        np.testing.assert_allclose(first.max(axis=0), (0.625, 2 / 3), atol=0.015)
        np.testing.assert_allclose((last - first).mean(axis=0), (32 / 320, 0.0), atol=0.02)


def check_a_moving_mesh_needs_a_place_for_its_file(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        relight_plate(files.still)
        assert "not saved yet" in refused(bpy.ops.chiaro.head_mesh, whole_shot=True)


def check_smoothing_keeps_steady_motion_and_calms_noise(folder: Path) -> None:
    del folder
    poses = []
    noise = np.random.default_rng(5).normal(0.0, 0.01, 21)
    for index in range(21):
        pose = np.eye(4)
        pose[:3, :3] = rotation_about(np.array([0.0, 0.0, 1.0]), radians(3.0 * index) + noise[index])
        pose[:3, 3] = (0.1 * index + noise[index], 0.0, 0.0)
        poses.append(pose)
    steady = steady_poses(poses, 3)
    x = np.array([pose[0, 3] for pose in steady]) - 0.1 * np.arange(21)
    angle = np.array([np.arctan2(pose[1, 0], pose[0, 0]) for pose in steady]) - np.radians(3.0 * np.arange(21))
    assert x[3:-3].std() < 0.6 * noise[3:-3].std()
    assert angle[3:-3].std() < 0.6 * noise[3:-3].std()
    assert abs(x[0] - noise[0]) < 1e-9, "the ends stay"
    for pose in steady:
        np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-9)
    assert steady_poses(poses, 0) == poses
