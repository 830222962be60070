"""Any world as an equirectangular map: a persistent scene of ours renders it as a tiny Cycles panorama.

The map is sampled once per pixel, so a source smaller than a pixel (a sun) would be missed or counted wrongly. Tiles
that hold such a source are rendered again, enlarged, and averaged into the map.

Scenes must not be made or removed inside a render, so `ensure_bake_scene` is called on the main thread beforehand.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np

from ..runtime.errors import LightError, SceneError
from ..runtime.light.environment import read_environment_map
from ..runtime.light.equirectangular import solid_angles

if TYPE_CHECKING:
    from ..runtime.arrays import Float32Array

BAKE_NAME = ".Chiaro World"
"""Of the scene and everything in it; the leading dot keeps it out of menus."""

WIDTH = 1024
HEIGHT = 512
TILE = 32
ENLARGEMENT = 8
LARGEST_ERROR = 0.003
"""Share of the world's total light by which sampling may err in one tile before the tile is refined."""

MOST_TILES = 4

CAMERA_TURN = -math.pi / 2
"""About Z, radians: the panorama then has the layout of Blender's environment textures."""

SHELL_TURN = (0.31, 0.47, 0.73)
"""Radians, as Euler angles, against the camera's layout: no pixel's ray lies in a plane of symmetry of the shell."""


def ensure_bake_scene() -> Any:
    """The scene that renders worlds, made where there is none. Call it on the main thread, outside renders."""
    scene = bake_scene()
    if scene is not None:
        return scene
    scene = bpy.data.scenes.new(BAKE_NAME)
    _set_up_render(scene)
    scene.camera = _panorama_camera(scene)
    scene.collection.objects.link(_clear_shell())
    return scene


def bake_scene() -> Any | None:
    """Our scene, or None; one that lost its camera or its shell is none."""
    scene = bpy.data.scenes.get(BAKE_NAME)
    if scene is None or scene.camera is None or len(scene.collection.objects) < 2:
        return None
    return scene


def remove_bake_scene() -> None:
    """Remove the scene and everything in it. Call it on the main thread, outside renders."""
    for collection in (
        bpy.data.scenes,
        bpy.data.objects,
        bpy.data.cameras,
        bpy.data.meshes,
        bpy.data.materials,
    ):
        for block in [block for block in collection if block.name.startswith(BAKE_NAME)]:
            collection.remove(block)


def bake_world(world: Any, frame: int, *, turned_back: float = 0.0) -> Float32Array:
    """Render a world on a frame.

    Args:
        world: the original world; its animation is evaluated on the frame.
        frame: the scene's frame.
        turned_back: radians by which the directions are turned about Z on the frame, and which are taken out of the
            map: so the map is the same to the last sample, however the world is turned.

    Returns:
        (HEIGHT, WIDTH, 3) radiance, world axes, Blender's layout.

    Raises:
        SceneError: when the bake scene is missing, or Cycles is not available.
        LightError: when the world's radiance is not finite.
    """
    scene = bake_scene()
    if scene is None:
        raise SceneError(
            "The scene that reads the world is missing; it is made when a Relight node is added or a file is loaded: "
            "save and reload the file."
        )
    if scene.world != world:
        scene.world = world
    for turned in scene.collection.objects:
        turned.rotation_euler.z = (CAMERA_TURN if turned == scene.camera else SHELL_TURN[2]) - turned_back
    folder_made = tempfile.TemporaryDirectory(prefix="chiaro-world-", dir=bpy.app.tempdir or None)
    with folder_made as folder, _without_importance_map(world):
        radiance = _render(scene, frame, _WHOLE, Path(folder))
        for row, column in _tiles_to_refine(radiance):
            fine = _render(scene, frame, _tile_window(row, column), Path(folder))
            blocks = fine.reshape(TILE, ENLARGEMENT, TILE, ENLARGEMENT, 3)
            radiance[row : row + TILE, column : column + TILE] = blocks.mean(axis=(1, 3))
    return radiance


@contextmanager
def _without_importance_map(world: Any) -> Iterator[None]:
    """Keep Cycles from preparing to sample the world as a lamp, which takes seconds and serves no panorama."""
    before = world.cycles.sampling_method
    try:
        _set_sampling_method(world, "NONE")
        yield
    finally:
        _set_sampling_method(world, before)


def _set_sampling_method(world: Any, method: str) -> None:
    """Cycles' callback tags the world of the context's scene, so there has to be one."""
    if bpy.context.scene.world is not None:
        world.cycles.sampling_method = method
        return
    with bpy.context.temp_override(scene=bake_scene()):
        world.cycles.sampling_method = method


@dataclass(frozen=True)
class _Window:
    """A part of the panorama: angles in radians, longitude growing with u, size in pixels."""

    longitude: tuple[float, float]
    latitude: tuple[float, float]
    width: int
    height: int


