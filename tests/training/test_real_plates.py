"""Crops of real clips for self-reconstruction."""

from pathlib import Path

import numpy as np
import pytest

from chiaro.training.assets import AssetError, default_data_folder
from chiaro.training.real_plates import RealPlates, load_real_plates, moved_box, prepare_real_plates, real_plates_path


def test_a_drawn_plate_is_exposed_anew_and_keeps_its_matte() -> None:
    colour = np.full((3, 256, 256, 3), 120, np.uint8)
    matte = np.zeros((3, 256, 256), np.uint8)
    matte[:, :, :64] = 255
    plates, sides = [], set()
    for seed in range(12):
        plate, found = RealPlates(colour, matte).drawn(np.random.default_rng(seed))
        assert plate.shape == (3, 256, 256)
        assert found.mean() == pytest.approx(0.25, abs=1e-3)
        sides.add(bool(found[0, 0] > 0.5))
        plates.append(plate[:, 0, 0])
    assert sides == {True, False}
    assert np.std(plates, axis=0).min() > 0.01
    again = RealPlates(colour, matte).drawn(np.random.default_rng(3))[0]
    np.testing.assert_array_equal(again[:, 0, 0], plates[3])


def test_boxes_move_a_little() -> None:
    random = np.random.default_rng(1)
    boxes = np.array([moved_box([500.0, 300.0, 200.0, 0.1, 0.2, 0.3], random) for _ in range(200)])
    assert 2.0 < boxes[:, 0].std() < 12.0
    assert boxes[:, 2].mean() == pytest.approx(200.0, rel=0.02)
    np.testing.assert_array_equal(boxes[:, 4:], np.tile([0.2, 0.3], (200, 1)))


def test_crops_that_were_not_prepared_are_named(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="prepare-real-plates"):
        load_real_plates(tmp_path)


@pytest.mark.data
def test_a_clip_without_labels_is_named(tmp_path: Path) -> None:
    if default_data_folder() is None:
        pytest.skip("the asset folder (CHIARO_DATA) is not here")
    labels = tmp_path / "labels.json"
    labels.write_text("{}")
    with pytest.raises(AssetError, match=r"has no boxes of clips/d0\.mp4"):
        prepare_real_plates(default_data_folder(), labels, tmp_path, 1)
    assert not real_plates_path(tmp_path).exists()
