"""The close-up learns, changes the maps it has a share in, and is put into a portrait model that has an overview."""

import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from tests.training.overview.test_overview import small_overview
from tests.training.triplanes.test_beginning import plate, trained_model, write_product
from tests.training.triplanes.test_model import SMALL
from torch.nn import functional

from chiaro.runtime.errors import SettingsError, WeightsError
from chiaro.training.assets import AssetError
from chiaro.training.calibration import calibrate
from chiaro.training.closeup import train as training
from chiaro.training.closeup.dataset import FIELDS, stacked
from chiaro.training.closeup.network import CloseUp
from chiaro.training.closeup.objective import closeup_loss
from chiaro.training.closeup.sample_sheet import NamedAnswers
from chiaro.training.closeup.train import raw_maps
from chiaro.training.configuration import RunConfiguration
from chiaro.training.lightstage.parts import PartClass
from chiaro.training.overview.network import Overview, seen_smaller
from chiaro.training.portrait.map_losses import network_plate
from chiaro.training.portrait.maps import maps_from_raw
from chiaro.training.portrait.sample_sheet import draw_sample_sheet
from chiaro.training.portrait.truth import Batch
from chiaro.training.triplanes import overseen
from chiaro.training.triplanes.beginning import begin_inside
from chiaro.training.triplanes.model import OUTPUTS, TriplaneModel
from chiaro.training.triplanes.overseen import (
    NEAR,
    OverseenModel,
    export_closeup,
    export_overseen,
    exported_overview,
    mattes_together,
    parts_together,
    person_near,
)
from chiaro.training.triplanes.plate_maps import CHANNELS, RAW_CHANNELS

CHANGED = {"parts", "normal", "transport", "albedo", "depth", "matte"}
"""Outputs that the close-up has a share in."""


class SmallOverview(Overview):
    """As wide as `small_overview`, and made as `exported_overview` makes one."""

    def __init__(self) -> None:
        super().__init__(fine=16, middle=16, coarse=32, blocks=1)


def small_closeup() -> CloseUp:
    torch.manual_seed(4)
    return CloseUp((16, 16), (8, 8, 16, 8))


def batch(count: int = 2) -> Batch:
    random = torch.Generator().manual_seed(5)

    def noise(*shape: int) -> torch.Tensor:
        small = torch.rand(count, *shape, 8, 8, generator=random)
        return small.repeat_interleave(16, -1).repeat_interleave(16, -2)

    parts = torch.randint(0, 9, (count, 8, 8), generator=random).repeat_interleave(16, 1).repeat_interleave(16, 2)
    colours = torch.rand(9, 3, generator=random)
    return {
        "plate": colours[parts].permute(0, 3, 1, 2).contiguous(),
        "albedo": colours[parts].permute(0, 3, 1, 2).contiguous(),
        "normal": functional.normalize(noise(3) - 0.5, dim=1),
        "depth": 0.2 * noise(1),
        "matte": (parts > 0).float()[:, None],
        "transport": noise(9) - 0.3,
        "parts": parts.to(torch.uint8),
        "light": torch.rand(count, 9, 3, generator=random),
        "roughness": noise(1),
        "specular": 0.04 * noise(1),
    }


@pytest.mark.parametrize("half_precision", [False, True])
def test_one_batch_is_learnt_and_the_overview_is_left_alone(half_precision: bool) -> None:
    network, overview, given = small_closeup(), small_overview().eval().requires_grad_(False), batch()
    before = {name: value.clone() for name, value in overview.state_dict().items()}
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-2)
    losses = []
    for _ in range(8):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half_precision):
            raw = raw_maps(network, overview, network_plate(given))
        loss, terms = closeup_loss(raw, given, relights=1)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        losses.append(float(loss.detach()))
        assert sum(terms.values()) == pytest.approx(losses[-1], rel=1e-4)
    assert losses[-1] < 0.75 * losses[0]
    for name, value in overview.state_dict().items():
        assert torch.equal(value, before[name]), name


