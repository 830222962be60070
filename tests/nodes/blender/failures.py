"""What cannot be relit fails visibly: magenta in every pass, one sentence on the node, and only on its frame."""

import logging
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray
from tests.nodes.blender import known_engine
from tests.nodes.blender.staging import (
    HEIGHT,
    WIDTH,
    Stage,
    add_camera,
    render_animation,
    render_frame,
    stage,
)
from tests.nodes.blender.staging_files import plate_pixels, write_exr

from chiaro.nodes.status import BOARD, Level, Status

MAGENTA = np.array([1.0, 0.0, 1.0], np.float32)
logging.getLogger("chiaro").setLevel(logging.CRITICAL)


def _status(staged: Stage) -> Status:
    evaluated = BOARD.get(staged.relight.node_tree.session_uid)
    assert evaluated is not None
    return evaluated.status


def _assert_failed(pixels: NDArray[np.float32], staged: Stage, *words: str) -> None:
    np.testing.assert_array_equal(pixels[..., :3], np.broadcast_to(MAGENTA, pixels[..., :3].shape))
    status = _status(staged)
    assert status.level is Level.ERROR
    assert len(status.lines) == 1
    for word in words:
        assert word in status.lines[0], status.lines[0]


def check_messages_of_the_engine_are_on_the_node(folder: Path) -> None:
    engine = known_engine.install()
    engine.messages = ("Three heads were found; the largest is used.",)
    staged = stage(folder)
    render_frame(staged.scene, folder / "frame.exr")
    assert _status(staged) == Status(Level.NOTE, engine.messages)


def check_an_unwired_image_fails_visibly(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    staged.tree.links.remove(staged.relight.inputs["Image"].links[0])
    _assert_failed(render_frame(staged.scene, folder / "frame.exr"), staged, "Nothing is wired", "'Relight'")


def check_a_missing_file_fails_visibly(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    good = render_frame(staged.scene, folder / "good.exr")
    (folder / "plate_0.exr").unlink()
    bad = render_frame(staged.scene, folder / "bad.exr")
    assert not np.array_equal(good, bad)
    _assert_failed(bad, staged, "does not exist", "plate_0.exr")


def check_a_plate_camera_that_is_not_evaluated_fails_visibly(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    plate_camera = add_camera(staged.scene, "Elsewhere")
    staged.relight.plate_camera = plate_camera
    plate_camera.hide_viewport = True
    _assert_failed(render_frame(staged.scene, folder / "a.exr"), staged, "'Elsewhere'", "disabled in viewports")
    plate_camera.hide_viewport = False
    staged.scene.collection.objects.unlink(plate_camera)
    _assert_failed(render_frame(staged.scene, folder / "b.exr"), staged, "'Elsewhere'", "not in the view layer")


def check_a_missing_world_fails_visibly(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    staged.scene.world = None
    _assert_failed(render_frame(staged.scene, folder / "frame.exr"), staged, "has no world", "switch World off")


def check_no_light_at_all_fails_visibly(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    staged.relight.use_world = False
    _assert_failed(render_frame(staged.scene, folder / "frame.exr"), staged, "Nothing lights the person")


def check_the_plates_own_light_needs_no_other(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    staged.scene.world = None
    staged.relight.plate_light = 0.5
    render_frame(staged.scene, folder / "frame.exr")
    request = engine.requests[-1]
    assert request.light.is_empty
    assert request.plate_light == 0.5


def check_the_plates_own_light_may_fade_to_nothing(folder: Path) -> None:
    """Keyed to zero it is a fade to black; the frame at zero is no failure, while a zero that stays is one."""
    engine = known_engine.install()
    staged = stage(folder)
    staged.scene.world = None
    for frame, share in ((1, 0.0), (2, 0.5)):
        staged.relight.plate_light = share
        staged.relight.keyframe_insert("plate_light", frame=frame)
    frames = render_animation(staged.scene, folder, 1, 2)
    assert [request.plate_light for request in engine.requests[-2:]] == [0.0, 0.5]
    assert all(request.light.is_empty for request in engine.requests[-2:])
    assert not np.array_equal(frames[1][..., :3], np.broadcast_to(MAGENTA, frames[1][..., :3].shape))
    assert _status(staged).level is Level.READY


def check_an_orthographic_camera_fails_visibly(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    staged.camera.data.type = "ORTHO"
    _assert_failed(render_frame(staged.scene, folder / "frame.exr"), staged, "orthographic", "'Camera'", "Perspective")


def check_one_bad_frame_in_an_animation_is_one_bad_frame(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    for frame in (1, 2, 3):
        write_exr(folder / f"take.{frame:04d}.exr", plate_pixels(WIDTH, HEIGHT, frame) - 2.0 * (frame == 2))
    staged.plate.image = bpy.data.images.load(str(folder / "take.0001.exr"))
    staged.plate.image.source = "SEQUENCE"
    staged.plate.frame_duration, staged.plate.frame_start, staged.plate.frame_offset = 3, 1, 0
    frames = render_animation(staged.scene, folder, 1, 3)
    np.testing.assert_array_equal(frames[1], engine.expected("image", 0))
    np.testing.assert_array_equal(frames[2][..., :3], np.broadcast_to(MAGENTA, frames[2][..., :3].shape))
    np.testing.assert_array_equal(frames[3], engine.expected("image", 1))
    assert _status(staged).level is Level.READY


def check_a_failure_shows_in_every_pass(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    staged.plate.image = None
    for name, value in (("Albedo", MAGENTA), ("Normal", MAGENTA), ("Matte", np.ones(3, np.float32))):
        staged.show(name)
        pixels = render_frame(staged.scene, folder / f"{name}.exr")
        np.testing.assert_array_equal(pixels[..., :3], np.broadcast_to(value, pixels[..., :3].shape))
    assert "has no image" in _status(staged).lines[0]


def check_an_edited_inner_group_fails_visibly(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    inner = staged.relight.node_tree
    staged.show("Normal")
    inner.nodes.remove(inner.nodes["Image"])
    staged.tree.links.new(staged.relight.outputs["Image"], staged.tree.nodes.new("NodeReroute").inputs[0])
    _assert_failed(render_frame(staged.scene, folder / "frame.exr"), staged, "was edited", "'Image'")


def check_an_error_of_our_own_fails_visibly(folder: Path) -> None:
    class Broken(known_engine.KnownEngine):
        def relight(self, frame: Any, request: Any, plate: Any = None) -> Any:
            raise ZeroDivisionError("division by zero")

    known_engine.ENGINE.use_factory(lambda _settings: Broken())
    staged = stage(folder)
    _assert_failed(
        render_frame(staged.scene, folder / "frame.exr"), staged, "error of its own", "ZeroDivisionError", "console"
    )
