"""Missing assets are named, with what to do."""

from pathlib import Path

import numpy as np
import pytest

from chiaro.training.assets import AssetError, asset, default_data_folder, environment_files, load_face_model
from chiaro.training.lightstage.person import PersonKind, load_person, person_path
from chiaro.training.lightstage.stage import People, Stage

DATA = default_data_folder()
needs_data = pytest.mark.skipif(DATA is None, reason="the asset folder (CHIARO_DATA) is not here")


def test_no_folder_at_all() -> None:
    with pytest.raises(AssetError, match="CHIARO_DATA"):
        asset(None, "hdri")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"ict_facekit\.npz was not found.*training/README\.md"):
        load_face_model(tmp_path)


def test_a_person_that_was_not_prepared(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="chiaro-train prepare"):
        load_person(person_path(tmp_path, PersonKind.ICT, 1, 3))


def test_a_stage_without_light_or_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="0 environments and 4 people"):
        Stage(tmp_path, 1, People(4), (), np.zeros((8, 2, 2), np.float32))


@needs_data
@pytest.mark.data
def test_held_out_environments_are_not_trained_on() -> None:
    training, held_out = environment_files(DATA)
    assert {"studio.hdr", "sunset.hdr", "night.hdr"} <= {path.name for path in held_out}
    assert not set(training) & set(held_out)
    assert len(training) >= 9
