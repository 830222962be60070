"""A small evaluation of networks that know nothing: every file is written and every row has its number."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from chiaro.training.assets import FaceModel, default_data_folder, environment_files, load_face_model
from chiaro.training.evaluate.evaluation import (
    TRUE_MAPS,
    UNCHANGED,
    Collected,
    Size,
    measure_pictures,
    measure_sequences,
    measure_static,
)
from chiaro.training.evaluate.held_out import held_out_case
from chiaro.training.evaluate.held_out_measures import perfect
from chiaro.training.evaluate.judges import load_judges
from chiaro.training.evaluate.lamp_response import lamp_truths, measured_lamps, table
from chiaro.training.evaluate.product import Contestant, contestant
from chiaro.training.evaluate.stage_face import LEAST_FACING, stage_face
from chiaro.training.evaluate.written import write_table, write_truth_sheets
from chiaro.training.export import export_network, write_manifest
from chiaro.training.lightstage.ict_person import build_ict_person
from chiaro.training.lightstage.panorama import load_panorama
from chiaro.training.lightstage.parts import PartClass
from chiaro.training.lightstage.person import PersonKind, person_path, save_person
from chiaro.training.lightstage.stage import People, Stage, make_stage
from chiaro.training.portrait.network import PortraitNetwork, PortraitSize
from chiaro.training.portrait_model import OUTPUTS

DATA = default_data_folder()
pytestmark = [
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.skipif(DATA is None, reason="the asset folder (CHIARO_DATA) is not here"),
]
SIZE = Size(pictures=2, sequences=1, frames=3, static=1, static_frames=2, clip_frames=1)


@pytest.fixture(scope="module")
def model() -> FaceModel:
    return load_face_model(DATA)


@pytest.fixture(scope="module")
def stage(model: FaceModel, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder: Path = tmp_path_factory.mktemp("people")
    save_person(build_ict_person(model, 5, 0), person_path(folder, PersonKind.ICT, 5, 0))
    panorama = load_panorama(environment_files(DATA)[1][0])
    return make_stage(model, (panorama,), folder, seed=5, people=People(1), relights=1)


@pytest.fixture(scope="module")
def ignorant(tmp_path_factory: pytest.TempPathFactory) -> Contestant:
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    network = PortraitNetwork(PortraitSize(fine=16, middle=16, coarse=32, attention_blocks=1, refinement=8))
    export_network(network, OUTPUTS, 5, folder / "portrait.onnx")
    write_manifest(folder)
    found = contestant(folder, "model")
    return replace(found, streaming=found.plain)


def test_the_picture_is_the_stages_own(stage: Stage) -> None:
    case, drawn = held_out_case(stage, 0), stage.drawn(10_000_000)
    encoded = drawn.photographs[0].plate.astype(np.float32)[:, case.plate.rows, case.plate.columns].transpose(1, 2, 0)
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    np.testing.assert_allclose(case.plate.image, linear, atol=1e-5)
    np.testing.assert_allclose(case.light, drawn.photographs[0].light, atol=1e-6)
    np.testing.assert_array_equal(case.view.maps.albedo, drawn.view.maps.albedo)


def test_a_face_is_itself_and_another_light_changes_it(stage: Stage) -> None:
    judges = load_judges(DATA)
    cases = [held_out_case(stage, number) for number in range(4)]
    faces = [stage_face(case, judges) for case in cases]
    assert [face is None for face in faces] == [case.view.pose.rotation[2, 2] < LEAST_FACING for case in cases]
    case, face = next((case, face) for case, face in zip(cases, faces, strict=True) if face is not None)
    assert face is not None
    assert face.likeness(case.clean.on_square(case.clean.image)) == pytest.approx(1.0, abs=1e-5)
    # The eyes are where the stage drew eyes.
    eyes = case.view.maps.parts[tuple(np.floor(face.points[:2, ::-1]).astype(int).T)]
    assert set(eyes) <= {PartClass.EYES, PartClass.SKIN, PartClass.BROWS, PartClass.HAIR, PartClass.GLASSES}
    assert face.likeness(case.lamp.radiance) < 0.999


def test_true_maps_answer_lamps_as_the_stage_does(stage: Stage) -> None:
    case = held_out_case(stage, 0)
    numbers = measured_lamps(case, perfect(case.clean, case), lamp_truths(case))
    true, ours, error = (numbers[f"front, skin, shading, {what}"] for what in ("true", "ours", "error"))
    assert true > 0.2
    assert ours == pytest.approx(true, rel=0.15)
    assert error < 0.2
    darker = {name: 0.5 * value if name.endswith("ours") else value for name, value in numbers.items()}
    heading, rows = table(numbers, darker)
    cells = dict(zip(heading, rows[0], strict=True))
    assert cells["lamp, part"] == "front, skin, shading"
    assert float(cells["model"]) == pytest.approx(ours, abs=1e-3)
    assert float(cells["true maps"]) == pytest.approx(0.5 * ours, abs=1e-3)
    assert any(row[0].endswith("skin in shadow") and row[3].startswith("overlap") for row in rows)


def test_every_row_has_its_number_and_every_file_is_written(
    stage: Stage, model: FaceModel, ignorant: Contestant, tmp_path: Path
) -> None:
    collected, lines = Collected(), list[str]()
    measure_pictures(stage, load_judges(DATA), [ignorant], range(SIZE.pictures), collected, lines.append)
    measure_sequences(stage, model, [ignorant], SIZE, collected, lines.append)
    measure_static(stage, [ignorant], SIZE, collected, lines.append)
    write_table(collected, ["model", TRUE_MAPS, UNCHANGED], 1, SIZE, tmp_path)
    write_truth_sheets(stage, ignorant, collected, tmp_path, lines.append)
    column = collected.statistics()["model"]
    for name in (
        "normal, skin",
        "albedo, network",
        "environment, scene-linear, PSNR",
        "moved",
        "parts",
        "light",
    ):
        assert np.isfinite(column[name].mean)
        assert column[name].count in {1, 2}
    # The same encoder with itself: exactly as steady.
    assert column["temporal ratio"].mean == pytest.approx(1.0)
    assert column["jitter ratio"].mean == pytest.approx(1.0)
    assert column["temporal, lighting change"].mean == pytest.approx(0.0)
    perfect = collected.statistics()[TRUE_MAPS]
    assert perfect["environment, scene-linear, PSNR"].mean > column["environment, scene-linear, PSNR"].mean
    assert np.isfinite(perfect["identity, stage's own picture"].mean)
    text = (tmp_path / "evaluation.md").read_text()
    assert "plate-view normals, mean angle on skin (°) | ≤ 8.00 |" in text
    assert "(fail)" in text
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"evaluation.md", "evaluation.csv", "jitter.png", "pictures.png", "worst.png"}
