"""Batches of pictures of 128² with their maps, drawn in worker processes; batch b of a seed is always the same."""

import numpy as np
import torch

from ..lightstage.parts import PartClass
from ..lightstage.sample import Sample
from ..portrait.truth import Batch
from ..triplanes.dataset import SINGLE_CHANNEL

FIELDS = ("plate", "albedo", "normal", "depth", "matte", "transport", "light", "roughness", "specular")
LEAST_MATTE = 0.5
"""Of the person in a pixel that is not background."""


def stacked(samples: list[Sample]) -> Batch:
    """Samples as one batch in their own types; what is mostly background has no part."""
    batch = {name: torch.from_numpy(np.stack([getattr(sample, name) for sample in samples])) for name in FIELDS}
    for name in set(SINGLE_CHANNEL) & set(FIELDS):
        batch[name] = batch[name][:, None]
    classes = [np.where(one.matte > LEAST_MATTE, one.parts, np.uint8(PartClass.BACKGROUND)) for one in samples]
    return batch | {"parts": torch.from_numpy(np.stack(classes))}
