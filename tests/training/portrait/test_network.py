"""The portrait network's shapes, units and conventions."""

import numpy as np
import pytest
import torch

from chiaro.runtime.light.harmonics import lambert_transport as runtime_transport
from chiaro.training.portrait.map_losses import WINDOW
from chiaro.training.portrait.maps import RAW_CHANNELS, lambert_transport, maps_from_raw
from chiaro.training.portrait.network import PortraitNetwork, PortraitSize
from chiaro.training.portrait.objective import total_loss
from chiaro.training.portrait.truth import reduced_truth, window_truth

SMALL = PortraitSize(fine=16, middle=16, coarse=32, attention_blocks=1, refinement=8)


@pytest.fixture(scope="module")
def network() -> PortraitNetwork:
    torch.manual_seed(0)
    return PortraitNetwork(SMALL)


def _batch(count: int = 2) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(9)
    rand = lambda *shape: torch.rand(*shape, generator=generator)  # noqa: E731 - shorter than a function
    normal = torch.nn.functional.normalize(rand(count, 3, 256, 256) - 0.5, dim=1)
    head = torch.tensor([1.0, 0, 0, 0, 1, 0, 0, 0, 0]).repeat(count, 1)
    return {
        "plate": rand(count, 3, 256, 256).half(),
        "albedo": rand(count, 3, 256, 256).half(),
        "normal": normal.half(),
        "depth": rand(count, 1, 256, 256).half(),
        "matte": rand(count, 1, 256, 256).round().half(),
        "transport": rand(count, 9, 256, 256).half(),
        "parts": (rand(count, 256, 256) * 8).to(torch.uint8),
        "light": rand(count, 9, 3),
        "head": head,
        "roughness": rand(count, 1, 256, 256).half(),
    }


def test_outputs_have_the_agreed_shapes_and_ranges(network: PortraitNetwork) -> None:
    with torch.no_grad():
        outputs = network.eval()(torch.rand(2, 5, 256, 256))
    shapes = {name: tuple(value.shape) for name, value in outputs.items()}
    assert shapes == {
        "albedo": (2, 3, 256, 256),
        "normal": (2, 3, 256, 256),
        "depth": (2, 1, 256, 256),
        "matte": (2, 1, 256, 256),
        "transport": (2, 9, 256, 256),
        "light": (2, 9, 3),
        "head": (2, 9),
        "roughness": (2, 1, 256, 256),
        "parts": (2, 8, 256, 256),
    }
    for name in ("albedo", "matte", "roughness", "parts"):
        assert outputs[name].min() >= 0.0
        assert outputs[name].max() <= 1.0
    torch.testing.assert_close(outputs["normal"].norm(dim=1), torch.ones(2, 256, 256), atol=1e-4, rtol=0)
    torch.testing.assert_close(outputs["parts"].sum(dim=1), torch.ones(2, 256, 256), atol=1e-4, rtol=0)
    assert (outputs["light"][:, 0] > 0.0).all()


def test_transport_of_a_normal_is_the_runtimes() -> None:
    normals = np.random.default_rng(1).normal(size=(5, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    ours = lambert_transport(torch.from_numpy(normals)[:, :, None, None])[:, :, 0, 0]
    np.testing.assert_allclose(ours.numpy(), runtime_transport(normals), atol=1e-6)


def test_without_a_correction_transport_follows_the_normal() -> None:
    raw = torch.zeros(1, RAW_CHANNELS, 2, 2)
    raw[:, 3:6] = torch.tensor([0.0, 3.0, 4.0])[None, :, None, None]
    maps = maps_from_raw(raw)
    np.testing.assert_allclose(maps["normal"][0, :, 0, 0].numpy(), [0.0, 0.6, 0.8], atol=1e-6)
    torch.testing.assert_close(maps["transport"], lambert_transport(maps["normal"]))
    assert float(maps["albedo"][0, 0, 0, 0]) == pytest.approx(0.25)


def test_refining_a_window_is_refining_the_whole_away_from_its_edge(network: PortraitNetwork) -> None:
    network.eval()
    plate = torch.rand(1, 5, 256, 256)
    with torch.no_grad():
        features, coarse, _, _ = network.trunk(plate)
        whole = network.refine(plate, features, coarse)
        inner = (slice(None), slice(None), slice(20, 44), slice(8, 32))
        window = network.refine(plate[:, :, 80:176, 32:128], features[inner], coarse[inner])
    torch.testing.assert_close(window[:, :, 16:-16, 16:-16], whole[:, :, 96:160, 48:112], atol=1e-4, rtol=1e-4)


def test_truth_is_reduced_over_the_matte_only() -> None:
    batch = _batch(1)
    batch["matte"][:] = 0.0
    batch["matte"][:, :, :, :2] = 1.0
    batch["albedo"][:] = 0.9
    batch["albedo"][:, :, :, :2] = 0.2
    truth = reduced_truth(batch, 4)
    np.testing.assert_allclose(truth["albedo"][0, :, :, 0].numpy(), 0.2, atol=2e-3)
    np.testing.assert_allclose(truth["matte"][0, 0, :, 0].numpy(), 0.5)
    assert float(truth["albedo"][0, :, :, 1:].abs().max()) == 0.0
    assert window_truth(batch, (2, 3, 24))["albedo"].shape == (1, 3, 96, 96)


def test_every_weight_is_trained(network: PortraitNetwork) -> None:
    network.train()
    for _ in range(2):  # the last layers begin at zero, so what feeds them is reached by the second step
        network.zero_grad()
        loss, terms = total_loss(network, _batch(), (10, 64 - WINDOW), half_precision=False)
        loss.backward()
        with torch.no_grad():
            for parameter in network.parameters():
                if parameter.grad is not None:
                    parameter.sub_(0.01 * parameter.grad)
    untouched = [n for n, p in network.named_parameters() if p.grad is None or float(p.grad.abs().max()) == 0.0]
    assert untouched == []
    assert float(loss) == pytest.approx(sum(terms.values()), rel=1e-4)


def test_one_step_of_descent_lowers_the_loss(network: PortraitNetwork) -> None:
    network.train()
    batch = _batch()
    optimiser = torch.optim.SGD(network.parameters(), lr=1e-3)
    before, _ = total_loss(network, batch, (0, 0), half_precision=False)
    before.backward()
    optimiser.step()
    after, _ = total_loss(network, batch, (0, 0), half_precision=False)
    assert float(after) < float(before)
