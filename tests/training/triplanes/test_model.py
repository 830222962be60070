"""The portrait model's shapes, units and windows."""

import pytest
import torch

from chiaro.training.portrait.map_losses import WINDOW
from chiaro.training.triplanes.model import OUTPUTS, TriplaneModel
from chiaro.training.triplanes.objective import RAMP, ramp, total_loss
from chiaro.training.triplanes.size import ModelSize

SMALL = ModelSize(
    fine=16, middle=16, coarse=32, attention_blocks=1, high=8, shading_fine=8, shading_middle=8, shading_coarse=16,
    shading_blocks=1, albedo_planes=8, shading_planes=4, field=16, refinement=8,
)  # fmt: skip


def small_batch(count: int = 2, points: int = 64) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(9)

    def rand(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=generator)

    def unit(vectors: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(vectors - 0.5, dim=1)

    return {
        "plate": rand(count, 3, 256, 256).half(),
        "albedo": rand(count, 3, 256, 256).half(),
        "normal": unit(rand(count, 3, 256, 256)).half(),
        "depth": rand(count, 1, 256, 256).half(),
        "matte": rand(count, 1, 256, 256).round().half(),
        "transport": rand(count, 9, 256, 256).half(),
        "parts": (rand(count, 256, 256) * 9).to(torch.uint8),
        "light": rand(count, 9, 3),
        "head": torch.tensor([1.0, 0, 0, 0, 1, 0, 0, 0, 0]).repeat(count, 1),
        "roughness": rand(count, 1, 256, 256).half(),
        "specular": 0.1 * rand(count, 1, 256, 256).half(),
        "environment": rand(count, 3, 16, 16),
        "points": rand(count, points, 3) * 2 - 1,
        "point_distance": rand(count, points) - 0.5,
        "point_valid": torch.ones(count, points),
        "surface_points": rand(count, points, 3) * 2 - 1,
        "surface_albedo": rand(count, 3, points),
        "surface_normal": unit(rand(count, 3, points)),
        "surface_transport": rand(count, 9, points),
        "surface_valid": torch.ones(count, points),
    }


@pytest.fixture(scope="module")
def model() -> TriplaneModel:
    torch.manual_seed(0)
    return TriplaneModel(SMALL)


def test_outputs_have_the_agreed_names_shapes_and_ranges(model: TriplaneModel) -> None:
    with torch.no_grad():
        outputs = model.eval()(torch.rand(2, 5, 256, 256))
    assert set(outputs) == set(OUTPUTS)
    assert outputs["transport"].shape == (2, 9, 256, 256)
    assert outputs["parts"].shape == (2, 9, 256, 256)
    assert outputs["environment"].shape == (2, 3, 16, 16)
    assert outputs["albedo_side"].shape == (2, 8, 64, 64)
    for name in ("albedo", "matte", "roughness", "parts"):
        assert outputs[name].min() >= 0.0
        assert outputs[name].max() <= 1.0
    assert outputs["specular"].max() <= 0.1
    assert (outputs["environment"] > 0.0).all()
    assert (outputs["light"][:, 0] > 0.0).all()
    torch.testing.assert_close(outputs["normal"].norm(dim=1), torch.ones(2, 256, 256), atol=1e-4, rtol=0)


def test_refining_a_window_is_refining_the_whole_away_from_its_edge(model: TriplaneModel) -> None:
    model.eval()
    plate = torch.rand(1, 5, 256, 256)
    with torch.no_grad():
        encoded = model.encode(plate)
        whole, window = model.refine(plate, encoded), model.refine(plate, encoded, (20, 8, 24))
    torch.testing.assert_close(window[:, :, 16:-16, 16:-16], whole[:, :, 96:160, 48:112], atol=1e-4, rtol=1e-4)


def test_every_weight_is_trained(model: TriplaneModel) -> None:
    model.train()
    for _ in range(2):  # the last layers begin at zero, so what feeds them is reached by the second step
        model.zero_grad()
        loss, terms = total_loss(model, small_batch(), (10, 64 - WINDOW), half_precision=False)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.grad is not None:
                    parameter.sub_(0.01 * parameter.grad)
    untouched = [n for n, p in model.named_parameters() if p.grad is None or float(p.grad.abs().max()) == 0.0]
    assert untouched == []
    assert float(loss.detach()) == pytest.approx(sum(terms.values()), rel=1e-4)


def test_a_batch_without_points_trains_the_maps_alone(model: TriplaneModel) -> None:
    batch = {name: value for name, value in small_batch().items() if "point" not in name and "surface" not in name}
    _, terms = total_loss(model.train(), batch, (0, 0), half_precision=False)
    assert "fine_normal" in terms
    assert not [name for name in terms if "field" in name or name == "distance"]


def test_a_term_that_begins_later_counts_from_there() -> None:
    assert [ramp(progress, 0.25) for progress in (0.0, 0.25, 0.25 + RAMP / 2, 0.9)] == pytest.approx([0, 0, 0.5, 1])
    assert ramp(0.0, 0.0) == 1.0
