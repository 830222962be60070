"""A head made of spheres, whose maps are known exactly from any camera: the truth that view and compose are held to."""

from dataclasses import dataclass

import numpy as np

from chiaro.runtime.arrays import BoolArray, Float32Array, Float64Array
from chiaro.runtime.camera import Camera
from chiaro.runtime.crop import Crop, crop_around
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.head import HeadBox
from chiaro.runtime.light.harmonics import COSINE_LOBE, basis, harmonics_rotation

Sphere = tuple[tuple[float, float, float], float]
"""Centre (metres, relative to the head's centre, in the crop camera's axes) and radius."""

ROUND_HEAD: tuple[Sphere, ...] = (((0.0, 0.0, 0.0), 0.11),)
HEAD_WITH_BALL: tuple[Sphere, ...] = (((0.0, 0.0, 0.0), 0.11), ((0.02, -0.01, 0.20), 0.03))
"""A ball floats before the head: from another camera it uncovers what the plate never saw."""


@dataclass(frozen=True)
class Trace:
    """What a camera sees: hit (h, w); depth (h, w); position and normal (h, w, 3), world; albedo (h, w, 3)."""

    hit: BoolArray
    depth: Float64Array
    position: Float64Array
    normal: Float64Array
    albedo: Float64Array


@dataclass(frozen=True)
class AnalyticHead:
    """Spheres in front of a plate camera."""

    spheres: tuple[Sphere, ...]
    plate_camera: Camera
    crop: Crop

    @property
    def world_from_crop(self) -> Float64Array:
        return self.plate_camera.world_from_camera @ self.crop.camera.world_from_camera

    def world_spheres(self) -> list[tuple[Float64Array, float]]:
        centre = np.array([0.0, 0.0, -self.crop.head_distance])
        pose = self.world_from_crop
        return [(pose[:3, :3] @ (centre + offset) + pose[:3, 3], radius) for offset, radius in self.spheres]

    def trace(self, camera: Camera, pixels: Float64Array | None = None) -> Trace:
        """Cast the rays of a camera."""
        pixels = camera.pixel_centres() if pixels is None else pixels
        rays = camera.directions(pixels) @ camera.world_from_camera[:3, :3].T
        origin = camera.world_from_camera[:3, 3]
        depth = np.full(rays.shape[:-1], np.inf)
        normal = np.zeros(rays.shape)
        for centre, radius in self.world_spheres():
            distance, hit = _first_hit(origin - centre, rays, radius)
            nearer = hit & (distance < depth)
            depth = np.where(nearer, distance, depth)
            outward = (origin + rays * distance[..., None] - centre) / radius
            normal = np.where(nearer[..., None], outward, normal)
        hit = np.isfinite(depth)
        position = origin + rays * np.where(hit, depth, 0.0)[..., None]
        return Trace(hit, depth, position, normal, self.albedo(position) * hit[..., None])

    def albedo(self, position: Float64Array) -> Float64Array:
        """A smooth pattern in space, 0.2 to 0.8."""
        pose = self.world_from_crop
        local = (position - pose[:3, 3]) @ pose[:3, :3]
        return 0.5 + 0.3 * np.sin(60.0 * local + np.array([0.0, 1.0, 2.0]))

    def seen_by_plate(self, position: Float64Array) -> BoolArray:
        """Whether points on the surface are what the plate camera sees."""
        point = position @ self.plate_camera.camera_from_world[:3, :3].T + self.plate_camera.camera_from_world[:3, 3]
        seen = self.trace(self.plate_camera, self.plate_camera.project(point))
        return np.linalg.norm(seen.position - position, axis=-1) < 1e-4

    def encoding(self, light: Float64Array | None = None) -> Encoding:
        """What a perfect network would say of the plate; light is in the crop camera's axes."""
        camera = self.crop.camera
        posed = camera.with_pose(self.world_from_crop)
        trace = self.trace(posed)
        normal = trace.normal @ self.world_from_crop[:3, :3]
        transport = basis(normal) * (COSINE_LOBE / np.pi) * trace.hit[..., None]
        size = camera.width
        head_pose = np.eye(4)
        head_pose[2, 3] = -self.crop.head_distance
        return Encoding(
            crop=self.crop,
            box=HeadBox(0.0, 0.0, 1.0),
            albedo=trace.albedo.astype(np.float32),
            normal=normal.astype(np.float32),
            depth=np.where(trace.hit, trace.depth, self.crop.head_distance + 1.0).astype(np.float32),
            matte=trace.hit.astype(np.float32),
            transport=transport.astype(np.float32),
            roughness=np.full((size, size), 0.4, np.float32),
            specular=np.full((size, size), 0.03, np.float32),
            light=white_light() if light is None else light,
            crop_camera_from_head=head_pose,
        )

    def plate(self, light: Float64Array, background: Float32Array) -> Float32Array:
        """(H, W, 3) a plate lit by (9, 3) light in the crop camera's axes, over a background image."""
        trace = self.trace(self.plate_camera)
        shading = self.shading(trace.normal, light)
        return np.where(trace.hit[..., None], trace.albedo * shading, background).astype(np.float32)

    def shading(self, world_normal: Float64Array, light: Float64Array) -> Float64Array:
        """(…, 3) radiance of white, unshadowed, under light in the crop camera's axes."""
        world_light = harmonics_rotation(self.world_from_crop[:3, :3]) @ light
        return (basis(world_normal) * (COSINE_LOBE / np.pi)) @ world_light


