"""Truth at points in space for one picture: drawn from a prepared volume, coloured by the picture's appearance."""

from dataclasses import dataclass, replace

import numpy as np

from ....runtime.arrays import Float32Array
from ..appearance import Appearance
from ..avatars.atlas import Atlas
from ..person import Person
from ..pose import Pose, mesh_rotation, turned_transport
from .person_volume import VALID_METRES, PersonVolume, positions_in_metres
from .surface_material import surface_material

BooleanArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class PointTruth:
    """Points in the head frame (metres), or after `in_crop` in crop coordinates and camera axes.

    Attributes:
        points: (N, 3).
        signed_distance: (N,) to the nearest visible surface, positive outside, negative inside.
        surface: (N, 3) the nearest surface point: a point of the true surface in its own right.
        normal: (N, 3) unit, of the surface there.
        albedo: (N, 3) linear, of the surface there.
        transport: (N, 9) of the surface there.
        valid: (N,) whether the surface is near enough for its albedo and transport to be the point's own.
    """

    points: Float32Array
    signed_distance: Float32Array
    surface: Float32Array
    normal: Float32Array
    albedo: Float32Array
    transport: Float32Array
    valid: BooleanArray


def sample_points(
    person: Person,
    volume: PersonVolume,
    random: np.random.Generator,
    count: int,
    *,
    appearance: Appearance,
    masks: Float32Array,
    atlas: Atlas | None = None,
) -> PointTruth:
    """Draw points around a person.

    Args:
        person: as prepared.
        volume: prepared from the same person.
        random: decides which of the volume's points are taken.
        count: how many, at most as many as the volume holds.
        appearance: colours of the picture.
        masks: `skin.facial_masks`.
        atlas: of a textured person.

    Raises:
        AssetError: when the person is textured and no atlas is given.
    """
    # The volume's points lie in random order: a stretch of them is a random choice without repetition.
    chosen = (int(random.integers(len(volume.signed))) + np.arange(count)) % len(volume.signed)
    triangle = volume.triangle[chosen]
    weights = volume.weights[chosen].astype(np.float32) / np.float32(255.0)
    corners = person.triangles[triangle]
    normal = _interpolated(person.normals, corners, weights)
    distance = volume.signed[chosen].astype(np.float32)
    material = surface_material(person, triangle, weights, appearance=appearance, masks=masks, atlas=atlas)
    return PointTruth(
        points=positions_in_metres(volume.position[chosen], volume.low, volume.high),
        signed_distance=distance,
        surface=_interpolated(person.vertices, corners, weights),
        normal=normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), np.float32(1e-6)),
        albedo=material.albedo,
        transport=_interpolated(person.transport, corners, weights),
        valid=np.abs(distance) < VALID_METRES,
    )


def _interpolated(
    values: Float32Array, corners: np.ndarray[tuple[int, ...], np.dtype[np.int32]], weights: Float32Array
) -> Float32Array:
    """(N, k) vertex values at barycentric weights (N, 2) of corners (N, 3)."""
    second, third = weights[:, :1], weights[:, 1:]
    result: Float32Array = (
        values[corners[:, 0]] * (1.0 - second - third) + values[corners[:, 1]] * second + values[corners[:, 2]] * third
    )
    return result


def crop_from_head(points: Float32Array, pose: Pose) -> Float32Array:
    """(N, 3) crop coordinates of points in the head frame.

    x to the right and y down across the crop, −1 to 1 along the ray through a pixel; z the distance along the crop's
    axis behind the head's centre, in half widths of the crop there: the planes of the tri-plane networks.
    """
    camera = points @ mesh_rotation(pose).T + pose.offset
    across = -camera[:, 2] * pose.tangent
    behind = (-camera[:, 2] + pose.offset[2]) / pose.half_width
    crop: Float32Array = np.stack([camera[:, 0] / across, -camera[:, 1] / across, behind], axis=1).astype(np.float32)
    return crop


def head_from_crop(points: Float32Array, pose: Pose) -> Float32Array:
    """(N, 3) metres in the head frame of crop coordinates; the inverse of `crop_from_head`."""
    forward = points[:, 2] * pose.half_width - pose.offset[2]
    across = forward * pose.tangent
    camera = np.stack([points[:, 0] * across, -points[:, 1] * across, -forward], axis=1)
    head: Float32Array = ((camera - pose.offset) @ mesh_rotation(pose)).astype(np.float32)
    return head


def in_crop(truth: PointTruth, pose: Pose) -> PointTruth:
    """The same truth as a network of the crop's frustum wants it.

    Points and surface points in crop coordinates, distances in half widths of the crop, normals and transport in the
    crop camera's axes; points outside the frustum are not valid.
    """
    points, surface = crop_from_head(truth.points, pose), crop_from_head(truth.surface, pose)
    inside = (np.abs(points) <= 1.0).all(axis=1)
    return replace(
        truth,
        points=points,
        signed_distance=(truth.signed_distance / np.float32(pose.half_width)).astype(np.float32),
        surface=surface,
        normal=(truth.normal @ mesh_rotation(pose).T).astype(np.float32),
        transport=turned_transport(truth.transport, pose),
        valid=truth.valid & inside,
    )
