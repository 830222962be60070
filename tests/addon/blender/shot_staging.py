"""Shots of red balls, which the tests' networks take for heads, with the whole extension registered."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray
from tests.ball_head import RED, ball_weights
from tests.nodes.blender.staging import add_camera, add_relight, add_world, prepare_render
from tests.synthetic_plates import write_image

from chiaro import addon
from chiaro.addon.preferences import CACHE_VARIABLE
from chiaro.nodes import registration as nodes_registration
from chiaro.nodes.blender_versions import ensure_compositor_tree, ensure_render_output
from chiaro.nodes.engine import ENGINE

WIDTH, HEIGHT = 320, 240
RADIUS = 40.0
"""Pixels: what the locator of the tests takes for a head in a plate of this width."""


@contextmanager
def extension(folder: Path) -> Iterator[Path]:
    """The extension, registered, with a cache folder and the tests' networks; gives the cache folder."""
    cache = folder / "cache"
    variables = {CACHE_VARIABLE: str(cache), "CHIARO_WEIGHTS": str(ball_weights(folder / "weights"))}
    nodes_registration.unregister()
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    addon.register()
    try:
        yield cache
    finally:
        addon.unregister()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        ENGINE.release()
        nodes_registration.register()


def balls(centres: Sequence[tuple[float, float]]) -> NDArray[np.float32]:
    """A plate with red balls."""
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    picture = np.full((HEIGHT, WIDTH, 3), 0.2, np.float32)
    for centre_x, centre_y in centres:
        picture[np.hypot(x - centre_x, y - centre_y) < RADIUS] = RED
    return picture


def write_shot(folder: Path, frames: Mapping[int, Sequence[tuple[float, float]]]) -> Path:
    """A sequence of EXR files, no two of the same bytes; returns the first."""
    folder.mkdir(exist_ok=True)
    for number, where in frames.items():
        picture = balls(where)
        picture[-1, -1, 0] += np.float32(1e-5 * number)
        write_image(folder / f"shot.{number:04d}.exr", picture)
    return folder / f"shot.{min(frames):04d}.exr"


def stage_shot(first: Path, count: int, *, scene: Any = None) -> tuple[Any, Any]:
    """A scene whose compositor shows the sequence through a Relight node; returns the scene and the node."""
    scene = scene or bpy.context.scene
    prepare_render(scene, WIDTH, HEIGHT)
    scene.frame_start, scene.frame_end = 1, count
    scene.camera = add_camera(scene)
    add_world(scene)
    tree = ensure_compositor_tree(scene)
    plate = tree.nodes.new("CompositorNodeImage")
    plate.name = "Plate"
    plate.image = bpy.data.images.load(str(first))
    plate.image.source = "SEQUENCE"
    plate.frame_duration = count
    relight = add_relight(tree, plate.outputs["Image"])
    tree.links.new(relight.outputs["Image"], ensure_render_output(tree))
    return scene, relight
