"""A picture that stands still does not flicker, and one whose light changes does, in all that is seen of it."""

from dataclasses import replace

import numpy as np
import pytest

from chiaro.runtime.plate.opening import open_plate
from chiaro.runtime.weights import WEIGHTS_FOLDER
from chiaro.training.assets import asset, default_data_folder
from chiaro.training.evaluate.flicker import _kinds, measured_flicker
from chiaro.training.evaluate.product import contestant

DATA = default_data_folder()


def test_a_pixel_counts_where_it_is_the_same_kind_in_both_frames() -> None:
    before = np.array([[0.0, 0.05, 0.5, 0.95, 0.95, -1.0, -1.0]], np.float32)
    after = np.array([[0.05, 0.5, 0.5, 0.95, 0.5, 0.0, -1.0]], np.float32)
    kinds = _kinds(before, after)
    assert kinds["painted"].tolist() == [[True, False, False, False, False, False, False]]
    assert kinds["seen"].tolist() == [[False, False, False, True, False, False, False]]


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(DATA is None, reason="the asset folder (CHIARO_DATA) is not here")
def test_only_what_changes_flickers() -> None:
    with open_plate(asset(DATA, "portraits/astronaut.png")) as plate:
        frame = plate.read(plate.first_frame)
    networks = contestant(WEIGHTS_FOLDER)
    still = measured_flicker([frame, frame], networks, networks.plain)
    assert still == {"flicker, painted": 0.0, "flicker, seen": 0.0, "flicker, plate": 0.0}
    darker = replace(frame, image=frame.image * np.float32(0.7))
    changed = measured_flicker([frame, darker], networks, networks.plain)
    assert changed["flicker, plate"] > 0.03
    assert changed["flicker, seen"] == pytest.approx(changed["flicker, plate"], rel=0.5)
    assert changed["flicker, painted"] > 0.01
