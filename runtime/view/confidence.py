"""How much of the surface's detail the plate really saw."""

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..camera import Camera
from ..small_matrices import inverse
from .border import smoothstep
from .heightfield import Heightfield
from .intersection import Hits

UNSEEN_STRETCH, SHARP_STRETCH = 0.08, 0.5
"""Foreshortening of the surface in the plate over that in the view: below the first the plate saw nothing to speak of,
above the second its detail is whole."""
TRUSTED_MATTE = 0.5
"""Matte above which the plate's colour counts as the person's alone."""


def confidence_of_matte(matte: Float32Array) -> Float32Array:
    """Falls off towards the matte's edge, where the plate's colour is part background."""
    return smoothstep(0.0, TRUSTED_MATTE, matte)


def confidence_of_foreshortening(seen: Float32Array) -> Float32Array:
    """Falls off where the plate saw the surface at a grazing angle and the view does not."""
    return smoothstep(UNSEEN_STRETCH, SHARP_STRETCH, seen)


def foreshortening(field: Heightfield, camera: Camera, hits: Hits, crop_from_view: Float64Array) -> Float32Array:
    """(N,) 0..1 cosine between surface and plate ray over the cosine between surface and view ray.

    1 where the plate saw the surface at least as squarely as the view does, 0 where it saw it edge-on. The normal is
    that of the depth map, because this is about how far the plate's pixels are drawn out over that surface.
    """
    plate_ray = _rays_of_depth_one(field, hits.crop_pixels)
    normal = _depth_normal(field, hits.crop_pixels, plate_ray)
    centres = np.stack([hits.pixel % camera.width + 0.5, hits.pixel // camera.width + 0.5], axis=-1)
    view_ray = (camera.directions(centres) @ crop_from_view[:3, :3].T).astype(np.float32)
    plate_cosine = -_dot(normal, plate_ray) / np.sqrt(_dot(plate_ray, plate_ray))
    view_cosine = -_dot(normal, view_ray) / np.sqrt(_dot(view_ray, view_ray))
    ratio = np.where(view_cosine > 0, plate_cosine / np.maximum(view_cosine, np.float32(1e-6)), np.float32(1))
    limited: Float32Array = np.clip(ratio, 0, 1).astype(np.float32)
    return limited


def _depth_normal(field: Heightfield, crop_pixels: Float32Array, plate_ray: Float32Array) -> Float32Array:
    """(N, 3) normals, not of unit length, of the points p(u, v) = d(u, v) · r(u, v): ∂p/∂u × −∂p/∂v."""
    last = np.float32(field.size - 1)
    row = np.clip(crop_pixels[:, 1], 0, last).astype(np.intp)
    column = np.clip(crop_pixels[:, 0], 0, last).astype(np.intp)
    depth = field.depth.reshape(field.size + 2, -1)[row + 1, column + 1]
    relative_slope = field.slope[row, column] * (np.float32(field.pixel_from_camera[0, 0]) / depth)[:, None]
    x, y = relative_slope[:, 0], -relative_slope[:, 1]
    normal: Float32Array = np.stack([x, y, 1 + x * plate_ray[:, 0] + y * plate_ray[:, 1]], axis=-1)
    return normal


def _rays_of_depth_one(field: Heightfield, crop_pixels: Float32Array) -> Float32Array:
    camera_from_pixel = inverse(field.pixel_from_camera).astype(np.float32)
    homogeneous = np.concatenate([crop_pixels, np.ones((crop_pixels.shape[0], 1), np.float32)], axis=1)
    rays: Float32Array = homogeneous @ camera_from_pixel.T
    return rays


def _dot(first: Float32Array, second: Float32Array) -> Float32Array:
    dot: Float32Array = np.einsum("ij,ij->i", first, second)
    return dot
