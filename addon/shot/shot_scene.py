"""Giving the scene the plate's size, frames and speed, and a camera with the plate's lens."""

from __future__ import annotations

from math import radians
from typing import Any

import bpy

from .plate_choice import Lens, PlateFacts, is_clip

CAMERA_NAME = "Plate Camera"
STANDING_HEAD_METRES = 1.6
"""Height of the ears of a standing adult: with nothing else known, the head is put there, above the world's origin."""


def match_scene(scene: Any, facts: PlateFacts) -> None:
    """Give the scene the plate's size, pixel aspect, frames and frame rate."""
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = facts.width, facts.height, 100
    # Blender's pixel aspects start at 1.
    render.pixel_aspect_x = max(1.0, facts.pixel_aspect)
    render.pixel_aspect_y = max(1.0, 1.0 / facts.pixel_aspect)
    if facts.frames > 1:
        scene.frame_start, scene.frame_end = 1, facts.frames
        scene.frame_set(min(max(scene.frame_current, 1), facts.frames))
    if facts.frame_rate:
        rate = float(facts.frame_rate)
        render.fps = max(1, round(rate))
        render.fps_base = render.fps / rate  # 23.976 is 24 at a base of 1.001.


def show_plate_unchanged(scene: Any, plate: Any) -> None:
    """Take the view transform away where the plate is a finished picture: AgX and Filmic would grade it again.

    A plate that is scene-linear (OpenEXR) needs a view transform, so the scene keeps its own.
    """
    if plate.colorspace_settings.name == "sRGB":
        scene.view_settings.view_transform = "Standard"


def add_plate_camera(scene: Any, facts: PlateFacts, lens: Lens, plate: Any) -> Any:
    """A camera that looks along +Y at the height of a standing person's head, the plate behind it in the viewport."""
    data = bpy.data.cameras.new(CAMERA_NAME)
    data.lens, data.sensor_width, data.sensor_fit = lens.focal_length, lens.sensor_width, "AUTO"
    camera = bpy.data.objects.new(CAMERA_NAME, data)
    camera.location, camera.rotation_euler = (0.0, 0.0, STANDING_HEAD_METRES), (radians(90), 0.0, 0.0)
    scene.collection.objects.link(camera)
    background = data.background_images.new()
    if is_clip(plate):
        background.source, background.clip = "MOVIE_CLIP", plate
    else:
        background.image = plate
        follow_scene(background.image_user, facts)
    data.show_background_images = True
    scene.camera = camera
    return camera


def follow_scene(image_user: Any, facts: PlateFacts) -> None:
    """Let an image of several frames show the plate's first frame on the scene's frame 1, and go on from there."""
    if facts.frames > 1:
        image_user.frame_start, image_user.frame_duration = 1, facts.frames
        image_user.frame_offset, image_user.use_auto_refresh = facts.first_frame - 1, True


def stand_head_at_origin(camera: Any, head: Any) -> None:
    """Move a camera that nobody has placed yet, so that the head is above the world's origin at a standing height.

    Args:
        camera: the camera object.
        head: (3,) the head's centre, metres, world, as seen from where the camera stands now.
    """
    camera.location.x -= float(head[0])
    camera.location.y -= float(head[1])
    camera.location.z += STANDING_HEAD_METRES - float(head[2])
