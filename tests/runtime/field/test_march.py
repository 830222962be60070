"""Rays meet analytic surfaces where they should."""

import numpy as np

from chiaro.runtime.arrays import Float32Array, Float64Array
from chiaro.runtime.camera import Camera
from chiaro.runtime.crop import Crop, crop_around
from chiaro.runtime.field.field import crop_coordinates
from chiaro.runtime.field.grid import DistanceGrid
from chiaro.runtime.field.march import march
from chiaro.runtime.field.render import ray_interval, render_field, view_rays
from chiaro.runtime.head import CROP_HALF_WIDTH_METRES, HeadBox

PLATE_CAMERA = Camera(1920, 1080, 2500.0, 2500.0, 960.0, 540.0, np.eye(4))
CROP = crop_around(HeadBox(960.0, 540.0, 300.0), PLATE_CAMERA, size=64)
CENTRE = np.array([0.0, 0.0, -CROP.head_distance], np.float32)
RADIUS = 0.1


def _sphere(points: Float32Array) -> Float32Array:
    distance: Float32Array = (np.linalg.norm(points - CENTRE, axis=1) - RADIUS) / np.float32(CROP_HALF_WIDTH_METRES)
    return distance.astype(np.float32)


def _nothing(points: Float32Array) -> Float32Array:
    return np.ones(len(points), np.float32)


def _turned(degrees: float) -> Float64Array:
    """A camera that has gone round the head."""
    angle = np.deg2rad(degrees)
    rotation = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = rotation, CENTRE - rotation @ CENTRE
    return pose


def _true_depth(crop: Crop, pose: Float64Array) -> Float64Array:
    """Depth of the sphere along each ray; NaN where it is missed."""
    ray = crop.camera.directions(crop.camera.pixel_centres())
    centre = np.linalg.inv(pose) @ [*CENTRE, 1.0]
    a, b = (ray**2).sum(axis=-1), ray @ centre[:3]
    inside = b**2 - a * (centre[:3] @ centre[:3] - RADIUS**2)
    depth: Float64Array = (b - np.sqrt(np.where(inside > 0, inside, np.nan))) / a
    return depth


def test_a_sphere_is_met_to_a_tenth_of_a_millimetre_from_any_side() -> None:
    for degrees in (0.0, 25.0, -45.0):
        rays = view_rays(CROP, CROP.camera, _turned(degrees))
        found = march(rays, _sphere, _sphere)
        true = _true_depth(CROP, _turned(degrees))
        both = found.hit & np.isfinite(true)
        assert (found.hit != np.isfinite(true)).mean() < 0.02
        assert np.abs(found.depth - true)[both].max() < 1e-2  # at the rim, where rays graze
        assert np.median(np.abs(found.depth - true)[both]) < 1e-4
        assert (found.clearance[found.hit] == 0).all()


def test_only_wanted_rays_are_searched() -> None:
    wanted = np.zeros((64, 64), np.bool_)
    wanted[:, :32] = True
    asked: list[int] = []

    def counted(points: Float32Array) -> Float32Array:
        asked.append(len(points))
        return _sphere(points)

    rays = view_rays(CROP, CROP.camera, np.eye(4))
    left = march(rays, _sphere, counted, wanted)
    half, asked[:] = sum(asked), []
    march(rays, _sphere, counted)
    assert not left.hit[:, 32:].any()
    assert left.hit[:, :32].any()
    assert half < 0.6 * sum(asked)


def test_where_there_is_nothing_nothing_is_found() -> None:
    rays = view_rays(CROP, CROP.camera, np.eye(4))
    empty = march(
        rays, lambda points: np.ones(len(points), np.float32), lambda points: np.ones(len(points), np.float32)
    )
    assert not empty.hit.any()
    assert np.isinf(empty.clearance).all()


def test_a_distance_that_lies_flat_beside_its_surface_covers_nothing_there() -> None:
    def ball(points: Float32Array) -> Float32Array:
        return np.sqrt((points**2).sum(axis=1)) - np.float32(0.5)

    class Flat:
        def distance(self, points: Float32Array, /) -> Float32Array:
            return np.where(ball(points) > 0, np.float32(1e-4), ball(points))

        def surface(self, points: Float32Array, /) -> dict[str, Float32Array]:
            channels = {"albedo": 3, "normal": 3, "transport": 9, "roughness": 1}
            return {name: np.ones((len(points), count), np.float32) for name, count in channels.items()}

    centre = (np.arange(32, dtype=np.float32) + np.float32(0.5)) / np.float32(16) - 1
    z, y, x = np.meshgrid(centre, centre, centre, indexing="ij")
    grid = DistanceGrid(ball(np.stack([x, y, z], axis=-1).reshape(-1, 3)).reshape(32, 32, 32))
    alpha = render_field(Flat(), grid, CROP, CROP.camera, np.eye(4)).alpha
    from_middle = np.hypot(*(np.mgrid[:64, :64] + 0.5 - 32))
    assert (alpha[from_middle < 14] == 1).all()
    assert (alpha[from_middle > 20] == 0).all()


def test_rays_are_bounded_by_the_crops_frustum() -> None:
    origin = np.zeros(3)
    direction = CROP.camera.directions(CROP.camera.pixel_centres())
    near, far = ray_interval(origin, direction, CROP)
    np.testing.assert_allclose(near, CROP.head_distance - CROP_HALF_WIDTH_METRES, rtol=1e-6)
    np.testing.assert_allclose(far, CROP.head_distance + CROP_HALF_WIDTH_METRES, rtol=1e-6)
    near, far = ray_interval(origin, np.array([[5.0, 0.0, -1.0]]), CROP)
    assert (far <= near).all()


def test_crop_coordinates_are_pixels_and_depth_behind_the_head() -> None:
    depth = CROP.head_distance + 0.5 * CROP_HALF_WIDTH_METRES
    points = CROP.camera.directions(CROP.camera.pixel_centres()) * depth
    coordinates = crop_coordinates(points, CROP)
    pixels = CROP.camera.pixel_centres()
    np.testing.assert_allclose(coordinates[..., :2], pixels / 32.0 - 1.0, atol=1e-5)
    np.testing.assert_allclose(coordinates[..., 2], 0.5, atol=1e-5)


def test_a_grid_is_read_between_its_cells() -> None:
    centre = (np.arange(8, dtype=np.float32) + 0.5) / 4 - 1
    z, y, x = np.meshgrid(centre, centre, centre, indexing="ij")
    grid = DistanceGrid((x + 2 * y - 3 * z).astype(np.float32))
    points = np.random.default_rng(1).uniform(-0.85, 0.85, (50, 3)).astype(np.float32)
    np.testing.assert_allclose(grid.at(points), points @ np.array([1.0, 2.0, -3.0]), atol=1e-4)
