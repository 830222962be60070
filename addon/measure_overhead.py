"""What the node adds to a frame in Blender, without the engine's own time: python -m chiaro.addon.measure_overhead.

Gathering the scene (camera, lamps, world), and handing the passes to the compositor's images.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..nodes.blender_versions import ensure_compositor_tree, ensure_render_output
from ..nodes.engine import ENGINE, EngineSettings
from ..nodes.handlers import evaluate_for_render
from ..nodes.pass_sockets import PASS_SOCKETS
from ..nodes.relight_nodes import RELIGHT_NODE
from ..runtime.camera import Camera
from ..runtime.errors import HeadError
from ..runtime.head import HeadBox
from ..runtime.output.png import write_png
from ..runtime.passes import Passes
from ..runtime.plate.plate import Plate, PlateFrame
from ..runtime.relight import Analysis, RelightRequest
from .registration import register, unregister

SIZES = {"512x512": (512, 512), "1080p": (1920, 1080), "2160p": (3840, 2160)}
RUNS = 7


@dataclass(frozen=True)
class ReadyResult:
    """What the nodes read of a result."""

    passes: Passes
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadyEngine:
    """Gives the same passes at once, so that only Blender's part is left to measure."""

    passes: Passes

    def is_analysed(self, frame: PlateFrame, plate_camera: Camera, **_settings: object) -> bool:
        """Always."""
        del frame, plate_camera
        return True

    def analyse(self, frame: PlateFrame, plate_camera: Camera, **_settings: object) -> Analysis:
        """Nothing keeps its analyses."""
        raise HeadError("This engine finds no heads; it only measures.")

    def find_heads(self, frame: PlateFrame) -> list[HeadBox]:
        """None."""
        del frame
        return []

    def relight(self, frame: PlateFrame, request: RelightRequest, plate: Plate | None = None) -> ReadyResult:
        """The passes it was made with."""
        del frame, request, plate
        return ReadyResult(self.passes)


def grey_passes(camera: Camera) -> Passes:
    """Passes of a size, all grey."""
    height, width = camera.height, camera.width
    colour = np.full((height, width, 3), 0.5, np.float32)
    value = np.full((height, width), 0.5, np.float32)
    image = np.full((height, width, 4), 0.5, np.float32)
    return Passes(camera, image, colour, colour, colour, value, colour, colour, value, value)


def staged_scene(plate: Path, width: int, height: int) -> Any:
    """A scene with a plate, a camera, a lamp and a Relight node; returns the node."""
    bpy.ops.wm.read_factory_settings(use_empty=False)
    register()
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    tree = ensure_compositor_tree(scene)
    image, relight = tree.nodes.new("CompositorNodeImage"), tree.nodes.new(RELIGHT_NODE)
    image.image = bpy.data.images.load(str(plate))
    tree.links.new(image.outputs["Image"], relight.inputs["Image"])
    tree.links.new(relight.outputs["Image"], ensure_render_output(tree))
    return relight


def wire_all(relight: Any) -> None:
    """Use every output, so that every pass is handed over."""
    for socket in PASS_SOCKETS:
        if not relight.outputs[socket.name].is_linked:
            sink = relight.id_data.nodes.new("CompositorNodeViewer")
            relight.id_data.links.new(relight.outputs[socket.name], sink.inputs[0])


def median_milliseconds(relight: Any) -> float:
    """Of evaluating one frame; the strength changes, so that nothing is skipped."""
    scene, taken = bpy.context.scene, []
    for run in range(RUNS + 1):
        relight.strength = 1.0 + 0.01 * run
        started = time.perf_counter()
        evaluate_for_render(scene)
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken[1:])


def _given(engine: ReadyEngine, _settings: EngineSettings) -> ReadyEngine:
    return engine


def _quiet_output() -> Callable[[str], None]:
    """Writes lines to the output as it is now, and sends what Blender itself says to nowhere."""
    kept = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def report(line: str) -> None:
        kept.write(line + "\n")
        kept.flush()

    return report


def main() -> None:
    """Print a table."""
    report = _quiet_output()
    report(f"Blender {bpy.app.version_string}, what the node adds to a frame, {RUNS} runs")
    report(f"{'plate':<10}{'image only':>14}{'all passes':>14}")
    with tempfile.TemporaryDirectory() as folder:
        for name, (width, height) in SIZES.items():
            plate = Path(folder) / f"{name}.png"
            write_png(plate, np.full((height, width, 3), 0.2, np.float32))
            relight = staged_scene(plate, width, height)
            engine = ReadyEngine(grey_passes(Camera(width, height, width, width, width / 2, height / 2)))
            ENGINE.use_factory(partial(_given, engine))
            one = median_milliseconds(relight)
            wire_all(relight)
            report(f"{name:<10}{one:>11.1f} ms{median_milliseconds(relight):>11.1f} ms")
            ENGINE.use_factory(None)
            unregister()


if __name__ == "__main__":
    main()
