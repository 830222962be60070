"""The training loop stops and goes on exactly, and leaves a log and a plot."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from chiaro.training.checkpoint import load_average
from chiaro.training.configuration import RunConfiguration
from chiaro.training.loop import Task, train
from chiaro.training.progress import LossLog

SETTINGS = RunConfiguration(views=4, relights=1, samples=160, threads=1, checkpoint_minutes=0.0)


class _StopError(Exception):
    pass


def _task(stop_at: int | None = None, steps: int = SETTINGS.steps) -> Task:
    torch.manual_seed(3)

    def loss(batch: Tensor, _step: int) -> tuple[Tensor, dict[str, float]]:
        error = (network(batch) - batch.sum(dim=1, keepdim=True)).square().mean()
        return error, {"error": float(error.detach())}

    def batches(first: int) -> Iterator[Tensor]:
        for step in range(first, steps):
            if step == stop_at:
                raise _StopError
            yield torch.randn(64, 3, generator=torch.Generator().manual_seed(step))

    network = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Linear(5, 1))
    return Task("tiny", network, loss, batches)


def _trained(folder: Path) -> dict[str, Tensor]:
    task = _task()
    load_average(folder / "tiny.npz", task.network)
    return task.network.state_dict()


def test_a_run_that_stopped_ends_as_one_that_did_not(tmp_path: Path) -> None:
    lines: list[str] = []
    train(_task(), SETTINGS, tmp_path / "whole", lines.append)
    with pytest.raises(_StopError):
        train(_task(stop_at=21), SETTINGS, tmp_path / "parts", lines.append)
    train(_task(), SETTINGS, tmp_path / "parts", lines.append)
    whole, parts = _trained(tmp_path / "whole"), _trained(tmp_path / "parts")
    for name, value in whole.items():
        assert torch.equal(value, parts[name]), name
    assert any("21 to 40" in line for line in lines)
    assert any("step 25/40" in line and "min left" in line for line in lines)


def test_losses_are_logged_plotted_and_fall(tmp_path: Path) -> None:
    train(
        _task(steps=400),
        replace(SETTINGS, samples=1600, learning_rate=3e-2, checkpoint_minutes=9.0),
        tmp_path,
        lambda _line: None,
    )
    values = [value for _, _, value in LossLog(tmp_path / "tiny.csv", 400).rows()]
    assert len(values) == 16
    assert values[-1] < 0.5 * values[0]
    assert (tmp_path / "tiny_losses.png").read_bytes()[1:4] == b"PNG"


def test_a_log_forgets_what_came_after_the_checkpoint(tmp_path: Path) -> None:
    log = LossLog(tmp_path / "a.csv", 0)
    for step in (25, 50, 75):
        log.add(step, {"x": 1.0 / step})
    again = LossLog(tmp_path / "a.csv", 50)
    assert [row[0] for row in again.rows()] == [25, 50]
    assert LossLog(tmp_path / "a.csv", 0).rows() == []
