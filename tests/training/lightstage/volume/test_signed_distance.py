"""Signed distances against analytic shapes, and against embree and a dense cloud for a shape without a formula."""

from functools import cache

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh
from scipy.spatial import cKDTree
from tests.training.lightstage.volume.shapes import IntArray, capsule, person_of, sphere

from chiaro.runtime.arrays import Float32Array
from chiaro.training.lightstage.implicit import grid_points, surface
from chiaro.training.lightstage.person import Person
from chiaro.training.lightstage.volume.person_volume import HIGH, LOW, person_grid
from chiaro.training.lightstage.volume.signed_distance import (
    BAND_METRES,
    SHEET_METRES,
    SurfaceGrid,
    distances_at,
    distances_at_nodes,
)

RADIUS = 0.11


def _points(count: int = 6000) -> Float32Array:
    random = np.random.default_rng(3)
    return (LOW + random.uniform(size=(count, 3)) * (HIGH - LOW)).astype(np.float32)


def _beside(person: Person, spread: float, count: int = 6000) -> Float32Array:
    random = np.random.default_rng(5)
    corners = person.vertices[person.triangles[random.integers(len(person.triangles), size=count)]]
    on_surface = np.einsum("nk,nkc->nc", random.dirichlet(np.ones(3), count), corners)
    return (on_surface + random.normal(size=(count, 3)) * spread).astype(np.float32)


@cache
def _grid(shape: str) -> tuple[Person, SurfaceGrid]:
    if shape == "sphere":
        person = person_of(*sphere(RADIUS))
    elif shape == "hemisphere":
        vertices, triangles = sphere(RADIUS, until=np.pi / 2)
        person = person_of(np.ascontiguousarray(vertices[:, [0, 2, 1]]), triangles)  # open towards −z
    elif shape == "capsule":
        person = person_of(*capsule(0.05, 0.08))
    else:
        person = person_of(*_lumps())
    return person, person_grid(person)


def _lumps() -> tuple[Float32Array, IntArray]:
    """Two balls that touch through a thin bridge, with waves: closed, hollowed, without a formula for its distance."""
    points, shape = grid_points(np.full(3, -0.16), np.full(3, 0.16), 0.004)
    x, y, z = points.T
    balls = np.minimum(
        np.linalg.norm(points - [0.06, 0.02, 0.0], axis=1), np.linalg.norm(points - [-0.06, -0.02, 0.0], axis=1)
    )
    field = balls - 0.07 + 0.006 * np.sin(60 * x) * np.sin(50 * y) * np.sin(40 * z)
    vertices, _, triangles = surface(field.astype(np.float32), shape, np.full(3, -0.16), 0.004)
    return vertices, triangles


def test_near_a_sphere_distances_are_exact() -> None:
    person, grid = _grid("sphere")
    points = _beside(person, 0.003)
    distance, _, _ = distances_at(grid, points)
    truth = np.linalg.norm(points, axis=1) - RADIUS
    # The mesh's facets lie up to 0.1 mm inside the sphere.
    error = np.abs(distance - truth)
    assert np.quantile(error, 0.999) < 2e-4
    assert error.max() < 1e-3


def test_far_from_a_sphere_distances_are_within_a_few_percent_and_every_sign_is_right() -> None:
    _, grid = _grid("sphere")
    points = _points()
    distance, _, _ = distances_at(grid, points)
    truth = np.linalg.norm(points, axis=1) - RADIUS
    clear = np.abs(truth) > 1e-3
    np.testing.assert_array_equal(np.sign(distance[clear]), np.sign(truth[clear]))
    error = np.abs(distance - truth) / np.maximum(np.abs(truth), 0.01)
    assert np.quantile(error, 0.99) < 0.03
    assert error.max() < 0.12
    assert (np.abs(distance) >= np.abs(truth) - 2e-4).all(), "never too short: a ray may step by it"


def test_a_capsule() -> None:
    person, grid = _grid("capsule")
    points = _beside(person, 0.006)
    along = np.clip(points[:, 1], -0.08, 0.08)
    truth = np.linalg.norm(points - np.stack([0 * along, along, 0 * along], 1), axis=1) - 0.05
    distance, _, _ = distances_at(grid, points)
    assert np.abs(distance - truth)[np.abs(truth) < BAND_METRES].max() < 2e-4


