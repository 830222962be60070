"""The overview learns, and put into a portrait model it changes what is wide and leaves what is fine."""

import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from tests.training.triplanes.test_beginning import plate, trained_model, write_product
from tests.training.triplanes.test_model import SMALL
from torch.nn import functional

from chiaro.runtime.errors import SettingsError, WeightsError
from chiaro.training.assets import AssetError
from chiaro.training.configuration import RunConfiguration
from chiaro.training.overview import train as training
from chiaro.training.overview.network import GAMMA, Overview, seen_smaller
from chiaro.training.overview.objective import halved_truth, overview_loss
from chiaro.training.overview.sample_sheet import NamedAnswers
from chiaro.training.portrait.sample_sheet import draw_sample_sheet
from chiaro.training.portrait.truth import Batch
from chiaro.training.triplanes import overseen
from chiaro.training.triplanes.beginning import begin_with
from chiaro.training.triplanes.model import OUTPUTS, TriplaneModel
from chiaro.training.triplanes.overseen import OverseenModel, export_overseen, wide_difference
from chiaro.training.triplanes.plate_maps import RAW_CHANNELS


def small_overview() -> Overview:
    torch.manual_seed(3)
    return Overview(fine=16, middle=16, coarse=32, blocks=1)


def batch(count: int = 4) -> Batch:
    random = torch.Generator().manual_seed(5)

    def noise(*shape: int) -> torch.Tensor:
        return torch.rand(count, *shape, generator=random)

    return {
        "plate": noise(3, 64, 64),
        "albedo": noise(3, 64, 64),
        "normal": functional.normalize(noise(3, 64, 64) - 0.5, dim=1),
        "depth": noise(1, 64, 64),
        "matte": (noise(1, 64, 64) > 0.3).float(),
        "transport": noise(9, 64, 64) - 0.3,
        "parts": torch.randint(0, 9, (count, 64, 64), generator=random),
        "light": noise(9, 3),
        "head": noise(9),
        "roughness": noise(1, 64, 64),
        "specular": 0.04 * noise(1, 64, 64),
        "environment": noise(3, 16, 16),
    }


def test_answers_have_their_shapes_and_units() -> None:
    found = small_overview().eval()(torch.rand(2, 5, 64, 64))
    assert found.raw.shape == (2, RAW_CHANNELS, 32, 32)
    assert (found.light.shape, found.environment.shape, found.head.shape) == ((2, 9, 3), (2, 3, 16, 16), (2, 9))
    assert (found.light[:, 0] > 0).all()
    assert (found.environment > 0).all()


def test_truth_is_averaged_over_the_matte() -> None:
    given = batch(1)
    given["depth"] = torch.where(given["matte"] > 0, torch.tensor(2.0), torch.tensor(-50.0))
    truth = halved_truth(given)
    covered = truth["matte"] > 0.2
    torch.testing.assert_close(truth["depth"][covered], torch.full_like(truth["depth"][covered], 2.0))
    lengths = truth["normal"].norm(dim=1, keepdim=True)[covered]
    torch.testing.assert_close(lengths, torch.ones_like(lengths), atol=1e-3, rtol=0)


@pytest.mark.parametrize("half_precision", [False, True])
def test_one_batch_is_learnt(half_precision: bool) -> None:
    network, given = small_overview(), batch()
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    losses = []
    for _ in range(20):
        loss, terms = overview_loss(network, given, 2, half_precision=half_precision)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        losses.append(float(loss.detach()))
        assert sum(terms.values()) == pytest.approx(losses[-1], rel=1e-3)
    assert losses[-1] < 0.85 * losses[0]


def test_a_run_without_small_views_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="prepare-small-views"):
        training.train_overview(RunConfiguration(), None, tmp_path, print)  # type: ignore[arg-type]  # never looked at


def test_a_sheet_shows_truth_above_answers(tmp_path: Path) -> None:
    draw_sample_sheet(batch(2), NamedAnswers(small_overview()), tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height == 2 * 2 * 64
        rows = np.asarray(sheet, np.float32).reshape(4, 64, -1, 3)
    np.testing.assert_array_equal(rows[0][:, :64], rows[1][:, :64])
    assert np.abs(rows[0] - rows[1])[:, 64:].mean() > 5.0


def test_the_plate_is_averaged_as_light() -> None:
    shown = torch.zeros(1, 5, 256, 256)
    shown[:, :3, :, ::2] = 1.0
    small = seen_smaller(shown, 64)
    assert small.shape == (1, 5, 64, 64)
    torch.testing.assert_close(small[:, :3], torch.full((1, 3, 64, 64), 0.5 ** (1 / GAMMA)))


def test_only_what_is_wide_is_changed() -> None:
    random = torch.Generator().manual_seed(2)
    fine, matte = torch.randn(1, 3, 256, 256, generator=random), torch.ones(1, 1, 256, 256)
    means = functional.avg_pool2d(fine, 8)
    torch.testing.assert_close(wide_difference(fine, means, matte), torch.zeros_like(fine), atol=1e-5, rtol=0)
    torch.testing.assert_close(wide_difference(fine, means + 0.5, matte), torch.full_like(fine, 0.5))
    half = matte.clone()
    half[..., 128:] = 0.0
    beside = wide_difference(fine, means + 0.5, half)
    assert beside[..., 136:].abs().max() == 0.0, "nothing of the background is changed"


def test_with_no_share_the_model_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    model = trained_model()
    monkeypatch.setattr(overseen, "SHARES", dict.fromkeys(overseen.SHARES, 0.0))
    monkeypatch.setattr(overseen, "LIGHT_SHARE", 0.0)
    with torch.no_grad():
        alone, together = model(plate()), OverseenModel(model, small_overview()).eval()(plate())
    assert set(together) == set(OUTPUTS)
    for name, value in alone.items():
        torch.testing.assert_close(together[name], value, atol=1e-4, rtol=1e-3, msg=name)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_product(tmp_path_factory.mktemp("product"))


@pytest.fixture
def weights(product: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(overseen, "new_model", lambda _seed: TriplaneModel(SMALL))
    return shutil.copytree(product, tmp_path / "weights")


def test_an_exported_overview_answers_with_the_model_and_is_replaced_by_the_next(weights: Path) -> None:
    def answers() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        session = onnxruntime.InferenceSession(str(weights / "portrait.onnx"), providers=["CPUExecutionProvider"])
        return dict(zip(OUTPUTS, session.run(list(OUTPUTS), {"plate": plate().numpy()}), strict=True))

    alone = answers()
    export_overseen(small_overview().eval(), weights)
    first = answers()
    assert np.abs(first["normal"] - alone["normal"]).max() > 0.05
    np.testing.assert_allclose(first["matte"], alone["matte"], atol=1e-3)
    np.testing.assert_allclose(first["albedo_front"], alone["albedo_front"], atol=2e-3)
    export_overseen(small_overview().eval(), weights)
    np.testing.assert_allclose(answers()["normal"], first["normal"], atol=1e-3)
    model = overseen.new_model(0)
    begin_with(model, weights)
    with torch.no_grad():
        np.testing.assert_allclose(model.eval()(plate())["normal"].numpy(), alone["normal"], atol=5e-3)


def test_what_is_no_overview_and_folders_without_a_model_are_refused(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is no overview"):
        export_overseen(torch.nn.Linear(1, 1), weights)
    (tmp_path / "empty").mkdir()
    with pytest.raises(AssetError, match=r"portrait\.onnx was not found"):
        export_overseen(small_overview(), tmp_path / "empty")
