"""The commands of truth in space and of the comparison: what they say, and what they leave behind."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.training.lightstage.volume.shapes import person_of, sphere
from typer.testing import CliRunner

from chiaro.training.assets import AssetError
from chiaro.training.command import application
from chiaro.training.lightstage.agreement.measure import Agreement
from chiaro.training.lightstage.person import PersonKind, person_path, save_person
from chiaro.training.lightstage.volume.person_volume import load_volume, volume_path
from chiaro.training.lightstage.volume.prepare_volumes import prepare_volume, waiting_people
from chiaro.training.truth_commands import LABELS


def test_every_number_of_an_agreement_has_a_label() -> None:
    assert list(LABELS) == [field.name for field in fields(Agreement)]


def test_volumes_are_prepared_once_and_drawn(tmp_path: Path) -> None:
    person = person_path(tmp_path, PersonKind.ICT, 1, 4)
    save_person(person_of(*sphere(0.11)), person)
    assert waiting_people(tmp_path) == [person]
    assert prepare_volume(person) == volume_path(person)
    assert waiting_people(tmp_path) == []
    first = load_volume(volume_path(person))
    prepare_volume(person)
    np.testing.assert_array_equal(load_volume(volume_path(person)).position, first.position)
    sheet = tmp_path / "volumes.png"
    result = CliRunner().invoke(application, ["volume-sheet", str(sheet), "--cache", str(tmp_path)])
    assert result.exit_code == 0, result.output
    pixels = np.asarray(Image.open(sheet), float)
    assert pixels.shape == (512, 5 * 256, 3)
    mesh, level = pixels[:256], pixels[256:]
    assert (mesh.any(axis=2) == level.any(axis=2)).mean() > 0.99
    assert np.abs(mesh - level)[mesh.any(axis=2) & level.any(axis=2)].mean() < 6.0


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["prepare-volumes"], "holds no prepared people; run `chiaro-train prepare` with this cache first."),
        (["volume-sheet", "x.png"], "holds no volumes; run `chiaro-train prepare-volumes` with this cache first."),
    ],
)
def test_an_empty_cache_is_told(tmp_path: Path, command: list[str], sentence: str) -> None:
    result = CliRunner().invoke(application, [*command, "--cache", str(tmp_path)])
    assert isinstance(result.exception, AssetError)
    assert str(result.exception).endswith(sentence)
