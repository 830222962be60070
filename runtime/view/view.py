"""From what the network knows to the surface as the render camera sees it."""

from collections.abc import Callable

import numpy as np

from ..camera import Camera
from ..encoding import Encoding
from ..field.carved_field import CarvedField
from ..gbuffer import GBuffer
from ..light.harmonics import harmonics_rotation
from .confidence import confidence_of_matte
from .moved_view import empty_view, moved_view, positions
from .painted_view import painted_view
from .view_camera import (
    check_lens,
    check_outside_head,
    same_view,
    sees_head,
    view_crop_camera,
    world_from_crop_camera,
)

VIEW_SIZE = 256
"""Pixels along each side of the view crop of a camera that is not the plate's."""


def view(
    encoding: Encoding,
    plate_camera: Camera,
    render_camera: Camera,
    *,
    size: int = VIEW_SIZE,
    field: Callable[[], CarvedField | None] | None = None,
) -> GBuffer:
    """The encoded surface as a camera sees it, in world axes.

    From the plate's own camera these are the encoding's maps on the crop's own grid. From any other, the surface is met
    by rays from a square camera that stands where the render camera stands and looks at the head. What the plate never
    saw has confidence 0 and NaN plate pixels. With a field, it is painted from there. Without one, it keeps the
    network's own maps and the matte where it is the side of the body at an edge of depth; where there is nothing to go
    by, the matte is 0.

    A camera that does not have the head in its image is no error: the result is empty (matte 0).

    Args:
        encoding: what the network knows about the plate frame.
        plate_camera: the plate's camera in the world, at any pixel size.
        render_camera: the camera to see from; the same view as the plate's at another pixel size counts as the plate's.
        size: pixels along each side of the view crop of other cameras.
        field: gives the encoding's field, see `head_field`; it is not asked for from the plate's own camera.

    Raises:
        CameraError: the render camera is inside the head, or the plate camera's lens is not the one of the encoding.
    """
    crop = encoding.crop
    check_lens(crop, plate_camera)
    if same_view(plate_camera, render_camera):
        return _plate_view(encoding, plate_camera)
    check_outside_head(crop, plate_camera, render_camera)
    camera = view_crop_camera(crop, plate_camera, render_camera, size)
    world_from_crop = world_from_crop_camera(crop, plate_camera)
    if not sees_head(crop, plate_camera, render_camera):
        return empty_view(encoding, camera, world_from_crop)
    seen = moved_view(encoding, camera, world_from_crop)
    head = field() if field else None
    return seen if head is None else painted_view(seen, encoding, head, world_from_crop)


def _plate_view(encoding: Encoding, plate_camera: Camera) -> GBuffer:
    """The encoding's maps, turned into world axes."""
    crop = encoding.crop
    world_from_crop = world_from_crop_camera(crop, plate_camera)
    rotation = world_from_crop[:3, :3]
    harmonics = harmonics_rotation(rotation)
    camera = crop.camera.with_pose(world_from_crop)
    plate_pixels = crop.plate_pixels
    return GBuffer(
        camera=camera,
        albedo=encoding.albedo,
        normal=encoding.normal @ rotation.T.astype(np.float32),
        position=positions(camera, encoding.depth),
        depth=encoding.depth,
        matte=encoding.matte,
        transport=encoding.transport @ harmonics.T.astype(np.float32),
        roughness=encoding.roughness,
        specular=encoding.specular,
        confidence=confidence_of_matte(encoding.matte),
        plate_pixels=plate_pixels.astype(np.float32),
        own_light=harmonics @ encoding.light,
        is_plate_view=True,
    )
