"""The surface from a camera that is not the plate's."""

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..crop import transform_pixels
from ..encoding import Encoding
from ..gbuffer import GBuffer
from ..light.harmonics import harmonics_rotation
from ..scattered import scattered
from ..small_matrices import inverse_pose
from .confidence import UNSEEN_STRETCH, confidence_of_foreshortening, confidence_of_matte, foreshortening
from .heightfield import heightfield
from .intersection import Hits, intersect
from .map_rows import ALBEDO, MATTE, NORMAL, ROUGHNESS, SPECULAR, TRANSPORT, map_rows_at
from .outline import shares_of_hits, without_backdrop
from .ray_bounds import rays_near_surface


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
    crop_from_view = inverse_pose(world_from_crop) @ camera.world_from_camera
    bounds = rays_near_surface(field, camera, inverse_pose(crop_from_view))
    hits = without_backdrop(field, camera, intersect(field, camera, crop_from_view, bounds))
    surface = map_rows_at(encoding, hits.crop_pixels)
    matte = surface[:, MATTE]
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
        albedo=scattered(surface[:, ALBEDO], pixel, size, 0.0),
        normal=scattered(_unit(surface[:, NORMAL] @ rotation.T.astype(np.float32)), pixel, size, facing),
        position=positions(camera, depth),
        depth=depth,
        matte=scattered(matte, pixel, size, 0.0),
        transport=scattered(surface[:, TRANSPORT] @ harmonics.T.astype(np.float32), pixel, size, 0.0),
        roughness=scattered(surface[:, ROUGHNESS], pixel, size, 1.0),
        specular=scattered(surface[:, SPECULAR], pixel, size, 0.0),
        confidence=scattered(confidence, pixel, size, 0.0),
        plate_pixels=scattered(_plate_pixels(encoding, hits, seen), pixel, size, np.nan),
        own_light=harmonics @ encoding.light,
        cover=shares.cover,
        front=shares.front,
    )


def empty_view(encoding: Encoding, camera: Camera, world_from_crop: Float64Array) -> GBuffer:
    """What a camera gets that does not see the head."""
    crop_from_view = inverse_pose(world_from_crop) @ camera.world_from_camera
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
    centre = inverse_pose(crop_from_view) @ [0.0, 0.0, -encoding.crop.head_distance, 1.0]
    return float(-centre[2])


def _plate_pixels(encoding: Encoding, hits: Hits, seen: BoolArray) -> Float32Array:
    pixels = transform_pixels(encoding.crop.plate_from_crop, hits.crop_pixels)
    return np.where(seen[:, None], pixels, np.nan).astype(np.float32)


def _unit(vectors: Float32Array) -> Float32Array:
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    unit: Float32Array = vectors / np.maximum(length, np.float32(1e-6))[:, None]
    return unit
