"""The surface from a camera that is not the plate's."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..crop import transform_pixels
from ..encoding import Encoding, per_encoding
from ..gbuffer import GBuffer
from ..light.harmonics import harmonics_rotation
from ..scattered import scattered
from .confidence import UNSEEN_STRETCH, confidence_of_foreshortening, confidence_of_matte, foreshortening
from .heightfield import heightfield
from .intersection import Hits, intersect
from .outline import shares_of_hits, without_backdrop
from .ray_bounds import rays_near_surface

_MATTE, _ALBEDO, _NORMAL, _TRANSPORT, _ROUGHNESS, _SPECULAR = 0, slice(1, 4), slice(4, 7), slice(7, 16), 16, 17
_CHANNELS = 18


def moved_view(encoding: Encoding, camera: Camera, world_from_crop: Float64Array) -> GBuffer:
    """See an encoding's surface from a square view camera.

    At an edge of depth within the person the camera sees the side of the body, which the plate never saw. It gets the
    maps of the surface that the edge uncovers (the neck's under a jaw), confidence 0 and no plate pixels: something to
    stand in, never the plate's detail smeared. Where a ray passes behind the person and meets nothing, there is a hole.

    Args:
        encoding: the maps.
        camera: the view camera, posed in the world.
        world_from_crop: (4, 4) pose of the crop camera.
    """
    field = heightfield(encoding)
    crop_from_view = np.linalg.inv(world_from_crop) @ camera.world_from_camera
    bounds = rays_near_surface(field, camera, np.linalg.inv(crop_from_view))
    hits = without_backdrop(field, camera, intersect(field, camera, crop_from_view, bounds))
    surface = _bilinear_rows(_rows(encoding), field.size, hits.crop_pixels)
    matte = surface[:, _MATTE]
    detail = foreshortening(field, camera, hits, crop_from_view)
    seen = hits.seen & (detail > UNSEEN_STRETCH)
    confidence = seen * confidence_of_foreshortening(detail) * confidence_of_matte(matte)

    shares = shares_of_hits(field, camera, crop_from_view, bounds, hits)
    rotation = world_from_crop[:3, :3]
    harmonics = harmonics_rotation(rotation)
    pixel, size = hits.pixel, (camera.height, camera.width)
    depth = scattered(hits.depth, pixel, size, _head_depth(encoding, crop_from_view))
    facing = camera.world_from_camera[:3, 2].astype(np.float32)
    return GBuffer(
        camera=camera,
        albedo=scattered(surface[:, _ALBEDO], pixel, size, 0.0),
        normal=scattered(_unit(surface[:, _NORMAL] @ rotation.T.astype(np.float32)), pixel, size, facing),
        position=positions(camera, depth),
        depth=depth,
        matte=scattered(matte, pixel, size, 0.0),
        transport=scattered(surface[:, _TRANSPORT] @ harmonics.T.astype(np.float32), pixel, size, 0.0),
        roughness=scattered(surface[:, _ROUGHNESS], pixel, size, 1.0),
        specular=scattered(surface[:, _SPECULAR], pixel, size, 0.0),
        confidence=scattered(confidence, pixel, size, 0.0),
        plate_pixels=scattered(_plate_pixels(encoding, hits, seen), pixel, size, np.nan),
        own_light=harmonics @ encoding.light,
        cover=shares.cover,
        front=shares.front,
    )


def empty_view(encoding: Encoding, camera: Camera, world_from_crop: Float64Array) -> GBuffer:
    """What a camera gets that does not see the head."""
    crop_from_view = np.linalg.inv(world_from_crop) @ camera.world_from_camera
    depth = np.full((camera.height, camera.width), _head_depth(encoding, crop_from_view), np.float32)
    zero = np.zeros_like(depth)
    zero_colour = np.zeros((*depth.shape, 3), np.float32)
    return GBuffer(
        camera=camera,
        albedo=zero_colour,
        normal=zero_colour + camera.world_from_camera[:3, 2].astype(np.float32),
        position=positions(camera, depth),
        depth=depth,
        matte=zero,
        transport=np.zeros((*depth.shape, 9), np.float32),
        roughness=zero + 1,
        specular=zero,
        confidence=zero,
        plate_pixels=np.full((*depth.shape, 2), np.nan, np.float32),
        own_light=harmonics_rotation(world_from_crop[:3, :3]) @ encoding.light,
    )


def positions(camera: Camera, depth: Float32Array, chosen: BoolArray | None = None) -> Float32Array:
    """(h, w, 3) world positions of a camera's pixels at depths (h, w), or (n, 3) of the n chosen pixels."""
    directions = camera.pixel_directions
    if chosen is not None:
        directions, depth = directions[chosen], depth[chosen]
    # From the camera single precision is enough; how far that stands from the world's origin is added in double.
    seen = directions.astype(np.float32) * depth[..., None]
    seen = seen @ camera.world_from_camera[:3, :3].T.astype(np.float32)
    return (seen + camera.world_from_camera[:3, 3]).astype(np.float32)


def _head_depth(encoding: Encoding, crop_from_view: Float64Array) -> float:
    """Depth of the head's centre in the view; pixels that show nothing are put there."""
    centre = np.linalg.inv(crop_from_view) @ [0.0, 0.0, -encoding.crop.head_distance, 1.0]
    return float(-centre[2])


def _plate_pixels(encoding: Encoding, hits: Hits, seen: BoolArray) -> Float32Array:
    pixels = transform_pixels(encoding.crop.plate_from_crop, hits.crop_pixels)
    return np.where(seen[:, None], pixels, np.nan).astype(np.float32)


@per_encoding
def _rows(encoding: Encoding) -> Float32Array:
    """(n · n, 18) all maps of an encoding, pixel by pixel.

    All but the matte come from inside the matte, so a soft edge carries the head's values and not the background's.
    """
    field = heightfield(encoding)
    count = field.size * field.size
    maps = np.empty((count, _CHANNELS), np.float32)
    maps[:, _ALBEDO] = encoding.albedo.reshape(count, 3)
    maps[:, _NORMAL] = encoding.normal.reshape(count, 3)
    maps[:, _TRANSPORT] = encoding.transport.reshape(count, 9)
    maps[:, _ROUGHNESS] = encoding.roughness.reshape(-1)
    maps[:, _SPECULAR] = encoding.specular.reshape(-1)
    outside = np.flatnonzero(field.source != np.arange(count))
    maps[outside] = maps[field.source[outside]]
    maps[:, _MATTE] = field.matte.reshape(-1)
    return maps


def _bilinear_rows(rows: Float32Array, size: int, pixels: Float32Array) -> Float32Array:
    """Sample a flat (size·size, C) image at (N, 2) pixel coordinates."""
    x = np.clip(pixels[:, 0] - np.float32(0.5), 0, size - 1)
    y = np.clip(pixels[:, 1] - np.float32(0.5), 0, size - 1)
    column, row = np.minimum(x.astype(np.int32), size - 2), np.minimum(y.astype(np.int32), size - 2)
    share_x, share_y = (x - column).astype(np.float32)[:, None], (y - row).astype(np.float32)[:, None]
    index = row * size + column
    upper = _mixed(rows, index, share_x)
    lower = _mixed(rows, index + size, share_x)
    lower -= upper
    lower *= share_y
    upper += lower
    return upper


def _mixed(rows: Float32Array, index: NDArray[np.int32], share: Float32Array) -> Float32Array:
    """rows[index] and rows[index + 1], mixed."""
    left: Float32Array = rows.take(index, axis=0)
    right = rows.take(index + 1, axis=0)
    right -= left
    right *= share
    left += right
    return left


def _unit(vectors: Float32Array) -> Float32Array:
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    unit: Float32Array = vectors / np.maximum(length, np.float32(1e-6))[:, None]
    return unit
