"""What a column says of the temporal network: ratios to frames alone, and to what the true frames leave to gain."""

import numpy as np
import pytest

from chiaro.training.evaluate.evaluation import TRUE_MAPS, Collected


def test_ratios_are_of_means_and_the_truth_s_own_change_is_no_fault() -> None:
    collected = Collected()
    for alone, streaming in ((0.4, 0.3), (0.6, 0.5)):
        collected.add("model", {"warping error": alone, "warping error, streaming": streaming})
        collected.add("model", {"jitter": 2.0 * alone, "jitter, streaming": streaming})
    collected.add(TRUE_MAPS, {"warping error": 0.3})
    column = collected.statistics()["model"]
    assert column["temporal ratio"].mean == pytest.approx(0.8)
    assert column["temporal ratio, beyond the truth"].mean == pytest.approx(0.5)
    assert column["jitter ratio"].mean == pytest.approx(0.4)


def test_frames_that_are_no_worse_than_the_truth_have_no_ratio_to_it() -> None:
    collected = Collected()
    collected.add("model", {"warping error": 0.3, "warping error, streaming": 0.2})
    collected.add(TRUE_MAPS, {"warping error": 0.3})
    assert np.isnan(collected.statistics()["model"]["temporal ratio, beyond the truth"].mean)


def test_without_a_temporal_network_there_is_no_ratio() -> None:
    collected = Collected()
    collected.add("model", {"warping error": 0.3, "jitter": 0.1})
    assert not {"temporal ratio", "jitter ratio"} & set(collected.statistics()["model"])
