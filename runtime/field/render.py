"""The field as a camera sees it."""

from dataclasses import dataclass

import numpy as np

from ..arrays import AnyFloatArray, BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..crop import Crop
from ..head import CROP_HALF_WIDTH_METRES
from .carved_field import PointField
from .field import crop_coordinates
from .grid import DistanceGrid
from .march import Rays, march

LARGEST_OFFSET = 1.0
"""Half widths before and behind the head's centre that the planes hold."""


@dataclass(frozen=True)
class FieldView:
    """The field's surface on the pixel grid of a square camera; vectors in the crop camera's axes.

    Attributes:
        alpha: (h, w) 0..1 cover.
        depth: (h, w) metres along the view camera's axis.
        crop_points: (h, w, 3) crop coordinates of the surface.
        albedo: (h, w, 3) linear.
        normal: (h, w, 3) unit.
        transport: (h, w, 9).
        roughness: (h, w).
    """

    alpha: Float32Array
    depth: Float32Array
    crop_points: Float32Array
    albedo: Float32Array
    normal: Float32Array
    transport: Float32Array
    roughness: Float32Array


def render_field(
    field: PointField,
    grid: DistanceGrid,
    crop: Crop,
    camera: Camera,
    crop_from_view: Float64Array,
    *,
    wanted: BoolArray | None = None,
) -> FieldView:
    """See the field from a square view camera.

    Args:
        field: of an encoding.
        grid: of the field.
        crop: of that encoding.
        camera: the view camera; only its intrinsics are used.
        crop_from_view: (4, 4) crop camera from view camera, metres.
        wanted: (h, w) pixels to look at; all when None.
    """
    rays = view_rays(crop, camera, crop_from_view)
    crossings = march(
        rays,
        lambda points: grid.at(crop_coordinates(points, crop)),
        lambda points: field.distance(crop_coordinates(points, crop)),
        wanted,
    )
    pixel_width = crossings.depth / np.float32(camera.focal_x * CROP_HALF_WIDTH_METRES)
    alpha = np.clip(np.float32(1) - crossings.clearance / np.maximum(pixel_width, np.float32(1e-6)), 0, 1)
    # Next to its surface only: farther off a learned distance may lie so flat that a ray that misses seems near.
    alpha *= beside(crossings.hit)
    shown = np.flatnonzero(alpha > 0)
    depth = crossings.depth.reshape(-1)
    points = rays.origin + rays.direction.reshape(-1, 3)[shown] * depth[shown, None]
    coordinates = crop_coordinates(points, crop)
    surface = field.surface(coordinates) if len(shown) else {}
    size = camera.width

    def image(values: Float32Array | None, channels: int) -> Float32Array:
        result = np.zeros((size * size, channels), np.float32)
        if values is not None:
            result[shown] = values
        return result.reshape((size, size, channels) if channels > 1 else (size, size))

    return FieldView(
        alpha=alpha.astype(np.float32),
        depth=crossings.depth,
        crop_points=image(coordinates, 3),
        albedo=image(surface.get("albedo"), 3),
        normal=image(surface.get("normal"), 3),
        transport=image(surface.get("transport"), 9),
        roughness=image(surface.get("roughness"), 1),
    )


def beside(hit: BoolArray) -> BoolArray:
    """(h, w) pixels that are hit, or next to one that is."""
    padded = np.pad(hit, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    around: BoolArray = rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
    return around


def view_rays(crop: Crop, camera: Camera, crop_from_view: Float64Array) -> Rays:
    """The view camera's rays in the crop camera's space, bounded by what the planes hold."""
    direction = (camera.pixel_directions @ crop_from_view[:3, :3].T).astype(np.float32)
    origin = crop_from_view[:3, 3]
    near, far = ray_interval(origin, direction, crop)
    return Rays(*(np.asarray(values, np.float32) for values in (origin, direction, near, far)))


def ray_interval(origin: AnyFloatArray, direction: AnyFloatArray, crop: Crop) -> tuple[AnyFloatArray, AnyFloatArray]:
    """Depths between which rays are inside the crop's frustum, LARGEST_OFFSET around the head's centre.

    Args:
        origin: (3,) metres, crop camera's axes.
        direction: (..., 3) per metre of the view's depth.
        crop: the crop.

    Returns:
        Two (...) arrays; far ≤ near where a ray misses.
    """
    tangent = crop.camera.width / 2 / crop.camera.focal_x
    reach = LARGEST_OFFSET * CROP_HALF_WIDTH_METRES
    nearest = max(crop.head_distance - reach, 0.05 * crop.head_distance)
    planes = np.array(
        [
            [0.0, 0.0, -1.0, -nearest],
            [0.0, 0.0, 1.0, crop.head_distance + reach],
            [1.0, 0.0, -tangent, 0.0],
            [-1.0, 0.0, -tangent, 0.0],
            [0.0, 1.0, -tangent, 0.0],
            [0.0, -1.0, -tangent, 0.0],
        ]
    )
    near = np.full(direction.shape[:-1], 1e-3, direction.dtype)
    far = np.full(direction.shape[:-1], np.inf, direction.dtype)
    outside: BoolArray = np.zeros(direction.shape[:-1], np.bool_)
    # One plane after the other: six at once do not fit into the processor's cache.
    for plane in planes:
        at_origin = float(plane[:3] @ origin + plane[3])
        slope = direction @ plane[:3].astype(direction.dtype)
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = -at_origin / slope
        np.maximum(near, crossing, out=near, where=slope > 0)
        np.minimum(far, crossing, out=far, where=slope < 0)
        if at_origin < 0:
            outside |= slope == 0
    return near, np.where(outside, near, far)
