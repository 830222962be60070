"""Batches of small pictures, drawn in worker processes; batch b of a seed is always the same."""

import numpy as np
import torch

from ..lightstage.sample import Sample
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