_WHOLE = _Window((-math.pi, math.pi), (-math.pi / 2, math.pi / 2), WIDTH, HEIGHT)


def _tile_window(row: int, column: int) -> _Window:
    step = 2 * math.pi / WIDTH
    left, top = -math.pi + column * step, math.pi / 2 - row * step
    return _Window((left, left + TILE * step), (top - TILE * step, top), TILE * ENLARGEMENT, TILE * ENLARGEMENT)


def _tiles_to_refine(radiance: Float32Array) -> list[tuple[int, int]]:
    """Top left corners of the tiles whose light one sample per pixel cannot be trusted with, worst first.

    A pixel's error is taken to be of the size of its own light: it may hold the edge of a source. Errors of
    different pixels add in squares.
    """
    light = radiance.max(axis=2).astype(np.float64) * solid_angles(HEIGHT, WIDTH)
    total = light.sum()
    if not total > 0:
        return []
    squares = np.square(light).reshape(HEIGHT // TILE, TILE, WIDTH // TILE, TILE).sum(axis=(1, 3))
    errors = np.sqrt(squares) / total
    order = np.argsort(errors, axis=None)[::-1][:MOST_TILES]
    rows, columns = np.unravel_index(order, errors.shape)
    return [
        (int(row) * TILE, int(column) * TILE)
        for row, column in zip(rows, columns, strict=True)
        if errors[row, column] > LARGEST_ERROR
    ]


def _render(scene: Any, frame: int, window: _Window, folder: Path) -> Float32Array:
    """One panorama; (window.height, window.width, 3)."""
    camera = scene.camera.data
    camera.longitude_min, camera.longitude_max = window.longitude
    camera.latitude_min, camera.latitude_max = window.latitude
    scene.render.resolution_x, scene.render.resolution_y = window.width, window.height
    scene.render.filepath = str(folder / "world")
    # A still render would be on the frame of the context's scene, not of this one.
    scene.frame_start = scene.frame_end = frame
    bpy.ops.render.render("EXEC_DEFAULT", animation=True, scene=scene.name)
    path = Path(scene.render.frame_path(frame=frame))
    if not path.is_file():
        raise SceneError("Cycles did not render the world; enable the Cycles Render Engine add-on in the preferences.")
    try:
        radiance = read_environment_map(path)
    except LightError as error:
        raise LightError(
            "The world gives light that is NaN or infinite, or its panorama cannot be read; finite colours are "
            "expected: check the world's nodes and images."
        ) from error
    path.unlink()
    return radiance


def _set_up_render(scene: Any) -> None:
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.use_compositing = render.use_sequencer = render.use_stamp = render.use_motion_blur = False
    render.use_file_extension = render.use_overwrite = True
    render.use_placeholder = render.use_multiview = False
    render.film_transparent = False
    render.dither_intensity = 0.0
    image = render.image_settings
    image.file_format, image.color_mode, image.color_depth, image.exr_codec = "OPEN_EXR", "RGB", "32", "NONE"
    cycles.device = "CPU"
    cycles.samples = 1
    cycles.use_adaptive_sampling = cycles.use_denoising = cycles.use_light_tree = False
    cycles.pixel_filter_type, cycles.filter_width = "BOX", 0.01
    # More than one: a ray through an edge of the shell may meet both of its faces.
    cycles.max_bounces = cycles.transmission_bounces = 8
    cycles.sample_clamp_direct = cycles.sample_clamp_indirect = 0.0
    cycles.film_exposure = 1.0


def _panorama_camera(scene: Any) -> Any:
    """A camera whose panorama has the layout of Blender's environment textures."""
    camera = bpy.data.cameras.new(BAKE_NAME)
    camera.type, camera.panorama_type = "PANO", "EQUIRECTANGULAR"
    camera.clip_start = 0.001
    holder = bpy.data.objects.new(BAKE_NAME, camera)
    holder.rotation_euler = (math.pi / 2, 0.0, CAMERA_TURN)
    scene.collection.objects.link(holder)
    return holder


def _clear_shell() -> Any:
    """A cube around the camera that refracts without bending.

    Rays that reach the world through it are no camera rays, so worlds that show the camera another picture than they
    light with (Is Camera Ray, or ray visibility) give their light.
    """
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh = bpy.data.meshes.new(BAKE_NAME)
    mesh.from_pydata(corners, [], faces)
    material = bpy.data.materials.new(BAKE_NAME)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    refraction, output = nodes.new("ShaderNodeBsdfRefraction"), nodes.new("ShaderNodeOutputMaterial")
    refraction.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    refraction.inputs["Roughness"].default_value = 0.0
    refraction.inputs["IOR"].default_value = 1.0
    links.new(refraction.outputs[0], output.inputs["Surface"])
    mesh.materials.append(material)
    shell = bpy.data.objects.new(BAKE_NAME, mesh)
    shell.rotation_euler = SHELL_TURN
    return shell
