"""Batches of small pictures, drawn in worker processes; batch b of a seed is always the same."""

import numpy as np
import torch
from torch.utils.data import Dataset

from ..lightstage.sample import Sample
from ..lightstage.small_views import SmallViews
from ..portrait.truth import Batch
from ..triplanes.dataset import SINGLE_CHANNEL

FIELDS = (
    "plate", "albedo", "normal", "depth", "matte", "transport", "parts", "light", "head", "roughness", "specular",
    "environment",
)  # fmt: skip


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
