"""The demonstration's scene: a plate, a world, a lamp and a camera, all keyframed, and a Relight node."""

from dataclasses import dataclass
from math import cos, radians, sin
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

from ...nodes.blender_versions import (
    animation_curves,
    compositor_over,
    ensure_compositor_tree,
    ensure_render_output,
)
from ...nodes.relight_nodes import RELIGHT_NODE
from .pass_output import add_pass_output

FOCAL_LENGTH_MM = 50.0
SENSOR_WIDTH_MM = 36.0
ORBIT_DEGREES = 12.0
LONGEST_SIDE = 720
CLOSE_UP_METRES = 0.43
"""Width of the render camera's picture at the head: what the network sees of the person fills it."""
LAMP_WATTS = 10.0
LAMP_DISTANCE = 1.2
BACKGROUND_SAMPLES = 4


@dataclass(frozen=True)
class Shot:
    """What the scene is made of.

    Attributes:
        plate: the plate's file.
        hdri: the environment's file.
        head: (3,) the head's centre, metres; the plate's camera is at the origin and looks along +Y.
        passes_folder: where the compositor writes the passes.
        frames: how many frames.
    """

    plate: Path
    hdri: Path
    head: tuple[float, float, float]
    passes_folder: Path
    frames: int


def build_scene(shot: Shot) -> Any:
    """Build the scene in an empty file; returns it."""
    scene = bpy.context.scene
    image = bpy.data.images.load(str(shot.plate))
    _set_up_render(scene, image, shot.frames)
    plate_camera = _camera("Plate Camera", scene)
    plate_camera.rotation_euler = (radians(90), 0, 0)
    render_camera = _camera("Render Camera", scene)
    _orbit(render_camera, shot, scene)
    scene.camera = render_camera
    scene.world = _world(shot)
    _lamp(shot, scene)
    _compositor(scene, image, plate_camera, shot)
    _interpolate_linearly(scene)
    return scene


def _set_up_render(scene: Any, image: Any, frames: int) -> None:
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing)
    width, height = image.size
    scale = min(1.0, LONGEST_SIDE / max(width, height))
    render = scene.render
    # Even sizes: the movie's encoder takes no others.
    render.resolution_x, render.resolution_y = (max(2, round(side * scale / 2) * 2) for side in (width, height))
    render.resolution_percentage = 100
    render.engine = "CYCLES"
    scene.cycles.samples = BACKGROUND_SAMPLES
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = False
    scene.view_settings.view_transform = "Standard"
    scene.frame_start, scene.frame_end = 1, frames


def _camera(name: str, scene: Any) -> Any:
    data = bpy.data.cameras.new(name)
    data.lens = FOCAL_LENGTH_MM
    thing = bpy.data.objects.new(name, data)
    scene.collection.objects.link(thing)
    return thing


def _orbit(camera: Any, shot: Shot, scene: Any) -> None:
    """A close-up from where the plate's camera stands, carried around the head by a parent that stands there."""
    pivot = bpy.data.objects.new("Head", None)
    pivot.empty_display_size = 0.12
    pivot.location = shot.head
    scene.collection.objects.link(pivot)
    camera.parent = pivot
    camera.location = [-value for value in shot.head]
    towards_head = Vector(shot.head)
    camera.rotation_euler = (towards_head - Vector((0, 0, -0.02))).to_track_quat("-Z", "Y").to_euler()
    camera.data.lens = SENSOR_WIDTH_MM * towards_head.length / CLOSE_UP_METRES
    for frame, degrees in ((1, -ORBIT_DEGREES), (shot.frames, ORBIT_DEGREES)):
        pivot.rotation_euler = (0, 0, radians(degrees))
        pivot.keyframe_insert("rotation_euler", frame=frame)


def _world(shot: Shot) -> Any:
    world = bpy.data.worlds.new("Relight World")
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    environment = nodes.new("ShaderNodeTexEnvironment")
    environment.image = bpy.data.images.load(str(shot.hdri))
    mapping, coordinates = nodes.new("ShaderNodeMapping"), nodes.new("ShaderNodeTexCoord")
    links.new(coordinates.outputs["Generated"], mapping.inputs["Vector"])
    links.new(mapping.outputs["Vector"], environment.inputs["Vector"])
    links.new(environment.outputs["Color"], nodes["Background"].inputs["Color"])
    rotation = mapping.inputs["Rotation"]
    for frame, degrees in ((1, 0.0), (shot.frames, 180.0)):
        rotation.default_value = (0, 0, radians(degrees))
        rotation.keyframe_insert("default_value", frame=frame)
    return world


def _lamp(shot: Shot, scene: Any) -> None:
    """An area lamp that walks from the camera's left to its right in front of the person."""
    data = bpy.data.lights.new("Key", "AREA")
    data.energy, data.size, data.color = LAMP_WATTS, 0.4, (1.0, 0.72, 0.45)
    lamp = bpy.data.objects.new("Key", data)
    scene.collection.objects.link(lamp)
    aim = lamp.constraints.new("TRACK_TO")
    aim.target = bpy.data.objects["Head"]
    aim.track_axis, aim.up_axis = "TRACK_NEGATIVE_Z", "UP_Y"
    for frame, degrees in ((1, -70.0), (shot.frames, 70.0)):
        lamp.location = (
            shot.head[0] + LAMP_DISTANCE * sin(radians(degrees)),
            shot.head[1] - LAMP_DISTANCE * cos(radians(degrees)),
            shot.head[2] + 0.45,
        )
        lamp.keyframe_insert("location", frame=frame)


def _compositor(scene: Any, image: Any, plate_camera: Any, shot: Shot) -> None:
    """Plate → Relight → over the rendered world; every pass to the file output."""
    tree = ensure_compositor_tree(scene)
    plate, relight = tree.nodes.new("CompositorNodeImage"), tree.nodes.new(RELIGHT_NODE)
    layers = tree.nodes.new("CompositorNodeRLayers")
    plate.image = image
    plate.location, relight.location, layers.location = (-400, 0), (-100, 0), (-400, 300)
    relight.plate_camera = plate_camera
    tree.links.new(plate.outputs["Image"], relight.inputs["Image"])
    over = compositor_over(tree, layers.outputs["Image"], relight.outputs["Image"])
    tree.links.new(over, ensure_render_output(tree))
    add_pass_output(tree, relight, over, shot.passes_folder)


def _interpolate_linearly(scene: Any) -> None:
    animated = [*bpy.data.objects, scene.world.node_tree]
    for curve in (curve for thing in animated for curve in animation_curves(thing)):
        for point in curve.keyframe_points:
            point.interpolation = "LINEAR"
