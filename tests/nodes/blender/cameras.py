"""Blender's cameras and ours project every point to the same pixel."""

from itertools import product
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector
from tests.nodes.blender.staging import add_camera, prepare_render

from chiaro.nodes.scene_camera import PixelGrid, camera_from_object, plate_grid, render_grid
from chiaro.runtime.errors import CameraError

POINTS = np.array([[0.1, 0.2, 0.3], [-0.4, 0.0, 0.2], [0.3, 1.0, -0.5], [0.0, 0.0, 0.0]])


def _evaluated(scene: Any) -> Any:
    bpy.context.view_layer.update()
    return bpy.context.evaluated_depsgraph_get()


def _pixels_of_blender(scene: Any, camera: Any) -> Any:
    grid = render_grid(scene)
    views = [world_to_camera_view(scene, camera, Vector(point)) for point in POINTS]
    return np.array([[view.x * grid.width, (1.0 - view.y) * grid.height] for view in views])


def _pixels_of_ours(scene: Any, camera: Any, grid: PixelGrid) -> Any:
    ours = camera_from_object(camera, _evaluated(scene), grid)
    homogeneous = np.c_[POINTS, np.ones(len(POINTS))]
    return ours.project((ours.camera_from_world @ homogeneous.T).T[:, :3])


def check_projection_agrees_with_blender(folder: Path) -> None:
    del folder
    scene = bpy.context.scene
    camera = add_camera(scene)
    scene.camera = camera
    camera.rotation_euler = (1.4, 0.1, 0.2)
    camera.data.lens = 35
    for (width, height), fit, shift, aspect, percentage in product(
        ((320, 200), (200, 320), (101, 57)),
        ("AUTO", "HORIZONTAL", "VERTICAL"),
        ((0.0, 0.0), (0.2, -0.1)),
        ((1.0, 1.0), (2.0, 1.0), (1.0, 1.5)),
        (100, 50),
    ):
        prepare_render(scene, width, height)
        scene.render.resolution_percentage = percentage
        scene.render.pixel_aspect_x, scene.render.pixel_aspect_y = aspect
        camera.data.sensor_fit = fit
        camera.data.sensor_height = 20.0
        camera.data.shift_x, camera.data.shift_y = shift
        ours = _pixels_of_ours(scene, camera, render_grid(scene))
        # world_to_camera_view frames the unrounded size, so an odd size at 50 % differs by up to half a pixel.
        exact = (width * percentage) % 100 == 0 and (height * percentage) % 100 == 0
        message = f"{width}x{height} {fit} {shift} {aspect} {percentage}"
        np.testing.assert_allclose(
            ours, _pixels_of_blender(scene, camera), atol=2e-3 if exact else 0.75, err_msg=message
        )


def check_a_scaled_camera_or_parent_changes_nothing(folder: Path) -> None:
    del folder
    scene = bpy.context.scene
    camera = add_camera(scene)
    prepare_render(scene)
    before = _pixels_of_ours(scene, camera, render_grid(scene))
    camera.scale = (2.0, 2.0, 2.0)
    np.testing.assert_allclose(_pixels_of_ours(scene, camera, render_grid(scene)), before, atol=1e-4)


def check_a_mirrored_camera_is_refused(folder: Path) -> None:
    del folder
    camera = add_camera(bpy.context.scene)
    camera.scale = (-1.0, 1.0, 1.0)
    _assert_refused(camera, "mirrors")


def check_other_lens_types_are_refused(folder: Path) -> None:
    del folder
    camera = add_camera(bpy.context.scene)
    camera.data.type = "ORTHO"
    _assert_refused(camera, "orthographic")
    camera.data.type = "PANO"
    _assert_refused(camera, "panoramic")


def _assert_refused(camera: Any, word: str) -> None:
    try:
        camera_from_object(camera, _evaluated(bpy.context.scene), PixelGrid(64, 48))
    except CameraError as error:
        assert word in str(error), error
    else:
        raise AssertionError(f"a camera that is {word} was taken")


def check_the_plate_camera_takes_the_shape_of_the_plate(folder: Path) -> None:
    del folder
    scene = bpy.context.scene
    camera = add_camera(scene)
    depsgraph = _evaluated(scene)
    wide = camera_from_object(camera, depsgraph, plate_grid(200, 100, 1.0))
    tall = camera_from_object(camera, depsgraph, plate_grid(100, 200, 1.0))
    squeezed = camera_from_object(camera, depsgraph, plate_grid(100, 100, 2.0))
    np.testing.assert_allclose([wide.focal_x, tall.focal_y], 200 * 50 / 36, rtol=1e-5)
    np.testing.assert_allclose(squeezed.focal_y / squeezed.focal_x, 2.0, rtol=1e-5)
