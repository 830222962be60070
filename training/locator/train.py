"""Training of the locator."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from ..configuration import RunConfiguration
from ..loop import Report, Task, train
from ..portrait.dataset import start_worker
from .network import LocatorNetwork, locator_loss
from .sample import LocatorSample, encoded_plate, grid_truth, varied


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


def train_locator(configuration: RunConfiguration, drawn: list[LocatorSample], folder: Path, report: Report) -> None:
    """Train until the schedule ends.

    Args:
        configuration: the run; `views` is the number of pictures in a batch.
        drawn: pictures, see pictures.py.
        folder: for checkpoints.
        report: receives lines of progress.
    """
    network = new_locator(configuration.seed)

    def loss(batch: tuple[torch.Tensor, ...], _step: int) -> tuple[torch.Tensor, dict[str, float]]:
        plate, heat, box, known = batch
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=configuration.half_precision):
            logits = network.logits(plate)
        return locator_loss(logits, heat, box, known)

    def batches(first: int) -> DataLoader[Any]:
        return DataLoader(
            LocatorBatches(
                drawn, configuration.seed, configuration.views, first=first, count=configuration.steps - first
            ),
            batch_size=None,
            num_workers=configuration.workers,
            prefetch_factor=3 if configuration.workers else None,
            worker_init_fn=start_worker,
            multiprocessing_context="fork" if configuration.workers else None,
        )

    train(Task("locator", network, loss, batches, largest_gradient=5.0), configuration, folder, report)
