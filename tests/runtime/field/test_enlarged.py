"""A field marched at half of a view's pixels is brought up along its surfaces, and not across their edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiaro.runtime.arrays import AnyFloatArray, BoolArray
from chiaro.runtime.field.enlarged import enlarged
from chiaro.runtime.field.render import FieldView

SIZE = 24


def _view(alpha: AnyFloatArray, depth: AnyFloatArray) -> FieldView:
    """A field whose maps are all made of where it is."""
    row, column = np.indices(alpha.shape).astype(np.float32)
    there = (alpha > 0)[..., None]
    plane = np.stack([column, row, depth], axis=-1) * there
    return FieldView(
        alpha=alpha.astype(np.float32),
        depth=(depth * there[..., 0]).astype(np.float32),
        crop_points=plane.astype(np.float32),
        albedo=(0.01 * plane).astype(np.float32),
        normal=plane.astype(np.float32),
        transport=np.concatenate([plane] * 3, axis=-1).astype(np.float32),
        roughness=(row * there[..., 0]).astype(np.float32),
    )


def _surrounded(mask: BoolArray) -> BoolArray:
    padded = np.pad(mask, 1)
    return np.logical_and.reduce(
        [padded[1 + y : 1 + y + SIZE, 1 + x : 1 + x + SIZE] for y in (-1, 0, 1) for x in (-1, 0, 1)]
    )


def test_a_plane_stays_a_plane() -> None:
    row, column = np.indices((SIZE, SIZE))
    depth = 1.0 + 0.002 * row - 0.001 * column
    found = enlarged(_view(np.ones((SIZE, SIZE)), depth), 0.1)
    fine_row, fine_column = np.indices((2 * SIZE, 2 * SIZE)) / 2 - 0.25
    inner = slice(2, -2)
    np.testing.assert_allclose(
        found.depth[inner, inner], (1.0 + 0.002 * fine_row - 0.001 * fine_column)[inner, inner], atol=1e-6
    )
    np.testing.assert_allclose(found.roughness[inner, inner], fine_row[inner, inner], atol=1e-4)
    assert (found.alpha == 1).all()


def test_nothing_is_mixed_across_an_edge_of_depth() -> None:
    near = np.indices((SIZE, SIZE))[1] < SIZE // 2
    found = enlarged(_view(np.ones((SIZE, SIZE)), np.where(near, 1.0, 1.5)), 0.1)
    assert set(np.unique(found.depth)) == {np.float32(1.0), np.float32(1.5)}


@given(st.integers(0, 2**32 - 1), st.floats(0.2, 0.9))
def test_maps_are_those_of_what_is_there(seed: int, share: float) -> None:
    """Where nothing was met, zeros stand; none of them may get into what was."""
    random = np.random.default_rng(seed)
    alpha = np.where(random.random((SIZE, SIZE)) < share, random.uniform(0.1, 1.0, (SIZE, SIZE)), 0.0)
    view = _view(alpha, np.full((SIZE, SIZE), 1.25))
    found = enlarged(view, 0.1)
    covered = found.alpha > 0
    np.testing.assert_allclose(found.depth[covered], 1.25, atol=1e-6)
    assert not found.depth[~covered].any()
    assert found.alpha.max() <= alpha.max() + 1e-6
    whole = np.repeat(np.repeat(_surrounded(alpha > 0), 2, axis=0), 2, axis=1)
    assert covered[whole].all()


def test_a_field_that_met_nothing_is_nothing() -> None:
    found = enlarged(_view(np.zeros((SIZE, SIZE)), np.zeros((SIZE, SIZE))), 0.1)
    assert all(not getattr(found, name).any() for name in vars(found))


@pytest.mark.parametrize("size", [2, 5])
def test_small_and_odd_fields_are_brought_up_too(size: int) -> None:
    found = enlarged(_view(np.ones((size, size)), np.ones((size, size))), 0.1)
    assert found.transport.shape == (2 * size, 2 * size, 9)
    np.testing.assert_allclose(found.depth, 1.0, atol=1e-6)