def _first_hit(origin: Float64Array, rays: Float64Array, radius: float) -> tuple[Float64Array, BoolArray]:
    a = np.einsum("...i,...i->...", rays, rays)
    b = rays @ origin
    c = origin @ origin - radius * radius
    root = b * b - a * c
    hit = root > 0
    distance = (-b - np.sqrt(np.where(hit, root, 0.0))) / a
    return distance, hit & (distance > 0)


def analytic_head(
    spheres: tuple[Sphere, ...] = ROUND_HEAD,
    *,
    plate_camera: Camera | None = None,
    box: HeadBox | None = None,
) -> AnalyticHead:
    """A head before a plate camera that stands somewhere in the world, a little off the image's centre."""
    camera = posed_camera() if plate_camera is None else plate_camera
    box = HeadBox(camera.width * 0.55, camera.height * 0.45, camera.height * 0.4, roll=0.1) if box is None else box
    return AnalyticHead(spheres, camera, crop_around(box, camera))


def posed_camera(width: int = 640, height: int = 360) -> Camera:
    """A camera at some place in the world, its pixels not square."""
    pose = np.eye(4)
    pose[:3, :3] = turn(0, 1.4) @ turn(1, 0.3) @ turn(2, 0.2)
    pose[:3, 3] = (1.0, -2.0, 1.5)
    return Camera(width, height, 1.5 * width, 1.45 * width, 0.51 * width, 0.48 * height, pose)


def turn(axis: int, angle: float) -> Float64Array:
    """(3, 3) rotation about x, y or z by radians."""
    rotation = np.eye(3)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    rotation[first, first] = rotation[second, second] = np.cos(angle)
    rotation[first, second], rotation[second, first] = -np.sin(angle), np.sin(angle)
    return rotation


def orbited(head: AnalyticHead, *, yaw: float = 0.0, pitch: float = 0.0, nearer: float = 1.0) -> Camera:
    """The plate camera carried around the head's centre (degrees), and its distance multiplied."""
    pose = head.world_from_crop
    centre = pose[:3, :3] @ np.array([0.0, 0.0, -head.crop.head_distance]) + pose[:3, 3]
    local = turn(1, np.deg2rad(yaw)) @ turn(0, np.deg2rad(pitch))
    rotation = pose[:3, :3] @ local @ pose[:3, :3].T
    moved = np.eye(4)
    moved[:3, :3] = rotation @ head.plate_camera.world_from_camera[:3, :3]
    moved[:3, 3] = centre + nearer * rotation @ (head.plate_camera.world_from_camera[:3, 3] - centre)
    return head.plate_camera.with_pose(moved)


def white_light() -> Float64Array:
    """(9, 3) light of radiance one from everywhere."""
    light = np.zeros((9, 3))
    light[0] = np.sqrt(4 * np.pi)
    return light


def side_light(sign: float = 1.0) -> Float64Array:
    """(9, 3) soft coloured light from the side and above, in the crop camera's axes."""
    light = white_light()
    light[3] = sign * np.array([1.5, 1.3, 1.1])
    light[1] = (0.4, 0.5, 0.6)
    light[2] = (0.3, 0.3, 0.2)
    light[6] = (0.1, 0.05, 0.0)
    return light
