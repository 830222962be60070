"""The whole road with the trained networks: a photograph in, the person in the scene's light out of the compositor."""

from pathlib import Path
from typing import Any
from unittest import SkipTest

import bpy
import numpy as np
from numpy.typing import NDArray
from tests.blender_process import ROOT
from tests.nodes.blender.staging import Stage, add_camera, render_animation, render_frame, stage

from chiaro.nodes.status import BOARD, Level, Status

SIZE = 256


def _status(staged: Stage) -> Status:
    evaluated = BOARD.get(staged.relight.node_tree.session_uid)
    assert evaluated is not None
    return evaluated.status


def _portrait_stage(folder: Path) -> Stage:
    """The NASA portrait as plate, a grey world and a lamp at the camera's left, keyed to walk to its right."""
    if not (ROOT / "runtime" / "weights" / "manifest.json").exists():
        raise SkipTest("runtime/weights holds no trained networks")
    staged = stage(folder)
    scene = staged.scene
    scene.render.resolution_x = scene.render.resolution_y = SIZE
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

    pixels = np.ascontiguousarray(astronaut()[:SIZE, 96 : 96 + SIZE])
    buffer = OpenImageIO.ImageBuf(OpenImageIO.ImageSpec(SIZE, SIZE, 3, "uint8"))
    buffer.set_pixels(buffer.roi, pixels)
    path = folder / "portrait.png"
    assert buffer.write(str(path)), buffer.geterror()
    return path


def _shown(staged: Stage, socket: Any, path: Path, frame: int) -> NDArray[np.float32]:
    staged.tree.links.new(socket, staged.output)
    return render_frame(staged.scene, path, frame)


def check_the_lamp_moves_over_the_face_and_the_background_stays(folder: Path) -> None:
    staged = _portrait_stage(folder)
    staged.tree.links.new(staged.relight.outputs["Matte"], staged.tree.nodes.new("CompositorNodeViewer").inputs[0])
    frames = render_animation(staged.scene, folder, 1, 2)
    assert _status(staged).level is not Level.ERROR, _status(staged)
    assert all(np.isfinite(pixels).all() for pixels in frames.values())
    matte = _shown(staged, staged.relight.outputs["Matte"], folder / "matte.exr", 2)[..., 0]
    plate = _shown(staged, staged.plate.outputs["Image"], folder / "plate.exr", 2)
    assert 0.05 < (matte > 0.5).mean() < 0.95
    outside = matte == 0.0
    assert outside.any()
    for pixels in frames.values():
        np.testing.assert_allclose(pixels[outside, :3], plate[outside, :3], atol=5e-5)
    left, right = matte.copy(), matte.copy()
    columns = np.arange(SIZE)
    middle = float((matte.sum(axis=0) * columns).sum() / matte.sum())
    left[:, columns > middle], right[:, columns < middle] = 0.0, 0.0
    balance = [
        float((pixels[..., :3].mean(axis=2) * left).sum() / (pixels[..., :3].mean(axis=2) * right).sum())
        for pixels in frames.values()
    ]
    assert balance[0] > 1.2 * balance[1], f"left ÷ right is {balance} with the lamp at the left, then at the right"


def check_every_pass_is_finite_and_consistent(folder: Path) -> None:
    staged = _portrait_stage(folder)
    viewers = [staged.tree.nodes.new("NodeReroute") for _ in staged.relight.outputs]
    for viewer, socket in zip(viewers, staged.relight.outputs, strict=True):
        staged.tree.links.new(socket, viewer.inputs[0])
    shown = {socket.name: _shown(staged, socket, folder / f"{socket.name}.exr", 1) for socket in staged.relight.outputs}
    assert _status(staged).level is not Level.ERROR, _status(staged)
    assert all(np.isfinite(pixels).all() for pixels in shown.values())
    inside = shown["Matte"][..., 0] > 0.99
    lengths = np.linalg.norm(shown["Normal"][inside, :3], axis=-1)
    np.testing.assert_allclose(lengths, 1.0, atol=1e-3)
    rebuilt = shown["Albedo"] * shown["Shading"] + shown["Specular"]
    np.testing.assert_allclose(rebuilt[inside, :3], shown["Image"][inside, :3], atol=2e-3, rtol=2e-3)
    camera = staged.camera.matrix_world
    forward = np.array(camera.to_3x3())[:, 2] * -1
    along = (shown["Position"][inside, :3] - np.array(camera.translation)) @ forward
    np.testing.assert_allclose(along, shown["Depth"][inside, 0], rtol=1e-3)


def check_another_camera_sees_the_person_alone(folder: Path) -> None:
    staged = _portrait_stage(folder)
    plate_camera = add_camera(staged.scene, "Plate Camera")
    staged.relight.plate_camera = plate_camera
    staged.camera.location.x += 0.05
    pixels = render_frame(staged.scene, folder / "moved.exr", 1)
    assert _status(staged).level is not Level.ERROR, _status(staged)
    assert (pixels[..., 3] == 0.0).any(), "the background is empty"
    assert (pixels[..., 3] > 0.9).any(), "the person is there"
