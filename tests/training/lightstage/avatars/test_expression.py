"""Expressions of the avatars."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chiaro.training.lightstage.avatars.expression import (
    MOST_GAZE,
    SOUNDS,
    following_lids,
    random_avatar_expression,
    random_gaze,
)


@given(st.integers(0, 100_000))
def test_weights_stay_in_range_and_repeat(seed: int) -> None:
    weights = random_avatar_expression(np.random.default_rng(seed))
    assert weights == random_avatar_expression(np.random.default_rng(seed))
    assert all(0.0 <= value <= 1.0 for value in weights.values())
    yaw, pitch = random_gaze(np.random.default_rng(seed))
    assert abs(yaw) <= MOST_GAZE[0]
    assert abs(pitch) <= MOST_GAZE[1]


def test_people_talk_smile_and_rest() -> None:
    drawn = [random_avatar_expression(np.random.default_rng(seed)) for seed in range(600)]
    talking = sum(any(sound in weights for sound in SOUNDS) for weights in drawn)
    smiling = sum(any("smile" in name for name in weights) for weights in drawn)
    shut = sum(weights.get("LeyeClose", 0.0) > 0.7 for weights in drawn)
    assert talking > 100
    assert smiling > 100
    assert 20 < shut < 90


@given(st.floats(-MOST_GAZE[1], MOST_GAZE[1]), st.floats(0.0, 1.0))
def test_lids_follow_the_gaze(pitch: float, blink: float) -> None:
    weights = following_lids({"LeyeClose": blink, "ReyeClose": blink}, (0.0, pitch))
    assert weights["LeyeClose"] >= blink
    assert weights["LeyeClose"] <= 1.0
    lower = following_lids({"LeyeClose": blink}, (0.0, pitch - 0.1))
    assert lower.get("LeyeClose", 0.0) >= weights.get("LeyeClose", 0.0) - 1e-9 or pitch - 0.1 < -MOST_GAZE[1]
    if pitch >= 0.0:
        assert weights["LeyeClose"] == blink
