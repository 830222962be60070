"""A run may begin with networks that were exported, and with a smaller model; what was known stays known."""

from pathlib import Path

import pytest
import torch
from tests.training.triplanes.test_model import SMALL
from torch import nn

from chiaro.training.assets import AssetError
from chiaro.training.blocks import NormedConvolution
from chiaro.training.calibration import calibrate
from chiaro.training.checkpoint import TrainingState, save_checkpoint
from chiaro.training.triplanes.beginning import begin_with
from chiaro.training.triplanes.model import TriplaneModel
from chiaro.training.triplanes.product import export_product
from chiaro.training.triplanes.size import ModelSize

DEEPER = ModelSize(**{**vars(SMALL), "attention_blocks": 2, "shading_blocks": 3, "full": 40})


def trained_model(size: ModelSize = SMALL) -> TriplaneModel:
    """A model whose normalisations have seen something and whose last layers are not zero any more."""
    torch.manual_seed(8)
    model = TriplaneModel(size)
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if value.dtype.is_floating_point and not name.startswith("light.last"):  # an exponent is made of them
                value.add_(torch.rand_like(value) * (0.3 if "norm" in name or "running" in name else 0.02))
    return model.eval()


def plate(count: int = 2) -> torch.Tensor:
    return torch.rand(count, 5, 256, 256, generator=torch.Generator().manual_seed(1))


def write_product(folder: Path) -> Path:
    """A small trained model as `chiaro-train export triplanes` leaves it, with cards that others can write into."""
    cards = {"portrait": "# portrait\n\n## Measured\n\nnothing yet\n", "field": "# field\n"}
    export_product(trained_model(), folder, cards)
    return folder


@pytest.fixture(scope="module")
def known() -> TriplaneModel:
    return trained_model()


@pytest.fixture(scope="module")
def exported(known: TriplaneModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    export_product(known, folder, {"portrait": "# portrait\n", "field": "# field\n"})
    return folder


def require_same(ours: TriplaneModel, theirs: TriplaneModel, tolerance: float) -> None:
    with torch.no_grad():
        first, second = ours.eval()(plate()), theirs.eval()(plate())
    for name, value in second.items():
        scale = float(value.abs().max())
        torch.testing.assert_close(first[name], value, atol=tolerance * scale, rtol=0, msg=name)


@pytest.mark.parametrize("size", [SMALL, DEEPER])
def test_a_model_goes_on_from_exported_networks(size: ModelSize, known: TriplaneModel, exported: Path) -> None:
    torch.manual_seed(2)
    model = TriplaneModel(size)
    begin_with(model, exported)
    require_same(model, known, 0.01)  # weights were rounded to half floats
    for name, value in known.field.state_dict().items():
        torch.testing.assert_close(model.field.state_dict()[name], value, atol=1e-3, rtol=1e-3)


def test_a_larger_model_computes_what_the_smaller_one_did(known: TriplaneModel, tmp_path: Path) -> None:
    state = TrainingState(known, known, torch.optim.AdamW(known.parameters()), 1)
    save_checkpoint(state, tmp_path / "triplanes.npz")
    torch.manual_seed(2)
    model = TriplaneModel(DEEPER)
    begin_with(model, tmp_path / "triplanes.npz")
    require_same(model, known, 1e-5)
    with pytest.raises(AssetError, match="does not fit into"):
        smaller = tmp_path / "larger.npz"
        save_checkpoint(TrainingState(model, model, torch.optim.AdamW(model.parameters()), 1), smaller)
        begin_with(TriplaneModel(ModelSize(**{**vars(DEEPER), "full": 32})), smaller)


def test_other_networks_are_refused(tmp_path: Path) -> None:
    other = nn.Linear(2, 2)
    save_checkpoint(TrainingState(other, other, torch.optim.AdamW(other.parameters()), 1), tmp_path / "other.npz")
    with pytest.raises(AssetError, match=r"other\.npz holds bias, which the network to train has not"):
        begin_with(TriplaneModel(SMALL), tmp_path / "other.npz")
    with pytest.raises(AssetError, match=r"portrait\.onnx was not found"):
        begin_with(TriplaneModel(SMALL), tmp_path)


def test_calibration_changes_statistics_and_nothing_else(exported: Path) -> None:
    torch.manual_seed(2)
    model, before = TriplaneModel(SMALL), TriplaneModel(SMALL)
    begin_with(model, exported)
    before.load_state_dict(model.state_dict())
    calibrate(model, [plate(3)])
    require_same(model, before, 1e-4)
    seen: dict[str, torch.Tensor] = {}
    for name, block in model.named_modules():
        if isinstance(block, NormedConvolution):
            block.convolution.register_forward_hook(lambda _, __, value, name=name: seen.update({name: value}))
    with torch.no_grad():
        model.eval()(plate(3))
    for name, value in seen.items():
        norm = model.get_submodule(name).norm
        torch.testing.assert_close(norm.running_mean, value.mean(dim=(0, 2, 3)), atol=1e-4, rtol=1e-4, msg=name)
        torch.testing.assert_close(
            norm.running_var, value.var(dim=(0, 2, 3), unbiased=False), atol=1e-4, rtol=1e-3, msg=name
        )
