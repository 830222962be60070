"""Blender cameras as the runtime's pinhole cameras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..runtime.errors import CameraError, SceneError

if TYPE_CHECKING:
    from ..runtime.camera import Camera


@dataclass(frozen=True)
class PixelGrid:
    """The pixels a camera fills.

    Attributes:
        width: pixels.
        height: pixels.
        aspect_x: width of a pixel, as Blender's Pixel Aspect X.
        aspect_y: height of a pixel, as Blender's Pixel Aspect Y.
    """

    width: int
    height: int
    aspect_x: float = 1.0
    aspect_y: float = 1.0


def render_grid(scene: Any) -> PixelGrid:
    """The scene's render size with its percentage applied, rounded down as Blender does."""
    render = scene.render
    percentage = render.resolution_percentage
    return PixelGrid(
        max(1, render.resolution_x * percentage // 100),
        max(1, render.resolution_y * percentage // 100),
        render.pixel_aspect_x,
        render.pixel_aspect_y,
    )


def plate_grid(width: int, height: int, pixel_aspect: float) -> PixelGrid:
    """The plate's own pixels: the plate camera's lens and sensor fit apply to the plate's own shape.

    Args:
        width: pixels of the plate.
        height: pixels of the plate.
        pixel_aspect: width of a pixel ÷ its height.
    """
    return PixelGrid(width, height, pixel_aspect, 1.0)


def camera_from_object(camera_object: Any, depsgraph: Any, grid: PixelGrid) -> Camera:
    """The evaluated Blender camera as a pinhole camera.

    Focal lengths and principal point come out of Blender's own projection matrix, so sensor fit, shift and pixel
    aspect are Blender's: with P = calc_matrix_camera, x_ndc = P00·x/(−z) − P02, and the same for y.

    Args:
        camera_object: camera object, original or evaluated.
        depsgraph: the evaluated dependency graph of the frame.
        grid: the pixels that it fills.

    Raises:
        CameraError: not a perspective camera, or a degenerate one.
    """
    import numpy as np

    from ..runtime.camera import Camera

    evaluated = camera_object.evaluated_get(depsgraph)
    _check_perspective(evaluated)
    projection = evaluated.calc_matrix_camera(
        depsgraph, x=grid.width, y=grid.height, scale_x=grid.aspect_x, scale_y=grid.aspect_y
    )
    half_width, half_height = grid.width / 2, grid.height / 2
    return Camera(
        width=grid.width,
        height=grid.height,
        focal_x=half_width * projection[0][0],
        focal_y=half_height * projection[1][1],
        principal_x=half_width * (1.0 - projection[0][2]),
        principal_y=half_height * (1.0 + projection[1][2]),
        world_from_camera=np.array(evaluated.matrix_world.normalized(), dtype=np.float64),
    )


def _check_perspective(camera_object: Any) -> None:
    kind = camera_object.data.type
    if kind != "PERSP":
        names = {"ORTHO": "orthographic", "PANO": "panoramic"}
        raise CameraError(
            f"The camera {camera_object.name!r} is {names.get(kind, kind.lower())}; a perspective camera is expected: "
            "set its lens type to Perspective, or choose another camera."
        )


def scene_camera(scene: Any) -> Any:
    """The scene's active camera object.

    Raises:
        SceneError: there is none.
    """
    if scene.camera is None:
        raise SceneError(f"The scene {scene.name!r} has no camera; add one and make it the active camera.")
    return scene.camera


def plate_camera_object(chosen: Any | None, scene: Any, depsgraph: Any) -> Any:
    """The camera the plate was shot with: the node's choice, or the scene's camera.

    Raises:
        SceneError: no camera, or one that this scene's view layer does not evaluate.
        CameraError: not a camera.
    """
    if chosen is None:
        return scene_camera(scene)
    original = chosen.original
    if original.type != "CAMERA":
        raise CameraError(f"The plate camera {original.name!r} is a {original.type.lower()}; choose a camera object.")
    if original != scene.camera and not _is_evaluated(original, depsgraph):
        raise SceneError(
            f"The plate camera {original.name!r} is disabled in viewports or not in the view layer of scene "
            f"{scene.name!r}, so its keyframes do not count; enable it there (hiding it with the eye is fine)."
        )
    return original


def _is_evaluated(camera_object: Any, depsgraph: Any) -> bool:
    """Whether Blender evaluates the object's transform.

    `ID.is_evaluated` alone does not say: in Blender 4.5 the node's pointer to the camera makes it true without the
    transform.
    """
    view_layer = depsgraph.view_layer
    if camera_object.name not in view_layer.objects or not camera_object.evaluated_get(depsgraph).is_evaluated:
        return False
    hidden_by_eye = camera_object.hide_get(view_layer=view_layer) and not camera_object.hide_viewport
    return camera_object.visible_get(view_layer=view_layer) or hidden_by_eye
