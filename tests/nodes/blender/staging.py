"""Builds small scenes with a Relight node, renders them, and reads back what came out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray
from tests.nodes.blender.staging_files import plate_pixels, read_exr, write_exr

from chiaro.nodes.blender_versions import ensure_compositor_tree, ensure_render_output
from chiaro.nodes.relight_nodes import RELIGHT_NODE

WIDTH, HEIGHT = 32, 20


@dataclass(frozen=True)
class Stage:
    """A scene with a plate, a camera, a world and a Relight node wired to the render output."""

    scene: Any
    tree: Any
    plate: Any
    relight: Any
    camera: Any
    output: Any

    def show(self, socket: str) -> None:
        """Wire an output of the Relight node to the render result."""
        self.tree.links.new(self.relight.outputs[socket], self.output)


def prepare_render(scene: Any, width: int = WIDTH, height: int = HEIGHT) -> None:
    """A render of one sample into a 32-bit EXR."""
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    settings = scene.render.image_settings
    settings.file_format = "OPEN_EXR"
    settings.color_depth, settings.color_mode, settings.exr_codec = "32", "RGBA", "ZIP"


def add_camera(scene: Any, name: str = "Camera") -> Any:
    """A camera three metres in front of the origin, looking along +Y."""
    camera = bpy.data.objects.new(name, bpy.data.cameras.new(name))
    camera.location, camera.rotation_euler = (0.0, -3.0, 0.0), (np.pi / 2, 0.0, 0.0)
    scene.collection.objects.link(camera)
    return camera


def add_world(scene: Any, strength: float = 1.0) -> Any:
    """A grey world; returns its Background node."""
    world = bpy.data.worlds.new("World")
    world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.bl_idname == "ShaderNodeBackground")
    background.inputs["Color"].default_value = (0.5, 0.5, 0.5, 1.0)
    background.inputs["Strength"].default_value = strength
    scene.world = world
    return background


def add_relight(tree: Any, source: Any) -> Any:
    """A Relight node wired to an output socket."""
    node = tree.nodes.new(RELIGHT_NODE)
    tree.links.new(source, node.inputs["Image"])
    return node


def stage(folder: Path, *, scene: Any = None, plate_size: tuple[int, int] = (WIDTH, HEIGHT), seed: int = 0) -> Stage:
    """A scene that is ready to render."""
    scene = scene or bpy.context.scene
    prepare_render(scene)
    camera = add_camera(scene)
    scene.camera = camera
    add_world(scene)
    tree = ensure_compositor_tree(scene)
    plate = tree.nodes.new("CompositorNodeImage")
    path = write_exr(folder / f"plate_{seed}.exr", plate_pixels(*plate_size, seed))
    plate.image = bpy.data.images.load(str(path))
    relight = add_relight(tree, plate.outputs["Image"])
    staged = Stage(scene, tree, plate, relight, camera, ensure_render_output(tree))
    staged.show("Image")
    return staged


def render_frame(scene: Any, path: Path, frame: int | None = None) -> NDArray[np.float32]:
    """Render one frame and read it."""
    if frame is not None:
        scene.frame_set(frame)
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True, scene=scene.name)
    return read_exr(path)


def render_animation(scene: Any, folder: Path, first: int, last: int) -> dict[int, NDArray[np.float32]]:
    """Render frames as an animation and read them."""
    scene.frame_start, scene.frame_end = first, last
    scene.render.filepath = str(folder / "frame_####.exr")
    bpy.ops.render.render(animation=True, scene=scene.name)
    return {frame: read_exr(folder / f"frame_{frame:04d}.exr") for frame in range(first, last + 1)}
