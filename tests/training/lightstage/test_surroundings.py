"""The colour of what surrounds a point."""

import numpy as np

from chiaro.training.lightstage.surroundings import CELL_METRES, CELLS, surrounding_albedo


def test_one_colour_surrounds_itself_wherever_it_lies() -> None:
    position = np.random.default_rng(0).uniform(-1.0, 1.0, (500, 3)).astype(np.float32)
    albedo = np.tile(np.array([0.6, 0.3, 0.2], np.float32), (500, 1))
    np.testing.assert_allclose(surrounding_albedo(position, albedo), albedo, rtol=1e-4)


def test_colours_mix_where_they_meet_and_not_far_away() -> None:
    random = np.random.default_rng(1)
    position = random.uniform(-0.2, 0.2, (20000, 3)).astype(np.float32)
    right = position[:, 0] > 0.0
    albedo = np.where(right[:, None], [1.0, 0.0, 0.5], [0.0, 1.0, 0.5]).astype(np.float32)
    around = surrounding_albedo(position, albedo)
    assert np.abs(around[position[:, 0] > 2.1 * CELL_METRES] - [1.0, 0.0, 0.5]).max() < 1e-4
    meeting = np.abs(position[:, 0]) < 0.1 * CELL_METRES
    np.testing.assert_allclose(around[meeting].mean(axis=0), 0.5, atol=0.06)
    assert CELLS * CELL_METRES > 0.6
