"""Ray-cast transport against closed forms."""

import numpy as np
import pytest
from tests.training.lightstage.ball_person import ball_mesh

from chiaro.runtime.light.harmonics import lambert_transport
from chiaro.training.lightstage.head_mesh import Mesh, merged, vertex_normals
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.transport import (
    BOUNCE_ALBEDO,
    DIRECTIONS,
    Cutout,
    sphere_directions,
    vertex_transport,
)


def _sphere(rows: int = 24) -> Mesh:
    polar = np.linspace(0.05, np.pi - 0.05, rows)
    azimuth = np.linspace(0.0, 2 * np.pi, 2 * rows, endpoint=False)
    p, a = np.meshgrid(polar, azimuth, indexing="ij")
    vertices = np.stack([np.sin(p) * np.cos(a), np.cos(p), np.sin(p) * np.sin(a)], -1).reshape(-1, 3).astype(np.float32)
    index = np.arange(rows * 2 * rows).reshape(rows, 2 * rows)
    following = np.roll(index, -1, axis=1)
    one = np.stack([index[:-1], following[:-1], index[1:]], -1).reshape(-1, 3)
    two = np.stack([following[:-1], following[1:], index[1:]], -1).reshape(-1, 3)
    triangles = np.concatenate([one, two]).astype(np.int32)
    return Mesh(0.1 * vertices, vertices, 10 * vertices, triangles, np.full(len(triangles), Part.SKIN, np.uint8))


def _room(half: float = 1.0, cells: int = 12) -> Mesh:
    """A closed box seen from inside: normals point inwards."""
    steps = np.linspace(-half, half, cells + 1)
    u, v = np.meshgrid(steps, steps, indexing="ij")
    index = np.arange((cells + 1) ** 2).reshape(cells + 1, cells + 1)
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], -1).reshape(-1, 4)
    vertices, normals, triangles = [], [], []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            points = np.zeros((u.size, 3))
            points[:, axis] = sign * half
            points[:, (axis + 1) % 3], points[:, (axis + 2) % 3] = u.ravel(), v.ravel()
            normal = np.zeros((u.size, 3))
            normal[:, axis] = -sign
            offset = len(vertices) * u.size
            triangles.append(np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]]) + offset)
            vertices.append(points)
            normals.append(normal)
    faces = np.concatenate(triangles).astype(np.int32)
    return Mesh(
        np.concatenate(vertices).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
        np.zeros((6 * u.size, 3), np.float32),
        faces,
        np.full(len(faces), Part.SKIN, np.uint8),
    )


def test_directions_are_unit_and_balanced() -> None:
    directions = sphere_directions()
    assert directions.shape == (DIRECTIONS, 3)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1.0, atol=1e-6)
    assert np.abs(directions.mean(axis=0)).max() < 0.01


def test_a_convex_body_has_the_unshadowed_transport() -> None:
    sphere = _sphere()
    transport, visibility = vertex_transport(sphere)
    np.testing.assert_allclose(transport, lambert_transport(sphere.normals), atol=2e-3)
    seen = np.unpackbits(visibility, axis=1).astype(bool)
    facing = sphere.normals @ sphere_directions().T
    assert seen[facing > 0.2].all()
    assert not seen[facing < 0.0].any()


def test_a_closed_room_sees_no_light_at_all() -> None:
    room = _room()
    inner = np.abs(room.vertices).max(axis=1) <= 1.0
    transport, visibility = vertex_transport(room)
    edge = (np.abs(np.abs(room.vertices) - 1.0) < 1e-6).sum(axis=1) > 1
    # Open sky is gone up to the error of the quadrature with 64 directions per side; none comes back by the bounce.
    assert np.abs(transport[inner & ~edge]).max() < 0.05 * (1.0 + BOUNCE_ALBEDO)
    assert not np.unpackbits(visibility[~edge], axis=1).any()


def test_vertex_normals_of_a_sphere_point_outwards() -> None:
    sphere = _sphere()
    outward = (vertex_normals(sphere.vertices, sphere.triangles) * sphere.normals).sum(axis=1)
    assert np.abs(outward).min() > 0.98


def test_vertices_that_share_light_cast_shadows_all_the_same() -> None:
    floor, ball = ball_mesh((0.0, -0.2, 0.0), 0.1), ball_mesh((0.0, 0.0, 0.0), 0.05, Part.HAIR, rows=20)
    mesh = merged([floor, ball])
    count = len(floor.vertices)
    sources = np.arange(len(mesh.vertices), dtype=np.int32)
    sources[count:] = count
    shared, bits = vertex_transport(mesh, sources=sources)
    apart, _ = vertex_transport(mesh)
    assert (shared[count:] == shared[count]).all()
    assert (bits[count:] == bits[count]).all()
    # What lies below the ball keeps its shadow; only the light that bounces off the ball differs.
    assert np.abs(shared[:count, 0] - apart[:count, 0]).max() < 0.1 * 0.2821
    assert shared[:count, 0].min() < 0.9 * 0.2821


def test_clear_lenses_cast_no_shadow() -> None:
    floor = ball_mesh((0.0, -0.2, 0.0), 0.1)
    lens, wall = (ball_mesh((0.0, 0.0, 0.0), 0.05, part, rows=20) for part in (Part.LENS, Part.GLASSES))
    alone, _ = vertex_transport(floor)
    glazed, _ = vertex_transport(merged([floor, lens]))
    walled, _ = vertex_transport(merged([floor, wall]))
    np.testing.assert_allclose(glazed[: len(alone)], alone, atol=1e-6)
    assert (walled[: len(alone), 0] < alone[:, 0] - 0.01).any()


def test_rays_pass_holes_as_often_as_they_are_large() -> None:
    floor = ball_mesh((0.0, -0.2, 0.0), 0.1, rows=30)
    shell = ball_mesh((0.0, -0.2, 0.0), 0.15, Part.HAIR, rows=30)
    mesh = merged([floor, shell])
    count = len(floor.vertices)
    cut = np.arange(len(mesh.triangles)) >= len(floor.triangles)
    uv = np.full((len(mesh.vertices), 2), 0.5, np.float32)
    for cover in (0, 100, 255):
        _, bits = vertex_transport(mesh, Cutout(uv, cut, np.full((2, 2), cover, np.uint8)))
        seen = np.unpackbits(bits[:count], axis=1).astype(bool)
        facing = floor.normals @ sphere_directions().T > 0.2
        assert seen[facing].mean() == pytest.approx(1.0 - cover / 255.0, abs=0.02)
