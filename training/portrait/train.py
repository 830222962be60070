"""Training of the portrait network."""

import copy
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from ..checkpoint import TrainingState, load_checkpoint, save_checkpoint
from ..configuration import RunConfiguration
from ..lightstage.sample import Stage
from ..schedule import averaging_decay, learning_rate, update_average
from .dataset import batches
from .network import PortraitNetwork, PortraitSize
from .objective import WINDOW, total_loss

CHECKPOINT_NAME = "portrait.npz"
LOG_EVERY = 25


def new_network(seed: int) -> PortraitNetwork:
    """A network with random weights of a seed."""
    torch.manual_seed(seed)
    return PortraitNetwork(PortraitSize())


def _window(seed: int, step: int) -> tuple[int, int]:
    """(top, left) of the refined window of a step; more often near the middle, where the face is."""
    random = np.random.default_rng((seed, 15485863, step))
    top, left = np.clip(np.round(random.normal(17.0, 11.0, 2)), 0, 64 - WINDOW).astype(int)
    return int(top), int(left)


def train_portrait(configuration: RunConfiguration, stage: Stage, folder: Path, report: Callable[[str], None]) -> None:
    """Train until the schedule ends; goes on from the folder's checkpoint where there is one.

    Args:
        configuration: the run.
        stage: where pictures come from.
        folder: for checkpoints.
        report: receives lines of progress.
    """
    torch.set_num_threads(configuration.threads)
    network = new_network(configuration.seed)
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=configuration.learning_rate, weight_decay=configuration.weight_decay, betas=(0.9, 0.98)
    )
    path = folder / CHECKPOINT_NAME
    first = load_checkpoint(path, network, average, optimiser) if path.exists() else 0
    report(f"{sum(p.numel() for p in network.parameters()):,} parameters, steps {first} to {configuration.steps}")
    network.train()
    loader = batches(
        stage, views=configuration.views, first=first, count=configuration.steps - first, workers=configuration.workers
    )
    running: dict[str, float] = defaultdict(float)
    started = saved = time.monotonic()
    for step, batch in enumerate(loader, start=first):
        rate = learning_rate(configuration, step)
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss, terms = total_loss(
            network, batch, _window(configuration.seed, step), half_precision=configuration.half_precision
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimiser.step()
        update_average(average, network, averaging_decay(configuration, step))
        for name, value in terms.items():
            running[name] += value / LOG_EVERY
        if (step + 1) % LOG_EVERY == 0:
            speed = (step + 1 - first) * configuration.batch / (time.monotonic() - started)
            report(_progress(step + 1, configuration, rate, speed, running))
            running.clear()
        done = step + 1 == configuration.steps
        if done or time.monotonic() - saved > 60.0 * configuration.checkpoint_minutes:
            save_checkpoint(TrainingState(network, average, optimiser, step + 1), path)
            saved = time.monotonic()


def _progress(step: int, configuration: RunConfiguration, rate: float, speed: float, terms: dict[str, float]) -> str:
    parts = " ".join(f"{name} {value:.3f}" for name, value in terms.items())
    seen = f"{time.strftime('%H:%M:%S')} step {step} samples {step * configuration.batch} rate {rate:.2e} {speed:.1f}/s"
    return f"{seen} total {sum(terms.values()):.3f} {parts}"
