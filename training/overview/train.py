"""Training of the overview network on small views."""

from pathlib import Path

import torch

from ...runtime.errors import SettingsError
from ..calibration import CALIBRATION_BATCHES, calibrate
from ..configuration import RunConfiguration
from ..lightstage.small_views import SmallViews
from ..lightstage.stage import Stage
from ..loop import Report, Task, train
from ..portrait.map_losses import network_plate
from ..portrait.sample_sheet import draw_sample_sheet, sheet_batch
from ..portrait.truth import Batch
from ..small_batches import small_batches
from ..triplanes.beginning import begin_inside
from .dataset import stacked
from .network import Overview
from .objective import overview_loss
from .sample_sheet import NamedAnswers

NAME = "overview"


def new_overview(seed: int) -> Overview:
    """A network with random weights of a seed."""
    torch.manual_seed(seed)
    return Overview()


def train_overview(
    configuration: RunConfiguration, stage: Stage, folder: Path, report: Report, trunk: Path | None = None
) -> None:
    """Train until the schedule ends.

    Args:
        configuration: the run; `cached_views` says how many small views there are.
        stage: they were drawn on.
        folder: for checkpoints.
        report: receives lines of progress.
        trunk: folder of the exported portrait network whose overview to begin with, where this run has no checkpoint
            of its own yet; blocks that it lacks are new.

    Raises:
        SettingsError: when the run has no small views.
        AssetError: when there is no overview to begin with.
    """
    if not configuration.cached_views:
        raise SettingsError(
            "The run of the overview has cached_views = 0; it learns from small views: set a number and run "
            "`chiaro-train prepare-small-views`."
        )
    network = new_overview(configuration.seed)
    source = SmallViews(stage, configuration.cached_views)

    batches = small_batches(source, configuration, stacked)
    if trunk is not None and not (folder / f"{NAME}.npz").exists():
        begin_inside(network, trunk, NAME)
        calibrate(network, (network_plate(batch) for batch in batches(0, CALIBRATION_BATCHES)))

    def loss(batch: Batch, _step: int) -> tuple[torch.Tensor, dict[str, float]]:
        return overview_loss(network, batch, configuration.relights, half_precision=configuration.half_precision)

    shown = sheet_batch(source)
    task = Task(
        name=NAME,
        network=network,
        loss=loss,
        batches=lambda first: batches(first, configuration.steps - first),
        sheet=lambda averaged, path: draw_sample_sheet(shown, NamedAnswers(averaged), path),
    )
    train(task, configuration, folder, report)
