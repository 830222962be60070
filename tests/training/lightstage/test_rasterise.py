"""The z-buffer and perspective-correct weights."""

import numpy as np

from chiaro.training.lightstage.rasterise import barycentric, rasterise


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