def test_an_open_hemisphere_is_a_thin_shell_without_an_inside() -> None:
    person, grid = _grid("hemisphere")
    points = _beside(person, 0.004)
    distance, _, _ = distances_at(grid, points)
    ring = np.hypot(points[:, 0], points[:, 1])
    to_shell = np.where(
        points[:, 2] >= 0.0,
        np.abs(np.linalg.norm(points, axis=1) - RADIUS),
        np.hypot(ring - RADIUS, points[:, 2]),
    )
    error = np.abs(distance - (to_shell - SHEET_METRES))[to_shell < BAND_METRES]
    assert np.quantile(error, 0.995) < 2e-4
    assert error.max() < 4.0 * SHEET_METRES
    centre, _, _ = distances_at(grid, np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.05]], np.float32))
    np.testing.assert_allclose(centre, [RADIUS, RADIUS - 0.05], rtol=0.05)


def test_signs_and_distances_of_a_closed_mesh_agree_with_embree_and_a_dense_cloud() -> None:
    person, grid = _grid("lumps")
    points = np.concatenate([_beside(person, 0.006), _points(3000)])
    distance, triangle, weights = distances_at(grid, points)
    scene = rtcore_scene.EmbreeScene()
    TriangleMesh(scene, person.vertices, person.triangles)
    cloud = _beside(person, 0.0, 500_000)
    nearest, _ = cKDTree(cloud).query(points)
    near = nearest < BAND_METRES
    # A cloud of half a million points has gaps of up to a millimetre; it can only be too far away.
    gap = nearest[near] - np.abs(distance[near])
    assert gap.min() > -1e-5
    assert np.quantile(gap, 0.999) < 1e-3
    clear = nearest > 5e-4
    assert ((distance[clear] < 0.0) != _inside(scene, points[clear])).mean() < 1e-3
    corners = grid.surface.vertices[grid.surface.triangles[triangle]]
    found = (
        corners[:, 0] * (1.0 - weights.sum(axis=1, keepdims=True))
        + corners[:, 1] * weights[:, :1]
        + corners[:, 2] * weights[:, 1:]
    )
    np.testing.assert_allclose(np.linalg.norm(points - found, axis=1), np.abs(distance), atol=1e-5)


def _inside(scene: rtcore_scene.EmbreeScene, points: Float32Array) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """By the parity of how often a ray meets the surface, the majority of three directions."""
    votes = np.zeros(len(points), int)
    for direction in np.array([[0.57, 0.61, 0.55], [-0.7, 0.1, 0.69], [0.2, -0.9, 0.38]], np.float32):
        start, crossings = points.astype(np.float32).copy(), np.zeros(len(points), int)
        going = np.arange(len(points))
        while len(going):
            rays = np.ascontiguousarray(np.broadcast_to(direction, (len(going), 3)))
            length = scene.run(np.ascontiguousarray(start[going]), rays, query="DISTANCE")
            going, length = going[length < 10.0], length[length < 10.0]
            crossings[going] += 1
            start[going] += direction * (length[:, None] + 1e-5)
        votes += crossings % 2
    return votes >= 2


def test_nodes_say_the_same_as_points_and_are_truncated() -> None:
    person, grid = _grid("lumps")
    nodes = distances_at_nodes(grid)
    index = np.random.default_rng(7).integers(0, np.array(nodes.shape), (4000, 3))
    points = (grid.lattice.low + index * grid.lattice.spacing).astype(np.float32)
    distance, _, _ = distances_at(grid, points)
    picked = nodes[tuple(index.T)]
    np.testing.assert_allclose(picked, np.clip(distance, -BAND_METRES, BAND_METRES), atol=2e-3)
    assert (np.sign(picked) == np.sign(distance))[np.abs(distance) > 2e-3].all()
    assert np.abs(nodes).max() <= BAND_METRES * 1.0001
    assert person.vertices.max() < grid.lattice.high.max()
