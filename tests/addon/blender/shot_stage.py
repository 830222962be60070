"""Plates of a ball whose truth is known, as files, and the shot's operators registered around them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray
from tests.ball_head import RADIUS, ball_maps, ball_plate
from tests.nodes.blender.staging_files import write_exr
from tests.tiny_networks import constant_portrait, red_disc_locator, write_weights

from chiaro.addon.shot import registration
from chiaro.nodes.blender_versions import compositor_tree
from chiaro.nodes.relight_nodes import RELIGHT_NODE

WIDTH, HEIGHT = 320, 240
FOCAL_LENGTH = 200.0
DISTANCE = 0.25 * (FOCAL_LENGTH / 36.0 * WIDTH) / (0.25 * WIDTH)
"""Metres from the camera at which the ball's box is half a metre wide."""
BALL_RADIUS = RADIUS * 0.25
STANDING = 1.6


@dataclass(frozen=True)
class BallFiles:
    """Plates on disk: a still, and a sequence that gets brighter."""

    still: Path
    sequence: tuple[Path, ...]


def part_maps() -> NDArray[np.float32]:
    """(1, 9, 256, 256) the left half of the ball is skin, the right half hair."""
    matte = ball_maps()["matte"][0, 0]
    parts = np.zeros((1, 9, 256, 256), np.float32)
    left = np.arange(256) < 128
    parts[0, 0] = 1.0 - matte
    parts[0, 1], parts[0, 6] = matte * left, matte * ~left
    return parts


def ball_files(
    folder: Path,
    *,
    yaw: float = 0.0,
    first: int = 1001,
    gains: tuple[float, ...] = (1.0,),
    environment: NDArray[np.float32] | None = None,
) -> BallFiles:
    """Write plates, and networks that know them; the environment (1, 3, 16, 16), where there is one, too."""
    weights = folder / "weights"
    weights.mkdir()
    around = {} if environment is None else {"environment": environment}
    portrait = constant_portrait({**ball_maps(yaw), "parts": part_maps(), **around})
    os.environ["CHIARO_WEIGHTS"] = str(
        write_weights(weights, locator=red_disc_locator(disc_share=RADIUS), portrait=portrait)
    )
    image = ball_plate(WIDTH, HEIGHT).frame.image
    (folder / "shot").mkdir()
    frames = [
        write_exr(folder / "shot" / f"ball.{first + index:04d}.exr", image * np.float32(gain))
        for index, gain in enumerate(gains)
    ]
    return BallFiles(write_exr(folder / "ball.exr", image), tuple(frames))


@contextmanager
def shot_registered() -> Iterator[None]:
    """The shot's operators, beside the nodes that the harness registers."""
    registration.register()
    try:
        yield
    finally:
        registration.unregister()


def relight_plate(path: Path, **settings: Any) -> Any:
    """Run the operator; returns the Relight node."""
    settings.setdefault("focal_length", FOCAL_LENGTH)
    assert bpy.ops.chiaro.relight_plate("EXEC_DEFAULT", True, filepath=str(path), **settings) == {"FINISHED"}
    return relight_node()


def relight_node() -> Any:
    """The scene's Relight node."""
    return next(node for node in compositor_tree(bpy.context.scene).nodes if node.bl_idname == RELIGHT_NODE)


def head() -> Any | None:
    """The Empty on the head."""
    return next((thing for thing in bpy.context.scene.objects if "chiaro_head" in thing), None)


def refused(operator: Any, **settings: Any) -> str:
    """The sentence with which an operator refuses."""
    try:
        operator("EXEC_DEFAULT", **settings)
    except RuntimeError as error:
        return str(error).removeprefix("Error: ").strip()
    raise AssertionError("it should have refused")


def quick_render(scene: Any) -> None:
    """One sample of Cycles."""
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
