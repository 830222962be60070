"""Points take values from those that are near and of like colour."""

import numpy as np

from chiaro.runtime.view.likeness import BLOCK, Likeness, mean_of_alike

LIKENESS = Likeness(near=0.1, alike=0.1)


def test_near_and_alike_counts_and_far_or_unlike_does_not() -> None:
    points = np.array([[0.0, 0.0, 0.0], [0.05, 0.0, 0.0], [1.0, 0.0, 0.0]], np.float32)
    albedo = np.array([[0.25] * 3, [0.81] * 3, [0.25] * 3], np.float32)
    known, values = LIKENESS.features(points, albedo), np.array([[1.0], [2.0], [3.0]], np.float32)
    asked = LIKENESS.features(points + np.float32(0.01), albedo)
    found = mean_of_alike(asked, known, values, np.ones(3, np.float32))
    np.testing.assert_allclose(found, values, atol=0.01)


def test_a_point_like_none_takes_the_nearest_and_weights_share() -> None:
    points, albedo = np.zeros((2, 3), np.float32), np.full((2, 3), 0.5, np.float32)
    known = LIKENESS.features(points, albedo)
    asked = LIKENESS.features(np.full((1, 3), 30.0, np.float32), albedo[:1])
    found = mean_of_alike(asked, known, np.array([[0.0], [1.0]], np.float32), np.array([1.0, 3.0], np.float32))
    np.testing.assert_allclose(found, 0.75, atol=1e-5)


def test_many_points_are_answered_as_few_are() -> None:
    random = np.random.default_rng(5)
    asked, known = (random.random((count, 6), np.float32) for count in (BLOCK + 7, 9))
    values, weight = random.random((9, 2), np.float32), np.ones(9, np.float32)
    whole = mean_of_alike(asked, known, values, weight)
    np.testing.assert_allclose(whole[-9:], mean_of_alike(asked[-9:], known, values, weight), rtol=1e-5)
