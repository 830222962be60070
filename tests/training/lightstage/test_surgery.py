"""Cutting and building meshes, against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.training.lightstage.head_mesh import Mesh
from chiaro.training.lightstage.implicit import ellipsoid, grid_points, surface
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.surgery import border_edges, clipped, hem, sheet, tube


def _ball(radius: float = 0.6) -> Mesh:
    low = np.full(3, -1.0)
    points, shape = grid_points(low, -low, 0.05)
    field = ellipsoid(points, np.zeros(3), np.full(3, radius)).astype(np.float32)
    vertices, normals, triangles = surface(field, shape, low, 0.05)
    return Mesh(vertices, normals, vertices.copy(), triangles, np.full(len(triangles), Part.SKIN, np.uint8))


def _area(mesh: Mesh) -> float:
    a, b, c = (mesh.vertices[mesh.triangles[:, i]] for i in range(3))
    return float(0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum())


@settings(max_examples=10, deadline=None)
@given(st.floats(-0.45, 0.45))
def test_a_cut_ball_has_the_area_of_its_cap(height: float) -> None:
    ball = _ball()
    cap = clipped(ball, ball.vertices[:, 1] - height)
    # Archimedes: the area of a cap is 2πr times its height.
    assert _area(cap) == pytest.approx(2 * np.pi * 0.6 * (0.6 - height), rel=0.02)
    assert cap.vertices[:, 1].min() >= height - 1e-5
    border = np.unique(border_edges(cap.triangles))
    np.testing.assert_allclose(cap.vertices[border, 1], height, atol=1e-5)


def test_a_cut_keeps_which_way_triangles_turn() -> None:
    ball = _ball()
    cap = clipped(ball, ball.vertices[:, 0] - 0.1)
    a, b, c = (cap.vertices[cap.triangles[:, i]] for i in range(3))
    whole = (np.cross(ball.vertices[ball.triangles[:, 1]] - ball.vertices[ball.triangles[:, 0]],
                      ball.vertices[ball.triangles[:, 2]] - ball.vertices[ball.triangles[:, 0]])
             * ball.vertices[ball.triangles[:, 0]]).sum(axis=1)  # fmt: skip
    turning = (np.cross(b - a, c - a) * a).sum(axis=1)
    large = np.abs(turning) > 1e-7
    assert (np.sign(turning[large]) == np.sign(np.median(whole))).all()


def test_a_closed_surface_has_no_border_and_a_cut_one_has_one_loop() -> None:
    ball = _ball()
    assert len(border_edges(ball.triangles)) == 0
    edges = border_edges(clipped(ball, ball.vertices[:, 1]).triangles)
    _, count = np.unique(edges, return_counts=True)
    assert (count == 2).all()


def test_a_hem_is_as_deep_as_asked() -> None:
    ball = _ball()
    cap = clipped(ball, ball.vertices[:, 1])
    strip = hem(cap, 0.05, np.ones(len(cap.vertices)))
    radius = np.linalg.norm(strip.vertices, axis=1)
    assert radius.max() == pytest.approx(0.6, abs=0.01)
    assert radius.min() == pytest.approx(0.55, abs=0.01)


@pytest.mark.parametrize("closed", [False, True])
def test_a_tube_keeps_its_radius_and_looks_outwards(closed: bool) -> None:
    angle = np.linspace(0.0, 2 * np.pi, 40, endpoint=False)
    path = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    mesh = tube(path, 0.1, Part.METAL, closed=closed)
    ring = np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 1]) - 1.0
    np.testing.assert_allclose(np.hypot(ring, mesh.vertices[:, 2])[6:-6], 0.1, atol=2e-3)
    centre = np.repeat(path, 6, axis=0)
    assert ((mesh.vertices - centre) * mesh.normals).sum(axis=1).min() > 0.09
    assert len(mesh.triangles) == (40 if closed else 39) * 6 * 2


def test_a_sheet_looks_where_its_rows_and_columns_say() -> None:
    x, y = np.meshgrid(np.linspace(0, 1, 5), np.linspace(1, 0, 4))
    flat = sheet(np.stack([x, y, 0 * x], axis=-1), np.zeros((4, 5, 3)), Part.FABRIC)
    np.testing.assert_allclose(flat.normals, np.tile([0.0, 0.0, -1.0], (20, 1)) * np.sign(flat.normals[0, 2]) * -1)
    a, b, c = (flat.vertices[flat.triangles[:, i]] for i in range(3))
    assert _area(flat) == pytest.approx(1.0)
    assert len(np.unique(np.sign(np.cross(b - a, c - a)[:, 2]))) == 1