class _Sample:
    plate = albedo = normal = np.zeros((3, 2, 2), np.float16)
    depth = roughness = specular = np.zeros((2, 2), np.float16)
    matte = np.array([[0.0, 0.4], [0.6, 1.0]], np.float16)
    transport, light = np.zeros((9, 2, 2), np.float16), np.zeros((9, 3), np.float32)
    parts = np.full((2, 2), PartClass.HAIR, np.uint8)


def test_what_is_mostly_background_is_background() -> None:
    found = stacked([_Sample()])  # type: ignore[list-item]  # all of a sample that is looked at
    assert found["parts"].tolist() == [[[0, 0], [6, 6]]]
    assert found["matte"].shape == (1, 1, 2, 2)
    assert set(found) == {*FIELDS, "parts"}


def test_a_run_without_half_views_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="prepare-small-views --half"):
        training.train_closeup(RunConfiguration(), None, tmp_path, tmp_path, print)  # type: ignore[arg-type]  # never looked at


def test_the_surer_of_two_decides_and_nobody_is_ignored() -> None:
    model, said = torch.full((1, 9, 4, 4), 0.02), torch.zeros(1, 9, 4, 4)
    model[:, 3] = 1.0 - 8 * 0.02
    together = parts_together(model, said)
    torch.testing.assert_close(together.sum(dim=1), torch.ones(1, 4, 4))
    assert (together.argmax(dim=1) == 3).all()
    said[:, 5] = 9.0
    assert (parts_together(model, said).argmax(dim=1) == 5).all()


def test_two_mattes_that_agree_are_surer_and_of_two_the_surer_decides() -> None:
    model = torch.tensor([0.0, 0.2, 0.5, 0.9, 1.0]).reshape(1, 1, 1, 5)
    agreed = mattes_together(model, torch.logit(model, eps=1e-4))
    torch.testing.assert_close(agreed, model, atol=0.03, rtol=0)
    assert ((agreed - 0.5).abs() >= (model - 0.5).abs() - 2e-4).all()
    sure_of_person, sure_of_nobody = (mattes_together(model, torch.full_like(model, logit)) for logit in (9.0, -9.0))
    assert (sure_of_person[..., 1:] > 0.9).all()
    assert (sure_of_nobody[..., :-1] < 0.1).all()
    between = mattes_together(model[..., 1:4], torch.zeros(1, 1, 1, 3))
    assert (between[..., 0] > 0.2).all()
    assert (between[..., 2] < 0.9).all()


def test_only_what_is_far_from_the_person_is_no_matte() -> None:
    parts = torch.zeros(1, 9, 40, 40)
    parts[:, 0] = 1.0
    parts[:, 0, :, :10], parts[:, 6, :, :10] = 0.0, 1.0
    found = person_near(parts)
    assert (found[..., : 10 + NEAR] == 1.0).all()
    assert (found[..., 10 + NEAR :] == 0.0).all()
    parts[:, 0, :, :10], parts[:, 6, :, :10] = 0.6, 0.4
    assert 0.5 < float(person_near(parts)[0, 0, 20, 5]) < 1.0


def test_the_sheet_shows_truth_and_answer_and_leaves_the_overview_as_it_is(tmp_path: Path) -> None:
    closeup, overview = small_closeup(), small_overview().eval()
    draw_sample_sheet(batch(3), NamedAnswers(closeup, overview).eval(), tmp_path / "sheet.png")
    assert not overview.training
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height == 6 * 128
        assert np.asarray(sheet)[128:256].any()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_product(tmp_path_factory.mktemp("product"))


