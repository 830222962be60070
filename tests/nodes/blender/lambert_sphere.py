"""A diffuse sphere that Cycles renders, with the position and normal of every pixel: the judge of our irradiance."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import OpenImageIO
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from chiaro.nodes.blender_versions import BLENDER_5

RADIUS = 0.12
"""Metres: about a head."""


@dataclass(frozen=True)
class RenderedSphere:
    """What Cycles says about a sphere.

    Attributes:
        inside: (h, w) pixels that the sphere covers whole.
        irradiance: (h, w, 3) π × radiance / albedo.
        normal: (h, w, 3) world.
        position: (h, w, 3) metres, world.
    """

    inside: NDArray[np.bool_]
    irradiance: NDArray[np.float32]
    normal: NDArray[np.float32]
    position: NDArray[np.float32]


def add_sphere(scene: Any, albedo: float = 1.0) -> None:
    """A sphere at the origin and an orthographic camera that looks at it along +Y."""
    bpy.ops.mesh.primitive_uv_sphere_add(segments=256, ring_count=128, radius=RADIUS)
    sphere = bpy.context.object
    sphere.data.polygons.foreach_set("use_smooth", [True] * len(sphere.data.polygons))
    material = bpy.data.materials.new("Lambert")
    material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    diffuse, output = nodes.new("ShaderNodeBsdfDiffuse"), nodes.new("ShaderNodeOutputMaterial")
    diffuse.inputs["Color"].default_value = (albedo, albedo, albedo, 1.0)
    diffuse.inputs["Roughness"].default_value = 0.0
    material.node_tree.links.new(diffuse.outputs[0], output.inputs["Surface"])
    sphere.data.materials.append(material)
    camera = bpy.data.cameras.new("Camera")
    camera.type, camera.ortho_scale = "ORTHO", 2.1 * RADIUS
    scene.camera = bpy.data.objects.new("Camera", camera)
    scene.camera.matrix_world = Matrix.Translation((0.0, -1.0, 0.0)) @ Matrix.Rotation(np.pi / 2, 4, "X")
    scene.collection.objects.link(scene.camera)


def prepare_sphere_render(scene: Any, size: int, samples: int) -> None:
    """Cycles with direct light only and no filtering of any kind."""
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples = "CPU", samples
    cycles.use_adaptive_sampling = cycles.use_denoising = False
    cycles.max_bounces = 0
    cycles.pixel_filter_type, cycles.filter_width = "BOX", 0.01
    cycles.sample_clamp_direct = cycles.sample_clamp_indirect = cycles.light_sampling_threshold = 0.0
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.render.film_transparent = True
    scene.view_layers[0].use_pass_normal = scene.view_layers[0].use_pass_position = True
    settings = scene.render.image_settings
    if BLENDER_5:
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_depth = "32"


def render_sphere(scene: Any, path: Path, albedo: float = 1.0) -> RenderedSphere:
    """Render the scene's sphere."""
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    channels = _channels(path)
    image = _pick(channels, "Combined", "RGB")
    return RenderedSphere(
        inside=_pick(channels, "Combined", "A")[..., 0] > 0.999,
        irradiance=image * np.float32(np.pi / albedo),
        normal=_pick(channels, "Normal", "XYZ"),
        position=_pick(channels, "Position", "XYZ"),
    )


def _channels(path: Path) -> dict[str, NDArray[np.float32]]:
    channels = {}
    for part in range(OpenImageIO.ImageBuf(str(path)).nsubimages):
        buffer = OpenImageIO.ImageBuf(str(path), part, 0)
        pixels = buffer.get_pixels(OpenImageIO.FLOAT)
        channels.update({name: pixels[..., index] for index, name in enumerate(buffer.spec().channelnames)})
    return channels


def _pick(channels: dict[str, NDArray[np.float32]], layer: str, components: str) -> NDArray[np.float32]:
    found = [
        next(pixels for name, pixels in channels.items() if name.endswith(f"{layer}.{component}"))
        for component in components
    ]
    return np.stack(found, axis=-1)


def add_lamp(kind: str, location: tuple[float, float, float], **settings: Any) -> Any:
    """A lamp that looks at the origin."""
    light = bpy.data.lights.new("Lamp", kind)
    for name, value in settings.items():
        setattr(light, name, value)
    lamp = bpy.data.objects.new("Lamp", light)
    turn = (-Vector(location)).to_track_quat("-Z", "Y").to_matrix().to_4x4()
    lamp.matrix_world = Matrix.Translation(location) @ turn
    bpy.context.scene.collection.objects.link(lamp)
    return lamp


def write_map(path: Path, radiance: NDArray[np.float32]) -> Path:
    """Write an environment map as a 32-bit EXR."""
    height, width = radiance.shape[:2]
    buffer = OpenImageIO.ImageBuf(OpenImageIO.ImageSpec(width, height, 3, "float"))
    buffer.set_pixels(buffer.roi, np.ascontiguousarray(radiance))
    assert buffer.write(str(path)), buffer.geterror()
    return path


def empty_world(scene: Any) -> Any:
    """A black world with nodes; returns its node tree."""
    world = bpy.data.worlds.new("World")
    scene.world = world
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.0, 0.0, 0.0, 1.0)
    return world.node_tree


def rotating_environment(scene: Any, path: Path, rotation_z: float, strength: float = 1.0) -> Any:
    """A world with an environment texture behind a Mapping node; returns the mapping's rotation socket."""
    tree = empty_world(scene)
    coordinate, mapping, texture = (
        tree.nodes.new(f"ShaderNode{name}") for name in ("TexCoord", "Mapping", "TexEnvironment")
    )
    texture.image = bpy.data.images.load(str(path), check_existing=True)
    mapping.inputs["Rotation"].default_value = (0.0, 0.0, rotation_z)
    background = tree.nodes["Background"]
    background.inputs["Strength"].default_value = strength
    tree.links.new(coordinate.outputs["Generated"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], texture.inputs["Vector"])
    tree.links.new(texture.outputs["Color"], background.inputs["Color"])
    return mapping.inputs["Rotation"]
