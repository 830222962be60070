"""A run that is stopped and resumed ends with the same weights as one that was not."""

import copy
from pathlib import Path

import pytest
import torch

from chiaro.training.assets import AssetError
from chiaro.training.checkpoint import (
    TrainingState,
    load_average,
    load_between,
    load_checkpoint,
    save_checkpoint,
)
from chiaro.training.schedule import update_average


def _network() -> torch.nn.Sequential:
    torch.manual_seed(3)
    return torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.BatchNorm1d(5), torch.nn.Linear(5, 1))


def _optimiser(network: torch.nn.Module) -> torch.optim.AdamW:
    return torch.optim.AdamW(network.parameters(), lr=1e-2, weight_decay=0.02)


def _train(network: torch.nn.Module, average: torch.nn.Module, optimiser: torch.optim.AdamW, steps: range) -> None:
    for step in steps:
        inputs = torch.randn(8, 4, generator=torch.Generator().manual_seed(step))
        optimiser.zero_grad()
        network(inputs).square().mean().backward()
        optimiser.step()
        update_average(average, network, 0.9)


def _saved(path: Path, network: torch.nn.Module, step: int) -> Path:
    save_checkpoint(TrainingState(network, network, torch.optim.AdamW(network.parameters()), step), path)
    return path


def test_weights_between_two_runs(tmp_path: Path) -> None:
    early, late, found = _network(), _network(), _network()
    _train(late, copy.deepcopy(late), _optimiser(late), range(5))
    first, second = _saved(tmp_path / "first.npz", early, 7), _saved(tmp_path / "second.npz", late, 5)
    assert load_between(second, first, 0.75, found) == 5
    for name, value in found.state_dict().items():
        one, other = early.state_dict()[name], late.state_dict()[name]
        expected = 0.25 * one + 0.75 * other if value.dtype.is_floating_point else other
        torch.testing.assert_close(value, expected, msg=name)
    load_between(second, first, 1.0, found)
    assert all(torch.equal(value, late.state_dict()[name]) for name, value in found.state_dict().items())


def test_weights_of_different_networks_are_not_mixed(tmp_path: Path) -> None:
    first = _saved(tmp_path / "first.npz", torch.nn.Linear(4, 6), 1)
    second = _saved(tmp_path / "second.npz", torch.nn.Linear(4, 5), 1)
    with pytest.raises(AssetError, match=r"first\.npz is of another network than .*second\.npz"):
        load_between(second, first, 0.5, torch.nn.Linear(4, 5))


def test_resuming_is_exact(tmp_path: Path) -> None:
    whole, whole_average = _network(), _network()
    _train(whole, whole_average, _optimiser(whole), range(10))

    network, average = _network(), _network()
    optimiser = _optimiser(network)
    _train(network, average, optimiser, range(6))
    path = tmp_path / "run.npz"
    save_checkpoint(TrainingState(network, average, optimiser, 6), path)
    network, average = copy.deepcopy(_network()), _network()
    optimiser = _optimiser(network)
    first = load_checkpoint(path, network, average, optimiser)
    _train(network, average, optimiser, range(first, 10))

    for resumed, uninterrupted in ((network, whole), (average, whole_average)):
        for name, value in uninterrupted.state_dict().items():
            assert torch.equal(resumed.state_dict()[name], value), name


def test_only_the_average_is_exported(tmp_path: Path) -> None:
    network, average = _network(), _network()
    with torch.no_grad():
        average[0].weight.fill_(0.5)
    save_checkpoint(TrainingState(network, average, _optimiser(network), 3), tmp_path / "run.npz")
    fresh = _network()
    assert load_average(tmp_path / "run.npz", fresh) == 3
    assert torch.equal(fresh[0].weight, torch.full((5, 4), 0.5))


def test_a_missing_checkpoint_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="run `chiaro-train run` first"):
        load_average(tmp_path / "none.npz", _network())
