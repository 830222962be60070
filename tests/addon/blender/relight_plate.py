"""Relight Plate: what it makes of a plate, what it leaves alone, and that Ctrl-Z takes it back."""

from fractions import Fraction
from pathlib import Path

import bpy
import numpy as np
from tests.addon.blender.shot_stage import (
    DISTANCE,
    FOCAL_LENGTH,
    HEIGHT,
    STANDING,
    WIDTH,
    ball_files,
    head,
    quick_render,
    refused,
    relight_node,
    relight_plate,
    shot_registered,
)
from tests.nodes.blender.staging_files import read_exr, write_exr

from chiaro.nodes.blender_versions import compositor_tree, ensure_compositor_tree, ensure_render_output
from chiaro.nodes.status import BOARD, Level
from chiaro.runtime.output.png import write_png

KINDS = ("objects", "cameras", "worlds", "images", "node_groups", "scenes", "collections", "lights", "meshes")


def _names() -> dict[str, list[str]]:
    kept = {kind: [block.name for block in getattr(bpy.data, kind)] for kind in KINDS}
    return {kind: sorted(name for name in names if not name.startswith(".")) for kind, names in kept.items()}


def check_a_still_becomes_a_shot(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        node = relight_plate(files.still)
        scene = bpy.context.scene
        assert (scene.render.resolution_x, scene.render.resolution_y) == (WIDTH, HEIGHT)
        assert scene.camera == node.plate_camera
        assert abs(scene.camera.data.lens - FOCAL_LENGTH) < 1e-4
        assert scene.camera.data.background_images[0].image.name == "ball.exr"
        empty = head()
        np.testing.assert_allclose(empty.location, (0.0, 0.0, STANDING), atol=1e-3)
        np.testing.assert_allclose(scene.camera.location, (0.0, -DISTANCE, STANDING), atol=2e-2)
        # The ball's face looks into the camera: its z along −Y, its y up, its x to its own left.
        axes = np.array(empty.matrix_world.to_3x3())
        np.testing.assert_allclose(axes, [[1, 0, 0], [0, 0, -1], [0, 1, 0]], atol=2e-3)
        assert scene.world.name == "Relight Neutral"
        assert node.inputs["Image"].links[0].from_node.image.name == "ball.exr"
        assert ensure_render_output(compositor_tree(scene)).links[0].from_node == node


def check_what_it_makes_renders_without_another_click(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        node = relight_plate(files.still)
        scene = bpy.context.scene
        quick_render(scene)
        scene.render.image_settings.file_format = "OPEN_EXR"
        scene.render.image_settings.color_depth = "32"
        scene.render.filepath = str(folder / "relit.exr")
        bpy.ops.render.render(write_still=True)
        evaluated = BOARD.get(node.node_tree.session_uid)
        assert evaluated is not None
        assert evaluated.status.level is not Level.ERROR, evaluated.status
        relit, plate = read_exr(folder / "relit.exr"), read_exr(files.still)
        np.testing.assert_array_equal(relit[0, 0, :3], plate[0, 0])
        ball = relit[HEIGHT // 2, WIDTH // 2, :3]
        # The neutral studio is levelled to the plate's own light; the ball is pure red.
        assert 0.7 < ball[0] / plate[HEIGHT // 2, WIDTH // 2, 0] < 1.4, ball
        assert ball[1] < 0.1


def check_undo_takes_it_back_whole_and_redo_brings_it_again(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        bpy.ops.ed.undo_push(message="Before")
        before = _names()
        size = bpy.context.scene.render.resolution_x
        relight_plate(files.still)
        assert _names() != before
        bpy.ops.ed.undo()
        assert _names() == before
        assert bpy.context.scene.render.resolution_x == size
        bpy.ops.ed.redo()
        assert relight_node().inputs["Image"].is_linked
        assert head() is not None


def check_a_sequence_keeps_its_numbers(folder: Path) -> None:
    files = ball_files(folder, first=1001, gains=(1.0, 1.0, 1.0))
    with shot_registered():
        node = relight_plate(files.sequence[1])
        scene = bpy.context.scene
        source = node.inputs["Image"].links[0].from_node
        assert source.image.source == "SEQUENCE"
        assert (scene.frame_start, scene.frame_end) == (1, 3)
        assert (source.frame_start, source.frame_duration, source.frame_offset) == (1, 3, 1000)
        assert source.use_auto_refresh
        user = scene.camera.data.background_images[0].image_user
        assert (user.frame_duration, user.frame_offset, user.use_auto_refresh) == (3, 1000, True)


def check_a_movie_brings_its_speed(folder: Path) -> None:
    from chiaro.runtime.output.movie import write_movie

    ball_files(folder)
    pictures = []
    for number in range(1, 4):
        pictures.append(folder / f"frame_{number}.png")
        write_png(pictures[-1], np.full((64, 96, 3), 0.2, np.float32))
    write_movie(folder / "plate.mp4", pictures, frame_rate=Fraction(24000, 1001))
    with shot_registered():
        relight_plate(folder / "plate.mp4")
        render = bpy.context.scene.render
        assert render.fps == 24
        assert abs(render.fps_base - 1.001) < 1e-4
        assert bpy.context.scene.frame_end == 3
        assert bpy.context.scene.view_settings.view_transform == "Standard"
        assert head() is None, "a grey movie shows nobody, and the shot is set up all the same"


def check_finished_pictures_are_shown_without_a_view_transform(folder: Path) -> None:
    files = ball_files(folder)
    write_png(folder / "picture.png", np.full((64, 96, 3), 0.2, np.float32))
    with shot_registered():
        view = bpy.context.scene.view_settings
        view.view_transform = "AgX"
        relight_plate(files.still)
        assert view.view_transform == "AgX", "scene-linear plates need one"
        relight_plate(folder / "picture.png")
        assert view.view_transform == "Standard"


def check_a_movie_clip_brings_its_lens(folder: Path) -> None:
    files = ball_files(folder, gains=(1.0, 1.0))
    with shot_registered():
        clip = bpy.data.movieclips.load(str(files.sequence[0]))
        clip.tracking.camera.sensor_width = 24.0
        clip.tracking.camera.focal_length = 40.0
        assert bpy.ops.chiaro.relight_plate("EXEC_DEFAULT", clip=clip.name) == {"FINISHED"}
        camera = bpy.context.scene.camera.data
        assert (round(camera.lens, 3), round(camera.sensor_width, 3)) == (40.0, 24.0)
        assert relight_node().inputs["Image"].links[0].from_node.clip == clip


def check_what_the_artist_made_stays(folder: Path) -> None:
    files = ball_files(folder)
    with shot_registered():
        scene = bpy.context.scene
        world = bpy.data.worlds.new("Mine")
        world.use_nodes = True
        world.node_tree.nodes.new("ShaderNodeTexSky")
        scene.world = world
        tree = ensure_compositor_tree(scene)
        blur, output = tree.nodes.new("CompositorNodeBlur"), ensure_render_output(tree)
        tree.links.new(blur.outputs["Image"], output)
        camera = bpy.data.objects.new("Matchmove", bpy.data.cameras.new("Matchmove"))
        scene.collection.objects.link(camera)
        scene.camera = camera
        size = (scene.render.resolution_x, scene.render.resolution_y)
        node = relight_plate(files.still, match_scene=False, camera="SCENE")
        assert scene.world == world
        assert output.links[0].from_node == blur
        assert scene.camera == node.plate_camera == camera
        assert tuple(camera.location) == (0.0, 0.0, 0.0)
        assert (scene.render.resolution_x, scene.render.resolution_y) == size
        assert len({tuple(entry.location) for entry in tree.nodes}) >= 3, "nodes do not lie on one another"


def check_nobody_in_the_plate_is_a_shot_without_an_empty(folder: Path) -> None:
    ball_files(folder)
    grey = write_exr(folder / "grey.exr", np.full((HEIGHT, WIDTH, 3), 0.2, np.float32))
    with shot_registered():
        node = relight_plate(grey)
        assert node.inputs["Image"].is_linked
        assert head() is None


def check_errors_are_sentences(folder: Path) -> None:
    ball_files(folder)
    (folder / "text.png").write_text("no picture")
    with shot_registered():
        operator = bpy.ops.chiaro.relight_plate
        assert "text.png" in refused(operator, filepath=str(folder / "text.png"))
        assert "no plate named 'lost'; open it first" in refused(operator, image="lost")
        assert "No plate was chosen" in refused(operator)
        scene = bpy.context.scene
        scene.camera = None
        assert "has no camera; add one" in refused(operator, filepath=str(folder / "ball.exr"), camera="SCENE")
        for name in ("head_empty", "head_mesh", "plate_world", "place_look"):
            assert "has no Relight node; run Relight Plate first" in refused(getattr(bpy.ops.chiaro, name)), name
