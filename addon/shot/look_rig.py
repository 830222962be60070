"""The lamps of a studio look, built around the head and kept in step with the look's settings."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, pi, sin
from typing import TYPE_CHECKING, Any

import bpy

from ...nodes.relight_nodes import relight_nodes
from .look_settings import LAMPS

if TYPE_CHECKING:
    from ...runtime.arrays import Float64Array

RIG_NAME = "Studio Look"
RIG_MARK = "chiaro_look"
LAMP_MARK = "chiaro_look_lamp"
SMALLEST_DIAMETER = 0.01


def look_rig(scene: Any) -> Any | None:
    """The Empty that carries the scene's look, or None."""
    return next((thing for thing in scene.objects if RIG_MARK in thing), None)


def build_rig(scene: Any, world_from_head: Float64Array) -> Any:
    """Place the look's lamps around a head; an older look of ours goes.

    Args:
        scene: gets a collection with the lamps.
        world_from_head: (4, 4) head pose.
    """
    remove_rig(scene)
    collection = bpy.data.collections.new(RIG_NAME)
    scene.collection.children.link(collection)
    rig = bpy.data.objects.new(RIG_NAME, None)
    rig.empty_display_type, rig.empty_display_size = "CIRCLE", 0.3
    rig[RIG_MARK] = True
    rig.matrix_world = _standing_at(world_from_head)
    collection.objects.link(rig)
    for name in LAMPS:
        data = bpy.data.lights.new(f"Look {name.title()}", "AREA")
        data.shape = "DISK"
        lamp = bpy.data.objects.new(f"Look {name.title()}", data)
        lamp[LAMP_MARK] = name
        lamp.parent = rig
        lamp.visible_camera = False
        collection.objects.link(lamp)
    update_rig(scene)
    return rig


def _standing_at(world_from_head: Float64Array) -> Any:
    """The rig stands upright at the head's centre and is turned as the face looks: its −Y looks where the face does."""
    from mathutils import Matrix

    facing = world_from_head[:3, 2]
    # A face that looks straight up or down is turned as its crown points.
    level = facing if abs(facing[2]) < 0.95 else -world_from_head[:3, 1] * (1.0 if facing[2] > 0 else -1.0)
    x, y = float(level[0]), float(level[1])
    length = (x * x + y * y) ** 0.5 or 1.0
    x, y = x / length, y / length
    matrix = Matrix(((-y, -x, 0.0, 0.0), (x, -y, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0)))
    matrix.translation = [float(value) for value in world_from_head[:3, 3]]
    return matrix


def remove_rig(scene: Any) -> None:
    """Take the look's lamps away, and what only they used."""
    rig = look_rig(scene)
    if rig is None:
        return
    collections = [group for group in rig.users_collection if group.name.startswith(RIG_NAME)]
    for lamp in list(rig_lamps(scene)):
        data = lamp.data
        bpy.data.objects.remove(lamp)
        if data.users == 0:
            bpy.data.lights.remove(data)
    bpy.data.objects.remove(rig)
    for collection in collections:
        if not collection.objects and not collection.children:
            bpy.data.collections.remove(collection)


def rig_lamps(scene: Any) -> Iterator[Any]:
    """The look's lamps, as far as they are still there."""
    rig = look_rig(scene)
    return (thing for thing in scene.objects if rig is not None and LAMP_MARK in thing and thing.parent == rig)


def update_rig(scene: Any) -> None:
    """Bring the lamps to the look's settings."""
    look = scene.chiaro_look
    for lamp in rig_lamps(scene):
        settings = getattr(look, lamp[LAMP_MARK])
        lamp.location = lamp_location(settings.yaw, settings.pitch, settings.distance)
        lamp.rotation_euler = _towards_centre(lamp.location)
        lamp.data.size = max(settings.size, SMALLEST_DIAMETER)
        lamp.data.color = settings.colour
        lamp.data.energy = lamp_power(settings.level, settings.distance, lamp.data.size)
        lamp.hide_render = lamp.hide_viewport = not (settings.use and settings.level > 0.0)


def lamp_location(yaw: float, pitch: float, distance: float) -> tuple[float, float, float]:
    """Where a lamp stands, metres, in the rig's axes: the face looks along −Y, z is up, +X is the picture's right."""
    level = cos(pitch)
    return (distance * level * sin(yaw), -distance * level * cos(yaw), distance * sin(pitch))


def lamp_power(level: float, distance: float, diameter: float) -> float:
    """Watts of a disc that makes a facing white card send back the radiance `level`.

    A disc of radius r and radiance L gives the irradiance π L r² / (r² + d²) on its axis, and Blender's disc of power P
    has L = P / (π · π r²); a white card sends back irradiance / π.
    """
    radius = diameter / 2.0
    return level * pi * pi * (radius * radius + distance * distance)


def _towards_centre(location: Any) -> Any:
    """A lamp shines along its −Z."""
    from mathutils import Vector

    return (-Vector(location)).to_track_quat("-Z", "Y").to_euler()


def use_world_light(scene: Any, *, use: bool) -> None:
    """Let the look decide whether the world lights the person."""
    for found in relight_nodes(scene):
        found.node.use_world = use
        found.node.use_lamps = True
