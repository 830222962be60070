"""The weave of planes is averaged away on one surface, and nothing passes an edge of depth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chiaro.runtime.arrays import BoolArray, Float32Array
from chiaro.runtime.view.painted_smoothing import smoothed
from chiaro.runtime.view.seam import LARGEST_STEP

SIDE = 64


def _smoothed(
    maps: Float32Array, depth: Float32Array, there: BoolArray, reach: int, step: float | Float32Array = LARGEST_STEP
) -> Float32Array:
    """(h, w, C) of which the pixels that are there are smoothed."""
    pixel, result = np.flatnonzero(there), maps.copy()
    steps = np.broadcast_to(np.float32(step), there.shape)[there]
    result[there] = smoothed(maps[there], pixel, depth, steps, reach)
    return result


def flat(depth: float = 1.0) -> Float32Array:
    return np.full((SIDE, SIDE), depth, np.float32)


def test_a_weave_is_gone_and_what_changes_slowly_stays() -> None:
    across = np.arange(SIDE, dtype=np.float32)
    slow = np.broadcast_to(across / SIDE, (SIDE, SIDE))
    weave = 0.2 * (-1.0) ** (across[:, None] + across)
    there = np.ones((SIDE, SIDE), np.bool_)
    found = _smoothed((slow + weave).astype(np.float32)[..., None], flat(), there, 3)[..., 0]
    inner = slice(4, -4)
    assert np.abs(found - slow)[inner, inner].max() < 0.01


def test_nothing_passes_an_edge_of_depth_or_comes_from_where_nothing_is() -> None:
    left = np.broadcast_to(np.arange(SIDE) < SIDE // 2, (SIDE, SIDE))
    maps = np.where(left, 1.0, 3.0).astype(np.float32)[..., None]
    depth = np.where(left, 1.0, 1.2).astype(np.float32)
    there = np.ones((SIDE, SIDE), np.bool_)
    assert np.array_equal(_smoothed(maps, depth, there, 3), maps)
    mixed = _smoothed(maps, flat(), there, 3)[..., 0]
    assert 1.0 < mixed[5, SIDE // 2] < 3.0
    unknown = np.where(left[..., None], maps, np.float32(1e6))
    only_left = _smoothed(unknown, flat(), left, 3)
    assert np.array_equal(only_left, unknown)


def test_a_notch_is_averaged_away_where_larger_steps_are_allowed_on_both_sides() -> None:
    left = np.broadcast_to(np.arange(SIDE) < SIDE // 2, (SIDE, SIDE))
    maps = np.where(left, 1.0, 3.0).astype(np.float32)[..., None]
    depth, there = np.where(left, 1.0, 1.2).astype(np.float32), np.ones((SIDE, SIDE), np.bool_)
    # A view of 64 pixels has pixels four times as wide as one of 256.
    wide = _smoothed(maps, depth, there, 3, step=0.3 / 4)
    assert 1.0 < wide[5, SIDE // 2, 0] < 3.0
    careful = _smoothed(maps, depth, there, 3, step=np.where(left, np.float32(0.3 / 4), np.float32(0.01)))
    assert np.array_equal(careful, maps)


@given(arrays(np.float32, (16, 16, 2), elements=st.floats(-10, 10, width=32)), arrays(np.bool_, (16, 16)))
def test_a_mean_lies_between_the_least_and_the_most(maps: Float32Array, there: BoolArray) -> None:
    found = _smoothed(maps, np.ones((16, 16), np.float32), there, 3)
    assert np.array_equal(found[~there], maps[~there])
    if there.any():
        assert found[there].min() >= maps[there].min() - 1e-4
        assert found[there].max() <= maps[there].max() + 1e-4
