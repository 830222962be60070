"""Training of the locator."""

import copy
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from ..checkpoint import TrainingState, load_checkpoint, save_checkpoint
from ..configuration import RunConfiguration
from ..portrait.dataset import start_worker
from ..schedule import averaging_decay, learning_rate, update_average
from .network import LocatorNetwork, locator_loss
from .sample import LocatorSample, encoded_plate, grid_truth, varied

CHECKPOINT_NAME = "locator.npz"
LOG_EVERY = 25


class LocatorBatches(Dataset[tuple[torch.Tensor, ...]]):
    """Batch b holds the samples b·n … b·n + n − 1 as (plate, heat, box, known).

    Sample i is drawn picture i mod D in a shuffled order, zoomed, moved, mirrored and recoloured.
    """

    def __init__(self, drawn: list[LocatorSample], seed: int, size: int, *, first: int, count: int) -> None:
        self.drawn, self.seed, self.size, self.first, self.count = drawn, seed, size, first, count
        self.order = np.random.default_rng(seed).permutation(len(drawn))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
        start = (self.first + index) * self.size
        plates, truths = [], []
        for i in range(start, start + self.size):
            sample = varied(self.drawn[self.order[i % len(self.drawn)]], self.seed, i)
            plates.append(encoded_plate(sample.plate))
            truths.append(grid_truth(sample.boxes))
        return (torch.from_numpy(np.stack(plates)), *(torch.from_numpy(np.stack(t)) for t in zip(*truths, strict=True)))


def new_locator(seed: int) -> LocatorNetwork:
    """A locator with random weights of a seed."""
    torch.manual_seed(seed)
    return LocatorNetwork()


def train_locator(
    configuration: RunConfiguration, drawn: list[LocatorSample], folder: Path, report: Callable[[str], None]
) -> None:
    """Train until the schedule ends; goes on from the folder's checkpoint where there is one.

    Args:
        configuration: the run; `views` is the number of pictures in a batch.
        drawn: pictures, see locator_pictures.py.
        folder: for checkpoints.
        report: receives lines of progress.
    """
    torch.set_num_threads(configuration.threads)
    network = new_locator(configuration.seed)
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=configuration.learning_rate, weight_decay=configuration.weight_decay, betas=(0.9, 0.98)
    )
    path = folder / CHECKPOINT_NAME
    first = load_checkpoint(path, network, average, optimiser) if path.exists() else 0
    report(f"{sum(p.numel() for p in network.parameters()):,} parameters, steps {first} to {configuration.steps}")
    network.train()
    dataset = LocatorBatches(
        drawn, configuration.seed, configuration.views, first=first, count=configuration.steps - first
    )
    loader: DataLoader[Any] = DataLoader(
        dataset,
        batch_size=None,
        num_workers=configuration.workers,
        prefetch_factor=3,
        worker_init_fn=start_worker,
        multiprocessing_context="fork",
    )
    started = saved = time.monotonic()
    running: dict[str, float] = {}
    for step, (plate, heat, box, known) in enumerate(loader, start=first):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(configuration, step)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=configuration.half_precision):
            logits = network.logits(plate)
        loss, terms = locator_loss(logits, heat, box, known)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        update_average(average, network, averaging_decay(configuration, step))
        for name, value in terms.items():
            running[name] = running.get(name, 0.0) + value / LOG_EVERY
        if (step + 1) % LOG_EVERY == 0:
            speed = (step + 1 - first) * configuration.batch / (time.monotonic() - started)
            values = " ".join(f"{name} {value:.3f}" for name, value in running.items())
            report(f"{time.strftime('%H:%M:%S')} step {step + 1} {speed:.1f}/s {values}")
            running.clear()
        if step + 1 == configuration.steps or time.monotonic() - saved > 60.0 * configuration.checkpoint_minutes:
            save_checkpoint(TrainingState(network, average, optimiser, step + 1), path)
            saved = time.monotonic()
