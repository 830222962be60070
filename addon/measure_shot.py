"""A shot analysed and rendered in the background, with time and memory: python -m chiaro.addon.measure_shot PLATE.

Prints the memory in use every few frames: a render of any length must not grow.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..nodes.blender_versions import ensure_compositor_tree, ensure_render_output
from ..nodes.relight_nodes import RELIGHT_NODE
from .preferences import CACHE_VARIABLE
from .registration import register

EVERY = 20
PAGES = Path("/proc/self/statm")
MEGABYTE = 1_000_000


@dataclass
class Measurement:
    """What was seen at the end of each frame.

    Attributes:
        seconds: when.
        megabytes: memory in use by the process.
    """

    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def take(self, *_arguments: Any) -> None:
        """A frame is done."""
        self.seconds.append(time.perf_counter())
        self.megabytes.append(memory_in_use())
        count = len(self.seconds)
        if count % EVERY == 0:
            taken = (self.seconds[-1] - self.seconds[-EVERY]) / (EVERY - 1)
            say(f"frame {count:4d}  {self.megabytes[-1]:7.0f} MB  {taken:5.2f} s per frame")

    def growth(self) -> float:
        """Megabytes per 100 frames over the second half, by least squares."""
        late = self.megabytes[len(self.megabytes) // 2 :]
        return float(100 * np.polyfit(np.arange(len(late)), late, 1)[0])


def say(text: str) -> None:
    """A line for the reader, past Blender's own lines."""
    print(text, flush=True)  # noqa: T201 - a command


def memory_in_use() -> float:
    """Resident megabytes of this process."""
    return int(PAGES.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def stage(plate: Path, frames: int, folder: Path) -> Any:
    """A scene of the plate's size with a lamp that walks and a camera that turns, so that every frame differs."""
    bpy.ops.wm.read_factory_settings(use_empty=False)
    scene = bpy.context.scene
    image = bpy.data.images.load(str(plate))
    scene.render.resolution_x, scene.render.resolution_y = image.size
    scene.render.resolution_percentage = 100
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.frame_start, scene.frame_end = 1, frames
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.filepath = str(folder / "frame_####.exr")
    scene.camera.location, scene.camera.rotation_euler = (0.0, 0.0, 0.0), (np.pi / 2, 0.0, 0.0)
    lamp = next(thing for thing in scene.objects if thing.type == "LIGHT")
    for frame, x in ((1, -1.0), (frames, 1.0)):
        lamp.location = (x, 0.0, 1.0)
        lamp.keyframe_insert("location", frame=frame)
    for mesh in [thing for thing in scene.objects if thing.type == "MESH"]:
        bpy.data.objects.remove(mesh)
    tree = ensure_compositor_tree(scene)
    source, relight = tree.nodes.new("CompositorNodeImage"), tree.nodes.new(RELIGHT_NODE)
    source.image, source.frame_duration = image, frames
    tree.links.new(source.outputs["Image"], relight.inputs["Image"])
    tree.links.new(relight.outputs["Image"], ensure_render_output(tree))
    return scene


def main() -> None:
    """Analyse, render, print."""
    parser = argparse.ArgumentParser(description="Analyse and render a shot; print time and memory.")
    parser.add_argument("plate", type=Path, help="movie, or a file of a sequence")
    parser.add_argument("--frames", type=int, default=240)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault(CACHE_VARIABLE, str(Path(folder) / "cache"))
        started = time.perf_counter()
        register()
        say(f"registering took {1000 * (time.perf_counter() - started):.0f} ms")
        scene = stage(arguments.plate.absolute(), arguments.frames, Path(folder))
        started = time.perf_counter()
        bpy.ops.chiaro.analyse()
        say(f"analysing took {(time.perf_counter() - started) / arguments.frames:.2f} s per frame")
        measurement = Measurement()
        bpy.app.handlers.render_post.append(measurement.take)
        bpy.ops.render.render(animation=True, scene=scene.name)
        say(f"second half: {measurement.growth():+.1f} MB per 100 frames; peak {max(measurement.megabytes):.0f} MB")
        for path in Path(folder).glob("*.exr"):
            path.unlink()
    sys.stdout.flush()
    os._exit(0)  # Blender's module may hang when it is left in the ordinary way.


if __name__ == "__main__":
    main()
