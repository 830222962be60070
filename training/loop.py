"""The training loop that all networks share: schedule, averaging, checkpoints, progress."""

import copy
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .checkpoint import TrainingState, load_checkpoint, save_checkpoint
from .configuration import RunConfiguration
from .optimiser import make_optimiser
from .progress import LossLog
from .schedule import averaging_decay, learning_rate, update_average

LOG_EVERY = 25
Report = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """What is trained.

    Attributes:
        name: of the network: its checkpoint is `name.npz`.
        network: with its first weights.
        loss: of a batch at a step, and its terms for the log.
        batches: those from a step on, to the end of the schedule.
        largest_gradient: norm that gradients are clipped to.
        sheet: draws sample pictures of the averaged network into a PNG; called at every checkpoint.
    """

    name: str
    network: nn.Module
    loss: Callable[[Any, int], tuple[Tensor, dict[str, float]]]
    batches: Callable[[int], Iterable[Any]]
    largest_gradient: float = 10.0
    sheet: Callable[[nn.Module, Path], None] | None = None


def train(task: Task, configuration: RunConfiguration, folder: Path, report: Report) -> None:
    """Train until the schedule ends; goes on exactly from the folder's checkpoint where there is one.

    Args:
        task: what to train.
        configuration: the run.
        folder: for the checkpoint, the log of losses, its plot and the sample sheet.
        report: receives lines of progress.
    """
    torch.set_num_threads(configuration.threads)
    device = configuration.torch_device
    network = _channels_last(task.network.to(device))
    average = copy.deepcopy(network)
    optimiser = make_optimiser(
        network, configuration.optimiser, configuration.learning_rate, configuration.weight_decay
    )
    path = folder / f"{task.name}.npz"
    first = load_checkpoint(path, network, average, optimiser) if path.exists() else 0
    report(f"{sum(p.numel() for p in network.parameters()):,} parameters, steps {first} to {configuration.steps}")
    log = LossLog(folder / f"{task.name}.csv", first)
    network.train()
    running: dict[str, float] = defaultdict(float)
    saved = logged = time.monotonic()
    for step, batch in enumerate(task.batches(first), start=first):
        rate = learning_rate(configuration, step)
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss, terms = task.loss(_on(batch, device), step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(network.parameters(), task.largest_gradient, foreach=True)
        optimiser.step()
        update_average(average, network, averaging_decay(configuration, step))
        for name, value in terms.items():
            running[name] += value / LOG_EVERY
        if (step + 1) % LOG_EVERY == 0:
            seconds = time.monotonic() - logged
            log.add(step + 1, running)
            report(_line(step + 1, configuration, seconds / LOG_EVERY, running))
            running.clear()
            logged = time.monotonic()
        done = step + 1 == configuration.steps
        if done or time.monotonic() - saved > 60.0 * configuration.checkpoint_minutes:
            save_checkpoint(TrainingState(network, average, optimiser, step + 1), path)
            log.plot(folder / f"{task.name}_losses.png")
            if task.sheet is not None:
                task.sheet(average, folder / f"{task.name}_samples.png")
            saved = logged = time.monotonic()


def _channels_last(network: nn.Module) -> nn.Module:
    """The network with the weights of its convolutions laid out as they are trained fastest."""
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.dim() == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


def _on(batch: Any, device: str) -> Any:  # noqa: ANN401 - a tensor, or tensors by name
    """A batch on a device."""
    if isinstance(batch, dict):
        return {name: value.to(device, non_blocking=True) for name, value in batch.items()}
    return batch.to(device) if isinstance(batch, Tensor) else batch


def _line(step: int, configuration: RunConfiguration, seconds: float, terms: dict[str, float]) -> str:
    """One line: how far, how fast, how long still, and the terms of the loss."""
    left = (configuration.steps - step) * seconds / 60.0
    parts = " ".join(f"{name} {value:.3f}" for name, value in terms.items())
    return (
        f"{time.strftime('%H:%M:%S')} step {step}/{configuration.steps} {configuration.batch / seconds:.1f}/s "
        f"{left:.0f} min left, total {sum(terms.values()):.3f} {parts}"
    )
