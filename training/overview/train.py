"""Training of the overview network on small views."""

from pathlib import Path

import torch

from ...runtime.errors import SettingsError
from ..configuration import RunConfiguration
from ..lightstage.small_views import SmallViews
from ..lightstage.stage import Stage
from ..loop import Report, Task, train
from ..portrait.dataset import ViewBatches
from ..portrait.sample_sheet import draw_sample_sheet, sheet_batch
from ..portrait.truth import Batch
from ..triplanes.dataset import moment_batches
from .dataset import stacked
from .network import Overview
from .objective import overview_loss
from .sample_sheet import NamedAnswers

NAME = "overview"


def new_overview(seed: int) -> Overview:
    """A network with random weights of a seed."""
    torch.manual_seed(seed)
    return Overview()


def train_overview(configuration: RunConfiguration, stage: Stage, folder: Path, report: Report) -> None:
    """Train until the schedule ends.

    Args:
        configuration: the run; `cached_views` says how many small views there are.
        stage: they were drawn on.
        folder: for checkpoints.
        report: receives lines of progress.

    Raises:
        SettingsError: when the run has no small views.
    """
    if not configuration.cached_views:
        raise SettingsError(
            "The run of the overview has cached_views = 0; it learns from small views: set a number and run "
            "`chiaro-train prepare-small-views`."
        )
    network = new_overview(configuration.seed)
    source = SmallViews(stage, configuration.cached_views)

    def loss(batch: Batch, _step: int) -> tuple[torch.Tensor, dict[str, float]]:
        return overview_loss(network, batch, configuration.relights, half_precision=configuration.half_precision)

    shown = sheet_batch(source)
    task = Task(
        name=NAME,
        network=network,
        loss=loss,
        batches=lambda first: moment_batches(
            ViewBatches(source, configuration.views, first, configuration.steps - first, stacked),
            configuration.workers,
        ),
        sheet=lambda averaged, path: draw_sample_sheet(shown, NamedAnswers(averaged), path),
    )
    train(task, configuration, folder, report)
