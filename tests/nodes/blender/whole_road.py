"""The whole road inside Blender, the real engine in the middle: a plate in, the passes out of the compositor.

With networks that know a ball, whose truth is known; and with the trained ones, where the repository has them.
"""

import os
from pathlib import Path
from typing import Any
from unittest import SkipTest

import bpy
import numpy as np
from numpy.typing import NDArray
from tests.ball_head import ball_plate, ball_weights
from tests.blender_process import ROOT
from tests.nodes.blender.staging import Stage, add_camera, render_frame, stage
from tests.nodes.blender.staging_files import write_exr

from chiaro.nodes.status import BOARD, Level, Status

WIDTH, HEIGHT = 320, 240
PORTRAIT_SIZE = 256


def _status(staged: Stage) -> Status:
    evaluated = BOARD.get(staged.relight.node_tree.session_uid)
    assert evaluated is not None
    return evaluated.status


def ball_stage(folder: Path) -> Stage:
    """The ball's plate, its camera at the origin looking along +Y, and a uniform world of radiance one."""
    os.environ["CHIARO_WEIGHTS"] = str(ball_weights(folder / "weights"))
    staged = stage(folder)
    staged.scene.render.resolution_x, staged.scene.render.resolution_y = WIDTH, HEIGHT
    ball = ball_plate(WIDTH, HEIGHT)
    staged.plate.image = bpy.data.images.load(str(write_exr(folder / "ball.exr", ball.frame.image)))
    staged.camera.location = (0.0, 0.0, 0.0)
    staged.camera.data.lens = 200.0
    background = next(node for node in staged.scene.world.node_tree.nodes if node.bl_idname == "ShaderNodeBackground")
    background.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    return staged


def shown_pixels(staged: Stage, name: str, folder: Path, frame: int = 1) -> NDArray[np.float32]:
    staged.show(name)
    pixels = render_frame(staged.scene, folder / f"{name}_{frame}.exr", frame)
    assert _status(staged).level is not Level.ERROR, _status(staged)
    assert np.isfinite(pixels).all(), name
    return pixels


