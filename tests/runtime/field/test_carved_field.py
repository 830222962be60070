"""A field is cut with what the plate shows, and only asked where that leaves it open."""

import numpy as np
import pytest

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.field.carved_field import FREE_SPACE_TOLERANCE, SURELY_FREE, CarvedField
from chiaro.runtime.field.march import NEAR

SIZE = 64


class Ball:
    """A ball of radius 0.5 about the crop's centre, that remembers where it was asked."""

    def __init__(self) -> None:
        self.asked: list[Float32Array] = []

    def distance(self, points: Float32Array, /) -> Float32Array:
        self.asked.append(points)
        return (np.linalg.norm(points, axis=1) - 0.5).astype(np.float32)

    def surface(self, points: Float32Array, /) -> dict[str, Float32Array]:
        raise AssertionError("nobody wants its surface")


def _carved(ball: Ball) -> CarvedField:
    """Cut with the depth and the matte of the ball's own front."""
    place = (np.arange(SIZE, dtype=np.float32) + 0.5) * (2 / SIZE) - 1
    x, y = np.meshgrid(place, place)
    squared = 0.25 - x**2 - y**2
    depth = np.where(squared > 0, -np.sqrt(np.maximum(squared, 0)), 0.0)
    return CarvedField(ball, depth.astype(np.float32), (squared > 0).astype(np.float32))


def _points(count: int = 4000) -> Float32Array:
    return np.random.default_rng(5).uniform(-0.95, 0.95, (count, 3)).astype(np.float32)


def test_inside_stays_inside_and_nothing_comes_nearer() -> None:
    ball, points = Ball(), _points()
    found, own = _carved(ball).distance(points), np.linalg.norm(points, axis=1) - 0.5
    inside = own < -0.05
    assert inside.sum() > 100
    assert found[inside].max() < 0.0
    assert (found >= np.minimum(own, SURELY_FREE) - 1e-6).all()


def test_free_space_is_never_near_and_never_asked_for() -> None:
    ball, points = Ball(), _points()
    found = _carved(ball).distance(points)
    asked = np.concatenate(ball.asked)
    assert len(asked) < 0.75 * len(points)
    rows = {row.tobytes() for row in asked}
    left_out = np.array([row.tobytes() not in rows for row in points])
    assert left_out.any()
    assert found[left_out].min() >= SURELY_FREE > NEAR


@pytest.mark.parametrize("before", [0.3, 0.6])
def test_what_stands_before_the_plates_surface_is_cut_off(before: float) -> None:
    """A field that fills everything still ends where the plate saw through to the head."""

    class Full(Ball):
        def distance(self, points: Float32Array, /) -> Float32Array:
            return np.full(len(points), -1.0, np.float32)

    on_axis = np.array([[0.0, 0.0, -0.5 - before], [0.0, 0.0, -0.5 + before]], np.float32)
    found = _carved(Full()).distance(on_axis)
    assert found[0] > 0.5 * before - FREE_SPACE_TOLERANCE
    assert found[1] < 0.0


def test_all_points_free_asks_for_nothing() -> None:
    ball = Ball()
    assert _carved(ball).distance(np.array([[0.9, 0.9, -0.9]], np.float32))[0] >= SURELY_FREE
    assert not ball.asked
