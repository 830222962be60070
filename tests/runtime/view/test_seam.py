"""Seams: masks, gaps and feathers."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.view.seam import (
    averaged_around,
    closed,
    feathered,
    grown_shares,
    grown_within,
    opened_shares,
    rounded,
    widened,
    without_crumbs,
)


def test_a_mask_grows_by_its_reach_to_all_sides() -> None:
    mask = np.zeros((9, 11), np.bool_)
    mask[4, 5] = True
    wide = widened(mask, 2)
    assert wide.dtype == np.bool_
    assert wide[2:7, 3:8].all()
    assert wide.sum() == 25


def test_gaps_are_closed_and_outlines_stay() -> None:
    image = np.zeros((32, 32), np.float32)
    image[8:24, 8:24] = 1.0
    with_gap = image.copy()
    with_gap[:, 14:17] *= 0.3
    np.testing.assert_array_equal(closed(with_gap, 2), image)
    np.testing.assert_array_equal(closed(image, 2), image)


def test_a_mean_around_is_that_of_a_window() -> None:
    image = np.random.default_rng(2).random((11, 14), np.float32)
    found = averaged_around(image, 2)
    np.testing.assert_allclose(found[5, 6], image[3:8, 4:9].mean(), rtol=1e-5)
    np.testing.assert_allclose(averaged_around(np.full((6, 5), 0.3, np.float32), 2), 0.3, rtol=1e-6)


def test_outlines_are_rounded_and_nothing_is_added() -> None:
    cover = np.zeros((64, 64), np.float32)
    cover[16:48, 16:48] = 1.0
    cover[30:32, 48:54] = 1.0
    solid = np.zeros((64, 64), np.bool_)
    solid[16:48, 8:16] = True
    found = rounded(cover, solid, 2)
    assert (found <= cover).all()
    assert found[30:32, 50:54].max() < 0.1  # a spike
    assert found[16, 47] < 0.5  # a corner
    np.testing.assert_array_equal(found[20:44, 20:44], 1.0)
    np.testing.assert_array_equal(found[22:42, 16], 1.0)  # where it meets the solid


def test_growth_stays_in_its_mask() -> None:
    seed, mask = np.zeros((2, 9, 20), np.bool_)
    seed[4, 3] = True
    mask[4, 3:15] = True
    mask[0, 5] = True
    grown = grown_within(seed, mask, 5)
    assert np.flatnonzero(grown[4]).tolist() == [3, 4, 5, 6, 7, 8]
    assert grown.sum() == 6


def test_opening_takes_away_what_is_narrow() -> None:
    mask = np.zeros((32, 32), np.float32)
    mask[8:20, 8:20] = 1.0
    with_rim = mask.copy()
    with_rim[8:12, 20:30] = 1.0
    np.testing.assert_array_equal(opened_shares(with_rim, 2), mask)
    np.testing.assert_array_equal(opened_shares(with_rim, 1), with_rim)


def test_a_strip_that_fades_is_opened_to_what_is_left_of_it() -> None:
    """Shares do not blink: a little less of a strip is a little less of what is kept."""
    strip = np.zeros((32, 32), np.float32)
    strip[10:13, 4:28] = [[1.0], [1.0], [0.4]]
    np.testing.assert_allclose(opened_shares(strip, 1)[10:13, 4:28], 0.4)


def test_shares_grow_no_stronger_than_their_weakest_link() -> None:
    seed, mask = np.zeros((2, 5, 12), np.float32)
    seed[2, 1] = 0.9
    mask[2, 1:10] = [0.9, 0.8, 0.8, 0.3, 0.7, 0.7, 0.2, 0.9, 0.9]
    grown = grown_shares(seed, mask, 6)
    np.testing.assert_allclose(grown[2], [0, 0.9, 0.8, 0.8, 0.3, 0.3, 0.3, 0.2, 0, 0, 0, 0])
    assert not np.delete(grown, 2, axis=0).any()


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
@settings(max_examples=20, deadline=None)
def test_shares_of_yes_and_no_grow_as_masks_do(seed: int, reach: int) -> None:
    random = np.random.default_rng(seed)
    mask = random.random((15, 19)) < 0.6
    start = mask & (random.random(mask.shape) < 0.05)
    found = grown_shares(start.astype(np.float32), mask.astype(np.float32), reach)
    np.testing.assert_array_equal(found > 0, grown_within(start, mask, reach))


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_closing_never_darkens_and_is_done_once(seed: int, reach: int) -> None:
    image = np.random.default_rng(seed).random((17, 23), np.float32)
    once = closed(image, reach)
    assert (once >= image).all()
    assert once.max() == image.max()
    np.testing.assert_array_equal(closed(once, reach), once)


def test_a_share_fades_along_a_surface_and_not_across_its_edge() -> None:
    share = np.zeros((64, 64), np.float32)
    share[:, 30:34] = 1.0
    depth = np.ones((64, 64), np.float32)
    depth[:, 34:] = 2.0
    faded = feathered(share, depth, 4)
    np.testing.assert_allclose(faded[20, 24:34], [0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 1], atol=1e-6)
    assert faded[:, 34:].max() == 0.0
    assert share[20, 29] == 0.0  # the argument is left alone


def test_crumbs_go_and_gaps_beside_what_is_solid_stay() -> None:
    mask, solid = np.zeros((2, 40, 40), np.bool_)
    mask[5:7, 5:9] = True  # a crumb, two pixels wide
    mask[20:30, 20:30] = True  # a surface, with its corners
    solid[10:30, 2:12] = True
    mask[10:30, 12] = True  # a line along what is solid
    found = without_crumbs(mask.astype(np.float32), solid)
    assert not found[5:7, 5:9].any()
    assert found[20:30, 20:30].all()
    assert found[10:30, 12].all()
    assert not found[~mask].any()