@pytest.fixture
def weights(product: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(overseen, "new_model", lambda _seed: TriplaneModel(SMALL))
    monkeypatch.setattr(overseen, "Overview", SmallOverview)
    return shutil.copytree(product, tmp_path / "weights")


def moved(network: Overview | CloseUp) -> Overview | CloseUp:
    """With other numbers in every array: equal ones are kept once in a file, under one of their names."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    return network.eval()


def test_an_exported_closeup_changes_its_maps_alone_and_goes_with_its_overview(weights: Path) -> None:
    def answers() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        session = onnxruntime.InferenceSession(str(weights / "portrait.onnx"), providers=["CPUExecutionProvider"])
        return dict(zip(OUTPUTS, session.run(list(OUTPUTS), {"plate": plate().numpy()}), strict=True))

    closeup = moved(small_closeup())
    with pytest.raises(AssetError, match=r"has no overview .* run `chiaro-train export overview` first"):
        export_closeup(closeup, weights)
    overview = moved(SmallOverview())
    export_overseen(overview, weights)
    alone = answers()
    seen = torch.rand(1, 5, 64, 64)
    with torch.no_grad():
        for ours, theirs in zip(overview.features(seen), exported_overview(weights).features(seen), strict=True):  # type: ignore[operator]  # an overview
            torch.testing.assert_close(ours, theirs, atol=2e-3, rtol=1e-2)
    export_closeup(closeup, weights)
    together = answers()
    for name in OUTPUTS:
        change = np.abs(together[name] - alone[name]).max()
        assert change > 0.005 if name in CHANGED else change < 2e-3, (name, change)
    export_overseen(overview, weights)
    np.testing.assert_allclose(answers()["parts"], alone["parts"], atol=1e-3)


def test_a_run_goes_on_from_an_exported_closeup(weights: Path) -> None:
    overview, closeup = moved(SmallOverview()), moved(small_closeup())
    with pytest.raises(AssetError, match=r"holds no closeup: run without --trunk"):
        begin_inside(small_closeup(), weights, "closeup")
    export_overseen(overview, weights)
    export_closeup(closeup, weights)
    with pytest.raises(AssetError, match="a portrait network with another overview is expected"):
        begin_inside(small_closeup(), weights, "overview")
    again = SmallOverview()
    begin_inside(again, weights, "overview")
    for ours, theirs in zip(again.eval()(plate()[:, :, ::4, ::4]), overview(plate()[:, :, ::4, ::4]), strict=True):
        torch.testing.assert_close(ours, theirs, atol=0.02, rtol=0.02)
    wider = CloseUp((16, 16), (12, 8, 16, 8))
    begin_inside(wider, weights, "closeup")
    shown, known = network_plate(batch()), exported_overview(weights)
    with torch.no_grad():
        told = known.features(seen_smaller(shown, 64))
        expected = closeup(shown, told)
        torch.testing.assert_close(wider.eval()(shown, told), expected, atol=0.02, rtol=0.02)
    calibrate(wider, [shown], lambda plate: raw_maps(wider, known, plate))
    wider.train()
    with torch.no_grad():
        torch.testing.assert_close(raw_maps(wider, known, shown), expected, atol=0.02, rtol=0.02)


def test_with_no_share_the_parts_are_those_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = trained_model()
    monkeypatch.setattr(overseen, "PARSED_SHARE", 0.0)
    with torch.no_grad():
        alone = model(plate())["parts"]
        together = OverseenModel(model, small_overview(), small_closeup()).eval()(plate())["parts"]
    torch.testing.assert_close(together, alone, atol=2e-3, rtol=0)


def test_what_is_no_closeup_is_refused(weights: Path) -> None:
    with pytest.raises(WeightsError, match="is no close-up network"):
        export_closeup(torch.nn.Linear(1, 1), weights)


def test_light_is_averaged_for_what_sees_less() -> None:
    shown = torch.zeros(1, 5, 256, 256)
    shown[:, :3, ::2] = 1.0
    torch.testing.assert_close(seen_smaller(shown, 128)[:, :3], torch.full((1, 3, 128, 128), 0.5 ** (1 / 2.2)))


def test_answers_have_the_maps_of_the_portrait_model() -> None:
    with torch.no_grad():
        raw = raw_maps(small_closeup().eval(), small_overview().eval(), torch.rand(2, 5, 128, 128))
    assert raw.shape == (2, RAW_CHANNELS, 128, 128)
    normal = maps_from_raw(raw, CHANNELS)["normal"]
    torch.testing.assert_close(normal.norm(dim=1), torch.ones(2, 128, 128))
