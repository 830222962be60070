"""The parsing learns, changes nothing but parts and matte, and is put into a portrait model that has an overview."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from tests.training.overview.test_overview import small_overview
from tests.training.triplanes.test_beginning import plate, trained_model

from chiaro.runtime.errors import SettingsError, WeightsError
from chiaro.training.assets import AssetError
from chiaro.training.configuration import RunConfiguration
from chiaro.training.lightstage.parts import PartClass
from chiaro.training.overview.network import Overview, seen_smaller
from chiaro.training.parsing import train as training
from chiaro.training.parsing.dataset import stacked
from chiaro.training.parsing.network import Parsing
from chiaro.training.parsing.sample_sheet import draw_parts_sheet
from chiaro.training.parsing.train import parsing_loss
from chiaro.training.portrait.truth import Batch
from chiaro.training.triplanes import overseen
from chiaro.training.triplanes.model import OUTPUTS, TriplaneModel
from chiaro.training.triplanes.overseen import (
    NEAR,
    OverseenModel,
    export_overseen,
    export_parsing,
    exported_overview,
    parts_together,
    person_near,
)
from chiaro.training.triplanes.product import export_product


class SmallOverview(Overview):
    """As wide as `small_overview`, and made as `exported_overview` makes one."""

    def __init__(self) -> None:
        super().__init__(fine=16, middle=16, coarse=32, blocks=1)


def small_parsing() -> Parsing:
    torch.manual_seed(4)
    return Parsing((16, 16), (8, 8, 16))


def batch(count: int = 2) -> Batch:
    random = torch.Generator().manual_seed(5)
    parts = torch.randint(0, 9, (count, 8, 8), generator=random).repeat_interleave(16, 1).repeat_interleave(16, 2)
    colours = torch.rand(9, 3, generator=random)
    return {"plate": colours[parts].permute(0, 3, 1, 2).contiguous(), "parts": parts.to(torch.uint8)}


@pytest.mark.parametrize("half_precision", [False, True])
def test_one_batch_is_learnt_and_the_overview_is_left_alone(half_precision: bool) -> None:
    network, overview, given = small_parsing(), small_overview().eval().requires_grad_(False), batch()
    before = {name: value.clone() for name, value in overview.state_dict().items()}
    optimiser = torch.optim.AdamW(network.parameters(), lr=5e-3)
    losses = []
    for _ in range(12):
        loss, terms = parsing_loss(network, overview, given, half_precision=half_precision)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        losses.append(float(loss.detach()))
        assert terms == {"parts": pytest.approx(losses[-1])}
    assert losses[-1] < 0.5 * losses[0]
    for name, value in overview.state_dict().items():
        assert torch.equal(value, before[name]), name


class _Sample:
    plate = np.zeros((3, 2, 2), np.float16)
    matte = np.array([[0.0, 0.4], [0.6, 1.0]], np.float16)
    parts = np.full((2, 2), PartClass.HAIR, np.uint8)


def test_what_is_mostly_background_is_background() -> None:
    found = stacked([_Sample()])["parts"]  # type: ignore[list-item]  # all of a sample that is looked at
    assert found.tolist() == [[[0, 0], [6, 6]]]


def test_a_run_without_half_views_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="prepare-small-views --half"):
        training.train_parsing(RunConfiguration(), None, tmp_path, tmp_path, print)  # type: ignore[arg-type]  # never looked at


def test_the_surer_of_two_decides_and_nobody_is_ignored() -> None:
    model, said = torch.full((1, 9, 4, 4), 0.02), torch.zeros(1, 9, 4, 4)
    model[:, 3] = 1.0 - 8 * 0.02
    together = parts_together(model, said)
    torch.testing.assert_close(together.sum(dim=1), torch.ones(1, 4, 4))
    assert (together.argmax(dim=1) == 3).all()
    said[:, 5] = 9.0
    assert (parts_together(model, said).argmax(dim=1) == 5).all()


def test_only_what_is_far_from_the_person_is_no_matte() -> None:
    parts = torch.zeros(1, 9, 40, 40)
    parts[:, 0] = 1.0
    parts[:, 0, :, :10], parts[:, 6, :, :10] = 0.0, 1.0
    found = person_near(parts)
    assert (found[..., : 10 + NEAR] == 1.0).all()
    assert (found[..., 10 + NEAR :] == 0.0).all()
    parts[:, 0, :, :10], parts[:, 6, :, :10] = 0.6, 0.4
    assert 0.5 < float(person_near(parts)[0, 0, 20, 5]) < 1.0


def test_the_sheet_shows_plate_truth_and_answer(tmp_path: Path) -> None:
    given = batch()
    draw_parts_sheet(
        given,
        lambda shown: torch.nn.functional.one_hot(torch.zeros(len(shown), 128, 128).long(), 9).movedim(-1, 1),
        tmp_path / "sheet.png",
    )
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (3 * 128, 2 * 128)
        pixels = np.asarray(sheet)
    assert pixels[:, 128:256].any()
    assert not pixels[:, 256:].any(), "the answer is background everywhere"


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    model = trained_model()
    monkeypatch.setattr(overseen, "new_model", lambda _seed: TriplaneModel(model.size))
    monkeypatch.setattr(overseen, "Overview", SmallOverview)
    export_product(model, tmp_path, {"portrait": "# portrait\n\n## Measured\n\nnothing yet\n", "field": "# field\n"})
    return tmp_path


def test_an_exported_parsing_changes_parts_and_matte_alone_and_goes_with_its_overview(weights: Path) -> None:
    def answers() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        session = onnxruntime.InferenceSession(str(weights / "portrait.onnx"), providers=["CPUExecutionProvider"])
        return dict(zip(OUTPUTS, session.run(list(OUTPUTS), {"plate": plate().numpy()}), strict=True))

    parsing = small_parsing().eval()
    with pytest.raises(AssetError, match=r"has no overview .* run `chiaro-train export overview` first"):
        export_parsing(parsing, weights)
    overview = SmallOverview().eval()
    with torch.no_grad():
        for parameter in overview.parameters():
            # Equal arrays, as an untrained network has many, are kept once in a file, under one of their names.
            parameter.add_(0.02 * torch.randn_like(parameter))
    export_overseen(overview, weights)
    alone = answers()
    seen = torch.rand(1, 5, 64, 64)
    with torch.no_grad():
        for ours, theirs in zip(overview.features(seen), exported_overview(weights).features(seen), strict=True):
            torch.testing.assert_close(ours, theirs, atol=2e-3, rtol=1e-2)
    export_parsing(parsing, weights)
    together = answers()
    assert np.abs(together["parts"] - alone["parts"]).max() > 0.02
    assert (together["matte"] <= alone["matte"] + 2e-3).all()
    for name in set(OUTPUTS) - {"parts", "matte"}:
        np.testing.assert_allclose(together[name], alone[name], atol=2e-3, err_msg=name)
    export_overseen(overview, weights)
    np.testing.assert_allclose(answers()["parts"], alone["parts"], atol=1e-3)


def test_with_no_share_the_parts_are_those_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = trained_model()
    monkeypatch.setattr(overseen, "PARSED_SHARE", 0.0)
    with torch.no_grad():
        alone = model(plate())["parts"]
        together = OverseenModel(model, small_overview(), small_parsing()).eval()(plate())["parts"]
    torch.testing.assert_close(together, alone, atol=2e-3, rtol=0)


def test_what_is_no_parsing_is_refused(weights: Path) -> None:
    with pytest.raises(WeightsError, match="is no parsing network"):
        export_parsing(torch.nn.Linear(1, 1), weights)


def test_light_is_averaged_for_what_sees_less() -> None:
    shown = torch.zeros(1, 5, 256, 256)
    shown[:, :3, ::2] = 1.0
    torch.testing.assert_close(seen_smaller(shown, 128)[:, :3], torch.full((1, 3, 128, 128), 0.5 ** (1 / 2.2)))
