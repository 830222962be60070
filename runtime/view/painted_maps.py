"""What the field says on a view's pixels, in the plate's colours, and how it passes into what the plate says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..encoding import Encoding
from ..field.carved_field import CarvedField
from ..field.field import crop_coordinates
from ..field.render import FieldView
from ..gbuffer import GBuffer
from ..head import CROP_HALF_WIDTH_METRES
from ..light.harmonics import harmonics_rotation
from .border import smoothstep
from .extension import push_pull
from .painted_smoothing import smoothed
from .seam import LARGEST_STEP
from .view_camera import pixels_of_view

LEAST_FACING = 0.2
"""Least cosine between a painted normal and the way to the camera: a ball's at a fiftieth of its radius from the
outline."""
SAME_SURFACE, OTHER_SURFACE = 0.008, 0.025
"""Metres between a point of the plate's surface and the field's up to which they are one, and from which they are two:
there the field's colours are not the point's."""
UNSEEN_STEP = 0.05
"""Metres of depth between neighbours, in a view of 256 pixels, up to which the field's shape is averaged where the
plate saw nothing: the notches that a learned surface has there are no edges, and stood as dark blots in hair."""
LARGEST_RATIO = 3.0
"""The plate's albedo and the field's differ by less than this factor, or one of them is wrong."""
SMOOTH = 3
"""Pixels of a view of 256 to each side over which the field's shape is averaged: a texel of its planes is four. Its
colours stay as they are: what they have of detail is seen through the weave."""


@dataclass(frozen=True)
class PaintedMaps:
    """What the field says on some of a view's pixels (N); vectors in world axes.

    Attributes:
        pixel: (N,) flat, in rising order.
        albedo: (N, 3).
        normal: (N, 3).
        transport: (N, 9).
        roughness: (N,).
        same: (N,) 0..1 whether it speaks of the plate's surface, where that was met.
    """

    pixel: NDArray[np.intp]
    albedo: Float32Array
    normal: Float32Array
    transport: Float32Array
    roughness: Float32Array
    same: Float32Array


def painted_maps(  # noqa: PLR0917 - both ways to the field, and what places them
    seen: GBuffer,
    marched: FieldView,
    touched: BoolArray,
    field: CarvedField,
    encoding: Encoding,
    world_from_crop: Float64Array,
) -> PaintedMaps:
    """The field where rays met it, and at points of the plate's surface where it is touched.

    Args:
        seen: the plate's surface.
        marched: the field as rays met it.
        touched: (h, w) where the plate's surface passes into the field.
        field: of the encoding.
        encoding: of the plate frame.
        world_from_crop: (4, 4) pose of the crop's camera in the world.
    """
    rotation = world_from_crop[:3, :3]
    pixel = np.flatnonzero(touched | (marched.alpha > 0))
    on_plate = np.flatnonzero(touched.reshape(-1)[pixel])
    albedo, same = marched.albedo.reshape(-1, 3)[pixel], np.zeros(pixel.size, np.float32)
    shape = np.concatenate(
        [getattr(marched, name).reshape(seen.depth.size, -1)[pixel] for name in ("normal", "transport", "roughness")],
        axis=1,
    )
    if on_plate.size:
        position = seen.position.reshape(-1, 3)[pixel[on_plate]]
        in_crop = (position - world_from_crop[:3, 3].astype(np.float32)) @ rotation.astype(np.float32)
        surface = field.surface(crop_coordinates(in_crop, encoding.crop))
        albedo[on_plate] = surface["albedo"]
        shape[on_plate] = np.concatenate([surface["normal"], surface["transport"], surface["roughness"]], axis=1)
        apart = np.abs(surface["distance"][:, 0]) * np.float32(CROP_HALF_WIDTH_METRES)
        same[on_plate] = 1 - smoothstep(SAME_SURFACE, OTHER_SURFACE, apart)
    depth = np.where(touched, seen.depth, marched.depth)
    largest_step = np.full(pixel.size, UNSEEN_STEP, np.float32)
    largest_step[on_plate] = LARGEST_STEP
    shape = smoothed(shape, pixel, depth, largest_step, pixels_of_view(SMOOTH, seen.camera))
    return PaintedMaps(
        pixel=pixel,
        albedo=albedo,
        normal=shape[:, :3] @ rotation.T.astype(np.float32),
        transport=shape[:, 3:12] @ harmonics_rotation(rotation).T.astype(np.float32),
        roughness=shape[:, 12],
        same=same,
    )


def matched_albedo(seen: GBuffer, maps: PaintedMaps, weight: Float32Array) -> Float32Array:
    """(N, 3) the field's albedo in the colours that the plate's maps have nearby.

    The ratio of both on the plate's surface goes on smoothly to where only the field knows one.

    Args:
        seen: the plate's surface.
        maps: of the field.
        weight: (h, w) 0..1 how much the ratio of each pixel counts; zero where the field says nothing.
    """
    listed = weight.reshape(-1)[maps.pixel] > 0
    if not listed.any():
        return maps.albedo
    floor, limit = np.float32(0.01), np.float32(np.log(LARGEST_RATIO))
    known = maps.pixel[listed]
    of_plate = np.maximum(seen.albedo.reshape(-1, 3)[known], floor)
    of_known = np.log(of_plate / np.maximum(maps.albedo[listed], floor))
    ratio = np.zeros((3, weight.size), np.float32)
    ratio[:, known] = np.clip(of_known, -limit, limit).T
    smooth = push_pull(ratio.reshape(3, *weight.shape), weight).reshape(3, -1)[:, maps.pixel]
    matched: Float32Array = np.clip(maps.albedo * np.exp(smooth).T, 0, 1)
    return matched


def mixed(plate: Float32Array, field: Float32Array, pixel: NDArray[np.intp], share: Float32Array) -> Float32Array:
    """The plate's (h, w, ...) where the share is zero, to the last bit; the field's where it is one.

    Args:
        plate: (h, w, ...).
        field: (N, ...).
        pixel: (N,) flat.
        share: (N,) 0..1.
    """
    result = plate.copy()
    flat, used = result.reshape(-1, *plate.shape[2:]), np.flatnonzero(share > 0)
    weight = share[used].reshape(-1, *[1] * (plate.ndim - 2))
    before = flat[pixel[used]]
    flat[pixel[used]] = before + weight * (field[used] - before)
    return result


def mixed_normal(
    plate: Float32Array, maps: PaintedMaps, share: Float32Array, position: Float32Array, camera: Camera
) -> Float32Array:
    """The same of normals; those of the field face the camera.

    Args:
        plate: (h, w, 3).
        maps: of the field.
        share: (N,) 0..1.
        position: (h, w, 3) of what is shown, world axes.
        camera: of the view.
    """
    used = np.flatnonzero(share > 0)
    pixel = maps.pixel[used]
    facing = _facing(maps.normal[used], position.reshape(-1, 3)[pixel], camera)
    result = plate.copy()
    flat = result.reshape(-1, 3)
    between = flat[pixel] + share[used, None] * (facing - flat[pixel])
    flat[pixel] = between / np.maximum(_length(between), np.float32(1e-6))
    return result


def _length(vectors: Float32Array) -> Float32Array:
    """(n, 1) of (n, 3)."""
    length: Float32Array = np.sqrt(np.einsum("nc,nc->n", vectors, vectors))[:, None]
    return length


def _facing(normal: Float32Array, position: Float32Array, camera: Camera) -> Float32Array:
    """(n, 3) normals that face the camera by LEAST_FACING at least: what is seen does, and more so all but its rim.

    A learned normal beside an outline may face away, and then the whole strip reflects like a mirror seen edge on.
    """
    to_camera = camera.world_from_camera[:3, 3].astype(np.float32) - position
    to_camera /= np.maximum(_length(to_camera), np.float32(1e-6))
    cosine = np.einsum("nc,nc->n", normal, to_camera)[:, None]
    beside = normal - cosine * to_camera
    beside /= np.maximum(_length(beside), np.float32(1e-6))
    turned = np.float32(np.sqrt(1.0 - LEAST_FACING**2)) * beside + np.float32(LEAST_FACING) * to_camera
    facing: Float32Array = np.where(cosine < LEAST_FACING, turned, normal)
    return facing
