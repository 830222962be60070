"""The nearest point of a triangle."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiaro.training.lightstage.volume.closest_point import closest_weights, splat_nearest

coordinate = st.floats(-1.0, 1.0, width=32)


@given(st.lists(coordinate, min_size=12, max_size=12))
def test_no_point_of_the_triangle_is_nearer(numbers: list[float]) -> None:
    corners, point = np.array(numbers[:9], np.float32).reshape(3, 3), np.array(numbers[9:], np.float32)
    area = np.linalg.norm(np.cross(corners[1] - corners[0], corners[2] - corners[0]))
    if area < 1e-3:
        return
    second, third, squared = closest_weights(corners, 0, 1, 2, *(float(v) for v in point))
    assert min(second, third, 1.0 - second - third) > -1e-4
    nearest = corners[0] + second * (corners[1] - corners[0]) + third * (corners[2] - corners[0])
    np.testing.assert_allclose(np.sum((nearest - point) ** 2), squared, atol=1e-4)
    weights = np.random.default_rng(1).dirichlet(np.ones(3), 400)
    others = np.sum((weights @ corners - point) ** 2, axis=1)
    assert squared <= others.min() + 1e-4


def test_corners_edges_and_the_inside() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    cases = {
        (-1.0, -1.0, 0.0): (0.0, 0.0, 2.0),
        (2.0, 0.0, 0.0): (1.0, 0.0, 1.0),
        (0.0, 3.0, 1.0): (0.0, 1.0, 5.0),
        (0.5, -1.0, 0.0): (0.5, 0.0, 1.0),
        (1.0, 1.0, 0.0): (0.5, 0.5, 0.5),
        (0.25, 0.25, -2.0): (0.25, 0.25, 4.0),
    }
    for point, expected in cases.items():
        np.testing.assert_allclose(closest_weights(corners, 0, 1, 2, *point), expected, atol=1e-6)


def test_nodes_know_their_nearest_triangle_within_reach_only() -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1]], np.float32)
    triangles = np.array([[0, 1, 2], [3, 4, 5]], np.int32)
    nearest, squared = np.full((9, 9, 17), -1, np.int32), np.full((9, 9, 17), 1e9, np.float32)
    splat_nearest(vertices, triangles, np.array([-0.5, -0.5, -0.5], np.float32), 0.125, 0.3, nearest, squared)
    column = nearest[5, 5]
    heights = -0.5 + 0.125 * np.arange(17)
    np.testing.assert_array_equal(column[np.abs(heights) <= 0.3], 0)
    np.testing.assert_array_equal(column[np.abs(heights - 1.0) <= 0.3], 1)
    np.testing.assert_array_equal(column[np.abs(heights - 0.5) < 0.2], -1)
    found = column >= 0
    np.testing.assert_allclose(
        np.sqrt(squared[5, 5][found]), np.minimum(np.abs(heights), np.abs(heights - 1.0))[found], atol=1e-6
    )


def test_triangles_without_area_are_the_line_or_the_point_they_are() -> None:
    start, end, middle = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.5, 0.0, 0.0)
    for corners in itertools.permutations([start, start, end]):
        for place, expected in ((-1.0, 2.0), (0.25, 1.0), (3.0, 5.0)):
            squared = closest_weights(np.array(corners, np.float32), 0, 1, 2, place, 1.0, 0.0)[2]
            assert squared == pytest.approx(expected)
    assert closest_weights(np.array([middle] * 3, np.float32), 0, 1, 2, 0.5, 1.0, 0.0)[2] == pytest.approx(1.0)
