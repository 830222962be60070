"""Shapes of heads beyond the morphable model."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.training.lightstage.head_shape import HeadShape, random_head_shape, reshaped, surface_relief
from chiaro.training.lightstage.implicit import WaveNoise

PLAIN = HeadShape(
    np.ones(3),
    0.0,
    tuple(WaveNoise(np.random.default_rng(k)) for k in range(3)),
    0.0,
    0.0,
    0.0,
    np.zeros(6),  # type: ignore[arg-type]
)
FACE = np.stack(np.meshgrid(np.linspace(-6, 6, 25), np.linspace(-9, 10, 39), [9.0], indexing="ij"), -1).reshape(-1, 3)
FACE32 = FACE.astype(np.float32)


def test_a_plain_shape_changes_nothing() -> None:
    np.testing.assert_allclose(reshaped(FACE32, FACE32, PLAIN), FACE32, atol=1e-5)
    np.testing.assert_allclose(surface_relief(FACE32, PLAIN), 0.0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_random_shapes_stay_heads(seed: int) -> None:
    shape = random_head_shape(np.random.default_rng(seed))
    moved = reshaped(FACE32, FACE32, shape)
    assert np.linalg.norm(moved - FACE32, axis=1).max() < 4.5
    assert np.abs(surface_relief(FACE32, shape)).max() < 1.6
    assert shape.child == 0.0 or shape.age == 0.0


def test_children_have_shorter_lower_faces() -> None:
    child = replace(PLAIN, child=1.0)
    eyes, chin = np.array([[0.0, 3.5, 9.0]], np.float32), np.array([[0.0, -7.5, 10.0]], np.float32)
    length = (reshaped(eyes, eyes, child) - reshaped(chin, chin, child))[0, 1]
    assert length < 0.9 * (3.5 + 7.5)


def test_folds_are_grooves_on_both_sides_alike() -> None:
    folded = replace(PLAIN, folds=np.array([1.0, 0, 0, 0, 0, 0]))
    path = np.array([[2.75, -1.9, 10.0], [-2.75, -1.9, 10.0]], np.float32)
    relief = surface_relief(path, folded)
    assert relief[0] < -0.05
    np.testing.assert_allclose(relief[0], relief[1])
    beyond = np.array([[4.0, -1.3, 10.0]], np.float32)
    assert surface_relief(beyond, folded)[0] > 0.03


def test_full_faces_stand_out_and_hollow_ones_fall_in() -> None:
    cheek = np.array([[5.1, -2.0, 7.5]], np.float32)
    assert surface_relief(cheek, replace(PLAIN, fat=1.0))[0] > 0.3
    assert surface_relief(cheek, replace(PLAIN, fat=-1.0))[0] < -0.3