def check_the_ball_in_a_uniform_world_is_its_albedo(folder: Path) -> None:
    staged = ball_stage(folder)
    shown = {socket.name: shown_pixels(staged, socket.name, folder) for socket in staged.relight.outputs}
    matte = shown["Matte"][..., 0]
    inside, outside = matte > 0.999, matte == 0.0
    assert inside.mean() > 0.04
    assert outside.mean() > 0.4
    plate = ball_plate(WIDTH, HEIGHT).frame.image
    np.testing.assert_array_equal(shown["Image"][outside, :3], plate[outside])
    # In the outermost ring the plate's edge and the maps' edge are not quite the same place.
    np.testing.assert_allclose(shown["Shading"][inside, :3], 1.0, atol=0.1)
    within = np.logical_and.reduce([np.roll(inside, shift, axis) for axis in (0, 1) for shift in (-2, 2)])
    np.testing.assert_allclose(shown["Shading"][within, :3], 1.0, atol=0.06)
    rebuilt = shown["Albedo"] * shown["Shading"] + shown["Specular"]
    np.testing.assert_allclose(shown["Image"][inside, :3], rebuilt[inside, :3], atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(shown["Normal"][inside, :3], axis=-1), 1.0, atol=1e-3)
    np.testing.assert_allclose(shown["Normal"][HEIGHT // 2, WIDTH // 2, :3], (0.0, -1.0, 0.0), atol=0.05)
    np.testing.assert_allclose(shown["Position"][inside, 1], shown["Depth"][inside, 0], rtol=1e-4)
    assert (shown["Depth"][outside, 0] == np.float32(1e10)).all()
    np.testing.assert_allclose(shown["Confidence"][inside, 0], 1.0, atol=0.05)


def check_a_keyed_sun_moves_over_the_ball(folder: Path) -> None:
    staged = ball_stage(folder)
    staged.relight.use_world = False
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    staged.scene.collection.objects.link(sun)
    for frame, degrees in ((1, -60.0), (2, 60.0)):
        # A sun shines along its −Z; turned by 90° about X it shines along +Y, as the camera looks.
        sun.rotation_euler = (np.pi / 2, 0.0, np.radians(degrees))
        sun.keyframe_insert("rotation_euler", frame=frame)
    middle = WIDTH // 2
    balance = []
    for frame in (1, 2):
        shading = shown_pixels(staged, "Shading", folder, frame)[..., 0]
        balance.append(float(np.log(shading[:, :middle].sum() / shading[:, middle:].sum())))
    assert balance[0] > 0.5, balance
    np.testing.assert_allclose(balance[0], -balance[1], atol=0.1)


def check_another_camera_sees_the_person_alone(folder: Path) -> None:
    staged = ball_stage(folder)
    plate_camera = add_camera(staged.scene, "Plate Camera")
    plate_camera.location, plate_camera.data.lens = (0.0, 0.0, 0.0), 200.0
    staged.relight.plate_camera = plate_camera
    staged.camera.location.x = 0.1
    moved = shown_pixels(staged, "Image", folder)
    assert (moved[:, :8, 3] == 0.0).all(), "the background is empty"
    assert (moved[..., 3] > 0.9).any(), "the person is there"
    centre = np.average(np.arange(WIDTH), weights=moved[..., 3].sum(axis=0))
    assert centre < WIDTH / 2 - 5, "a camera moved to the right sees the person further left"


def check_a_plate_without_a_head_fails_visibly(folder: Path) -> None:
    staged = ball_stage(folder)
    grey = write_exr(folder / "grey.exr", np.full((HEIGHT, WIDTH, 3), 0.2, np.float32))
    staged.plate.image = bpy.data.images.load(str(grey))
    pixels = render_frame(staged.scene, folder / "grey_relit.exr")
    assert (pixels[..., :3] == (1.0, 0.0, 1.0)).all()
    assert _status(staged).level is Level.ERROR
    assert "head" in _status(staged).lines[0].lower()


def check_missing_weights_fail_visibly(folder: Path) -> None:
    staged = ball_stage(folder)
    os.environ["CHIARO_WEIGHTS"] = str(folder / "nowhere")
    pixels = render_frame(staged.scene, folder / "frame.exr")
    assert (pixels[..., :3] == (1.0, 0.0, 1.0)).all()
    assert "install" in _status(staged).lines[0].lower()


def _portrait_stage(folder: Path) -> Stage:
    """The NASA portrait as plate, a grey world and a lamp at the camera's left, keyed to walk to its right."""
    os.environ.pop("CHIARO_WEIGHTS", None)
    if not (ROOT / "runtime" / "weights" / "manifest.json").exists():
        raise SkipTest("runtime/weights holds no trained networks")
    staged = stage(folder)
    scene = staged.scene
    scene.render.resolution_x = scene.render.resolution_y = PORTRAIT_SIZE
    staged.plate.image = bpy.data.images.load(str(_portrait(folder)))
    lamp = bpy.data.objects.new("Key", bpy.data.lights.new("Key", "POINT"))
    lamp.data.energy = 60.0
    scene.collection.objects.link(lamp)
    camera = staged.camera.location
    for frame, side in ((1, -1.0), (2, 1.0)):
        lamp.location = (camera.x + side, camera.y + 0.6, camera.z + 0.3)
        lamp.keyframe_insert("location", frame=frame)
    return staged


def _portrait(folder: Path) -> Path:
    import OpenImageIO
    from skimage.data import astronaut

    pixels = np.ascontiguousarray(astronaut()[:PORTRAIT_SIZE, 96 : 96 + PORTRAIT_SIZE])
    buffer = OpenImageIO.ImageBuf(OpenImageIO.ImageSpec(PORTRAIT_SIZE, PORTRAIT_SIZE, 3, "uint8"))
    buffer.set_pixels(buffer.roi, pixels)
    path = folder / "portrait.png"
    assert buffer.write(str(path)), buffer.geterror()
    return path


def check_a_lamp_moves_over_a_real_face_and_the_background_stays(folder: Path) -> None:
    staged = _portrait_stage(folder)
    matte = shown_pixels(staged, "Matte", folder)[..., 0]
    relit = [shown_pixels(staged, "Image", folder, frame)[..., :3] for frame in (1, 2)]
    plate = _plate_in_compositor(staged, folder)
    outside = matte == 0.0
    assert 0.05 < (matte > 0.5).mean() < 0.95
    assert outside.any()
    columns = np.arange(PORTRAIT_SIZE)
    middle = float((matte.sum(axis=0) * columns).sum() / matte.sum())
    left, right = matte * (columns < middle), matte * (columns > middle)
    balance = []
    for pixels in relit:
        np.testing.assert_allclose(pixels[outside], plate[outside], atol=5e-5)
        grey = pixels.mean(axis=2)
        balance.append(float((grey * left).sum() / (grey * right).sum()))
    assert balance[0] > 1.2 * balance[1], f"left ÷ right is {balance} with the lamp at the left, then at the right"


def _plate_in_compositor(staged: Stage, folder: Path) -> Any:
    staged.tree.links.new(staged.plate.outputs["Image"], staged.output)
    return render_frame(staged.scene, folder / "plate_shown.exr")[..., :3]
