"""Training of the first portrait network."""

from pathlib import Path

import numpy as np
import torch

from ..configuration import RunConfiguration
from ..lightstage.view_store import ViewSource
from ..loop import Report, Task, train
from .dataset import batches
from .map_losses import WINDOW
from .network import PortraitNetwork, PortraitSize
from .objective import total_loss
from .sample_sheet import draw_sample_sheet, sheet_batch
from .truth import Batch


def new_network(seed: int) -> PortraitNetwork:
    """A network with random weights of a seed."""
    torch.manual_seed(seed)
    return PortraitNetwork(PortraitSize())


def random_window(seed: int, step: int) -> tuple[int, int]:
    """(top, left) of the refined window of a step; more often near the middle, where the face is."""
    random = np.random.default_rng((seed, 15485863, step))
    top, left = np.clip(np.round(random.normal(17.0, 11.0, 2)), 0, 64 - WINDOW).astype(int)
    return int(top), int(left)


def train_portrait(configuration: RunConfiguration, stage: ViewSource, folder: Path, report: Report) -> None:
    """Train until the schedule ends.

    Args:
        configuration: the run.
        stage: where pictures come from.
        folder: for checkpoints.
        report: receives lines of progress.
    """
    network = new_network(configuration.seed)

    def loss(batch: Batch, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        window = random_window(configuration.seed, step)
        return total_loss(network, batch, window, half_precision=configuration.half_precision)

    shown = sheet_batch(stage)
    task = Task(
        name="portrait",
        network=network,
        loss=loss,
        batches=lambda first: batches(
            stage,
            views=configuration.views,
            first=first,
            count=configuration.steps - first,
            workers=configuration.workers,
        ),
        sheet=lambda averaged, path: draw_sample_sheet(shown, averaged, path),
    )
    train(task, configuration, folder, report)
