"""Batches of small pictures, drawn in worker processes; batch b of a seed is always the same."""

from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from ..lightstage.sample import Sample
from ..lightstage.small_views import SmallViews
from ..portrait.dataset import start_worker
from ..portrait.truth import Batch

FIELDS = (
    "plate", "albedo", "normal", "depth", "matte", "transport", "parts", "light", "head", "roughness", "specular",
    "environment",
)  # fmt: skip
SINGLE_CHANNEL = ("depth", "matte", "roughness", "specular")


def stacked(samples: list[Sample]) -> Batch:
    """Samples as one batch in their own types; single-channel maps get their channel."""
    batch = {name: torch.from_numpy(np.stack([getattr(sample, name) for sample in samples])) for name in FIELDS}
    for name in SINGLE_CHANNEL:
        batch[name] = batch[name][:, None]
    return batch


class SmallBatches(Dataset[Batch]):
    """Batch b holds the pictures of views b·n … b·n + n − 1."""

    def __init__(self, source: SmallViews, views: int, first: int, count: int) -> None:
        self.source, self.views, self.first, self.count = source, views, first, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Batch:
        start = (self.first + index) * self.views
        return stacked([sample for view in range(start, start + self.views) for sample in self.source.view(view)])


def small_batches(dataset: SmallBatches, workers: int) -> DataLoader[Any]:
    """A loader of a data set's batches, in order."""
    return DataLoader(
        dataset,
        batch_size=None,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        worker_init_fn=start_worker if workers else None,
        multiprocessing_context="fork" if workers else None,
    )
