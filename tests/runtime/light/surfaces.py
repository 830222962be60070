"""G-buffers whose geometry is known exactly."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from chiaro.runtime.camera import Camera, camera_from_lens
from chiaro.runtime.gbuffer import GBuffer
from chiaro.runtime.light.harmonics import lambert_transport

SIZE = 128
DISTANCE = 1.4
"""Metres from the camera to the origin; the camera looks along +Y, and its image is half a metre wide there."""


def camera() -> Camera:
    pose = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -1.0, -DISTANCE], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    lens = camera_from_lens(SIZE, SIZE, focal_length_mm=36.0 * DISTANCE / 0.5)
    return lens.with_pose(pose)


def rays() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The camera's place (3,), and its rays (h, w, 3) with a depth of one metre, world."""
    view = camera()
    return view.world_from_camera[:3, 3], view.directions(view.pixel_centres()) @ view.world_from_camera[:3, :3].T


def gbuffer(depth: NDArray[np.float64], normal: NDArray[np.float64], matte: NDArray[np.bool_]) -> GBuffer:
    """Grey, unshadowed, seen whole; depth (h, w) metres, normal (h, w, 3) world."""
    origin, directions = rays()
    shape = depth.shape

    def constant(value: float, *channels: int) -> NDArray[np.float32]:
        return np.full((*shape, *channels), value, np.float32)

    return GBuffer(
        camera=camera(),
        albedo=constant(0.5, 3),
        normal=normal.astype(np.float32),
        position=(origin + directions * depth[..., None]).astype(np.float32),
        depth=depth.astype(np.float32),
        matte=matte.astype(np.float32),
        transport=lambert_transport(normal).astype(np.float32),
        roughness=constant(0.4),
        specular=constant(0.04),
        confidence=constant(1.0),
        plate_pixels=constant(0.0, 2),
        own_light=np.zeros((9, 3)),
    )


def hit_sphere(
    centre: NDArray[np.float64], radius: float, origin: NDArray[np.float64], directions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(...) distance in units of the directions to a sphere; infinite where missed."""
    offset = origin - centre
    a = (directions**2).sum(axis=-1)
    b = (directions * offset).sum(axis=-1)
    discriminant = b * b - a * ((offset**2).sum(axis=-1) - radius**2)
    near = (-b - np.sqrt(np.maximum(discriminant, 0.0))) / a
    return np.where((discriminant > 0) & (near > 0), near, np.inf)


def sphere(radius: float = 0.12) -> GBuffer:
    """A sphere at the origin, and nothing behind it."""
    origin, directions = rays()
    depth = hit_sphere(np.zeros(3), radius, origin, directions)
    hit = np.isfinite(depth)
    depth = np.where(hit, depth, DISTANCE)
    normal = np.where(hit[..., None], (origin + directions * depth[..., None]) / radius, [0.0, -1.0, 0.0])
    return gbuffer(depth, normal, hit)


BALL_CENTRE, BALL_RADIUS, WALL_Y = np.array([0.0, 0.0, 0.0]), 0.05, 0.1


def wall_with_ball() -> GBuffer:
    """A ball ten centimetres before a wall that fills the image."""
    origin, directions = rays()
    wall = (WALL_Y - origin[1]) / directions[..., 1]
    ball = hit_sphere(BALL_CENTRE, BALL_RADIUS, origin, directions)
    depth = np.minimum(wall, ball)
    points = origin + directions * depth[..., None]
    normal = np.where((ball < wall)[..., None], (points - BALL_CENTRE) / BALL_RADIUS, [0.0, -1.0, 0.0])
    return gbuffer(depth, normal, np.ones(depth.shape, bool))


def wall_with_card(before: float) -> GBuffer:
    """A card a tenth of the image wide, floating before a wall."""
    origin, directions = rays()
    wall = (WALL_Y - origin[1]) / directions[..., 1]
    card = wall - before
    across = np.abs(origin[0] + directions[..., 0] * card) < 0.025
    depth = np.where(across, card, wall)
    return gbuffer(depth, np.broadcast_to([0.0, -1.0, 0.0], (*depth.shape, 3)), np.ones(depth.shape, bool))


def with_matte(buffer: GBuffer, matte: NDArray[np.bool_]) -> GBuffer:
    return replace(buffer, matte=matte.astype(np.float32))
