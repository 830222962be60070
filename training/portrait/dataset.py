"""Batches of samples, drawn in worker processes; batch b of a seed is always the same."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from ..lightstage.parts import PartClass
from ..lightstage.sample import Sample
from ..lightstage.view_store import ViewSource
from .truth import Batch

FIELDS = ("plate", "albedo", "normal", "depth", "matte", "transport", "parts", "light", "head", "roughness")


def stacked(samples: list[Sample]) -> Batch:
    """Samples as one batch in their own types; single-channel maps get their channel, glasses count as clothing."""
    batch = {name: torch.from_numpy(np.stack([getattr(s, name) for s in samples])) for name in FIELDS}
    for name in ("depth", "matte", "roughness"):
        batch[name] = batch[name][:, None]
    batch["parts"] = torch.where(batch["parts"] == PartClass.GLASSES, int(PartClass.CLOTHING), batch["parts"])
    return batch


class ViewBatches(Dataset[Batch]):
    """Batch b holds the pictures of views b·n … b·n + n − 1, put together by `stack`."""

    def __init__(
        self,
        source: ViewSource,
        views: int,
        first: int,
        count: int,
        stack: Callable[[list[Sample]], Batch] = stacked,
    ) -> None:
        self.source, self.views, self.first, self.count, self.stack = source, views, first, count, stack

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Batch:
        start = (self.first + index) * self.views
        return self.stack([s for view in range(start, start + self.views) for s in self.source.view(view)])


def start_worker(_worker: int) -> None:
    """Make a worker process use one thread, and give way to the trainer."""
    torch.set_num_threads(1)
    os.nice(2)


def batches(stage: ViewSource, *, views: int, first: int, count: int, workers: int) -> DataLoader[Any]:
    """A loader of batches first … first + count − 1.

    Args:
        stage: the virtual light stage, or views of it that were stored.
        views: views in a batch; each gives `relights` pictures.
        first: index of the first batch, to resume.
        count: number of batches.
        workers: processes that draw.
    """
    return DataLoader(
        ViewBatches(stage, views, first, count),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=3 if workers else None,
        worker_init_fn=start_worker if workers else None,
        multiprocessing_context="fork" if workers else None,
    )
