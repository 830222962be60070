"""Which of a view's stored points a batch gets."""

import numpy as np
import pytest

from chiaro.training.lightstage.stored_points import FAR_METRES, INSIDE_SHARE, OUTSIDE_SHARE, balanced_rows


def _distances(near: int, inside: int, outside: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float16]]:
    random = np.random.default_rng(3)
    every = np.concatenate([np.full(near, 0.001), np.full(inside, -0.02), np.full(outside, 0.1)])
    return random.permutation(every).astype(np.float16)


def test_what_is_far_from_the_surface_has_its_share() -> None:
    signed = _distances(3000, 300, 796)
    rows = balanced_rows(np.random.default_rng(1), signed, 1024)
    assert len(rows) == len(set(rows.tolist())) == 1024
    assert np.count_nonzero(signed[rows] < -FAR_METRES) == round(INSIDE_SHARE * 1024)
    assert np.count_nonzero(signed[rows] > FAR_METRES) == round(OUTSIDE_SHARE * 1024)


def test_what_is_missing_of_one_kind_comes_from_the_others() -> None:
    signed = _distances(100, 20, 80)
    rows = balanced_rows(np.random.default_rng(1), signed, 190)
    assert len(set(rows.tolist())) == 190
    assert np.count_nonzero(signed[rows] < -FAR_METRES) == 20


def test_every_draw_is_another_one() -> None:
    signed = _distances(3000, 300, 796)
    first, second = (balanced_rows(np.random.default_rng(seed), signed, 1024) for seed in (1, 2))
    assert len(set(first.tolist()) & set(second.tolist())) < 700


def test_more_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="5 points are kept, and 6 are wanted"):
        balanced_rows(np.random.default_rng(1), _distances(3, 1, 1), 6)
