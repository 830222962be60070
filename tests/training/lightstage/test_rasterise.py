"""The z-buffer and perspective-correct weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.training.lightstage.rasterise import NO_TEXTURE, Coverage, barycentric, rasterise, rasterise_covered


def test_nearer_triangle_wins_and_empty_pixels_stay_empty() -> None:
    corners = [[0, 0], [8, 0], [0, 8]]
    far = [[x, y, 0.5] for x, y in corners]
    near = [[x / 2, y / 2, 1.0] for x, y in corners]
    screen = np.array(far + near, np.float32)
    seen, depth = rasterise(screen, np.array([[0, 1, 2], [3, 4, 5]], np.int32), 8)
    assert seen[0, 0] == 1
    assert seen[0, 6] == 0
    assert seen[7, 7] == -1
    assert depth[7, 7] == 0.0
    assert depth[0, 0] == np.float32(1.0)


def test_every_pixel_of_two_triangles_that_share_an_edge_is_covered() -> None:
    screen = np.array([[0, 0, 1], [16, 0, 1], [16, 16, 1], [0, 16, 1]], np.float32)
    seen, _ = rasterise(screen, np.array([[0, 1, 2], [0, 2, 3]], np.int32), 16)
    assert (seen >= 0).all()


def test_weights_are_perspective_correct() -> None:
    depths = np.array([1.0, 4.0, 2.0])
    points = np.array([[-1.0, -0.5, 1.0], [2.0, -2.0, 4.0], [0.0, 1.0, 2.0]])
    screen = np.stack([points[:, 0] / depths, points[:, 1] / depths, 1.0 / depths], axis=1).astype(np.float32)
    true = np.array([0.2, 0.3, 0.5])
    point = true @ points
    weights = barycentric(screen, 0, 1, 2, point[0] / point[2], point[1] / point[2])
    np.testing.assert_allclose(weights, true, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_triangle_covers_the_pixels_whose_centres_it_holds(seed: int) -> None:
    random = np.random.default_rng(seed)
    size = 24
    corners = random.uniform(-10.0, size + 10.0, (3, 2))
    if random.uniform() < 0.5:
        # A sliver, as strands of hair are.
        corners[2] = corners[0] + random.normal(size=2) * 1.5
    screen = np.c_[corners, random.uniform(0.5, 1.0, 3)].astype(np.float32)
    seen, nearest = rasterise(screen, np.array([[0, 1, 2]], np.int32), size)
    x, y = np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5)
    homogeneous = np.linalg.inv(np.c_[screen[:, :2], np.ones(3)].T.astype(np.float64))
    weights = np.stack([x, y, np.ones_like(x)], -1) @ homogeneous.T
    inside = weights.min(axis=-1)
    assert (seen[inside > 1e-4] == 0).all()
    assert (seen[inside < -1e-4] == -1).all()
    depth = weights @ screen[:, 2]
    np.testing.assert_allclose(nearest[inside > 1e-4], depth[inside > 1e-4], atol=1e-4)


def test_absent_triangles_are_not_drawn() -> None:
    screen = np.array([[0, 0, 1], [16, 0, 1], [0, 16, 1]], np.float32)
    coverage = np.array([Coverage.ABSENT], np.uint8)
    seen, _ = rasterise_covered(
        screen, np.array([[0, 1, 2]], np.int32), coverage, np.zeros((3, 2), np.float32), NO_TEXTURE, 8
    )
    assert (seen == -1).all()


@pytest.mark.parametrize("alpha", [0, 40, 128, 220, 255])
def test_coverage_follows_alpha(alpha: int) -> None:
    screen = np.array([[0, 0, 1], [60, 0, 1], [60, 60, 1], [0, 60, 1]], np.float32)
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    texture = np.zeros((8, 8), np.uint8)
    texture[:, 4:] = alpha
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    coverage = np.full(2, Coverage.CUTOUT, np.uint8)
    seen, _ = rasterise_covered(screen, triangles, coverage, uv, texture, 60)
    assert (seen[:, :29] == -1).all()
    assert (seen[:, 31:] >= 0).mean() == pytest.approx(alpha / 255.0, abs=0.02)
    # Evenly: every block of three by three has its share, give or take a sub-sample and a half.
    blocks = (seen[:, 33:] >= 0).reshape(20, 3, 9, 3).sum(axis=(1, 3))
    assert np.abs(blocks - 9.0 * alpha / 255.0).max() <= 2.5
