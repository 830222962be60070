"""Muon makes steps of equal strength in all directions, and AdamW's part is torch's."""

import pytest
import torch
from torch import nn

from chiaro.training.configuration import OptimiserName
from chiaro.training.optimiser import Muon, make_optimiser, orthogonalised


@pytest.mark.parametrize("shape", [(16, 40), (40, 16), (24, 24)])
def test_singular_values_come_near_one_and_singular_vectors_stay(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(3))
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    found = orthogonalised(matrix)
    inner = left.T @ found @ right.T
    assert (torch.linalg.svdvals(found) < 1.3).all()
    assert (torch.linalg.svdvals(found)[values / values[0] > 0.05] > 0.6).all()
    # The iteration runs in half precision, of eight bits.
    assert float((inner - torch.diag(inner.diagonal())).abs().max()) < 0.06


def test_vectors_are_stepped_as_by_adamw() -> None:
    torch.manual_seed(0)
    first, second = nn.Linear(3, 2), nn.Linear(3, 2)
    second.load_state_dict(first.state_dict())
    ours = Muon([{"params": list(first.parameters())}], 1e-2, 0.1)
    theirs = torch.optim.AdamW(second.parameters(), lr=1e-2, weight_decay=0.1, betas=(0.9, 0.98))
    for step in range(5):
        x = torch.randn(4, 3, generator=torch.Generator().manual_seed(step))
        for network, optimiser in ((first, ours), (second, theirs)):
            optimiser.zero_grad()
            network(x).square().sum().backward()
            optimiser.step()
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_inner_matrices_go_to_muon_and_the_rest_to_adamw() -> None:
    network = nn.Sequential(nn.Conv2d(5, 32, 3), nn.BatchNorm2d(32), nn.Conv2d(32, 3, 1))
    optimiser = make_optimiser(network, OptimiserName.MUON, 1e-3, 0.0)
    assert [tuple(p.shape) for p in optimiser.param_groups[0]["params"]] == [(32, 5, 3, 3)]
    assert len(optimiser.param_groups[1]["params"]) == 5


@pytest.mark.parametrize("name", list(OptimiserName))
def test_a_badly_scaled_problem_is_learned(name: OptimiserName) -> None:
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(256, 24, generator=generator) * torch.logspace(0, -1.5, 24)
    target = torch.randn(24, 24, generator=generator)
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(24, 24, bias=False), nn.Linear(24, 24, bias=False))
    optimiser = make_optimiser(network, name, 3e-2, 0.0)
    losses = []
    for step in range(250):
        for group in optimiser.param_groups:
            group["lr"] = 3e-2 * (1.0 - step / 250)
        loss = (network(x) - x @ target.T).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.01 * losses[0]
