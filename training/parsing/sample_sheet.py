"""The sheet of pictures that a run of the parsing draws at its checkpoints: plate, true parts, parts it says."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..lightstage.small_views import SmallViews
from ..portrait.map_losses import network_plate
from ..portrait.truth import Batch
from ..sheets import PART_COLOURS, write_sheet
from .dataset import stacked

FIRST_VIEW, VIEWS = 30_000_000, 8
"""Views far from those that are trained on: other pictures of the same people."""


def sheet_batch(source: SmallViews) -> Batch:
    """The pictures of a run's sheet, always the same: one of each of some views."""
    return stacked([source.view(view)[0] for view in range(FIRST_VIEW, FIRST_VIEW + VIEWS)])


def draw_parts_sheet(batch: Batch, logits: Callable[[Tensor], Tensor], path: Path) -> None:
    """Write the PNG.

    Args:
        batch: from `sheet_batch`.
        logits: (N, 9, 128, 128) of plates (N, 5, 128, 128).
        path: of the PNG.
    """
    with torch.no_grad():
        said = logits(network_plate(batch)).argmax(dim=1).numpy()
    plates = batch["plate"].float().numpy().transpose(0, 2, 3, 1)
    tiles = [plates, PART_COLOURS[batch["parts"].numpy()], PART_COLOURS[said]]
    write_sheet(list(np.concatenate(tiles, axis=2)), path)
