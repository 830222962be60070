"""Batches of pictures of 128² and their parts, drawn in worker processes; batch b of a seed is always the same."""

import numpy as np
import torch

from ..lightstage.parts import PartClass
from ..lightstage.sample import Sample
from ..portrait.truth import Batch

LEAST_MATTE = 0.5
"""Of the person in a pixel that is not background."""


def stacked(samples: list[Sample]) -> Batch:
    """Pictures (N, 3, 128, 128) and classes (N, 128, 128) of samples."""
    classes = [np.where(one.matte > LEAST_MATTE, one.parts, np.uint8(PartClass.BACKGROUND)) for one in samples]
    plates = np.stack([one.plate for one in samples])
    return {"plate": torch.from_numpy(plates), "parts": torch.from_numpy(np.stack(classes))}
