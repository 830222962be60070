"""Sums over squares against their definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.box_sum import box_sum


@given(st.integers(0, 6), st.integers(1, 20), st.integers(1, 20))
@settings(deadline=None, max_examples=30)
def test_box_sums_are_sums(radius: int, height: int, width: int) -> None:
    image = np.random.default_rng(0).random((height, width)).astype(np.float32)
    expected = np.array(
        [
            [
                image[max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1].sum()
                for x in range(width)
            ]
            for y in range(height)
        ]
    )
    assert box_sum(image[None], radius)[0] == pytest.approx(expected, rel=1e-4)
