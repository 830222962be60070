"""Training of the parsing network on half views, on top of the overview that ships."""

from pathlib import Path

import torch
from torch import Tensor, nn

from ...runtime.errors import SettingsError
from ..configuration import RunConfiguration
from ..lightstage.reduced import HALF
from ..lightstage.small_views import SmallViews
from ..lightstage.stage import Stage
from ..loop import Report, Task, train
from ..overview.network import SIZE as OVERVIEW_SIZE
from ..overview.network import Overview, seen_smaller
from ..portrait.dataset import ViewBatches
from ..portrait.losses import parts_loss
from ..portrait.map_losses import network_plate
from ..portrait.truth import Batch
from ..triplanes.dataset import moment_batches
from ..triplanes.overseen import exported_overview
from .dataset import stacked
from .network import Parsing
from .sample_sheet import draw_parts_sheet, sheet_batch

NAME = "parsing"


def new_parsing(seed: int) -> Parsing:
    """A network with random weights of a seed."""
    torch.manual_seed(seed)
    return Parsing()


def logits(parsing: nn.Module, overview: Overview, plate: Tensor) -> Tensor:
    """(N, 9, 128, 128) of plates (N, 5, 128, 128); what the overview sees is taken as it is."""
    with torch.no_grad():
        seen = overview.features(seen_smaller(plate, OVERVIEW_SIZE))
    result: Tensor = parsing(plate, seen)
    return result


def parsing_loss(
    parsing: nn.Module, overview: Overview, batch: Batch, *, half_precision: bool
) -> tuple[Tensor, dict[str, float]]:
    """The training objective of one batch: see `portrait.losses.parts_loss`.

    Args:
        parsing: in training mode.
        overview: in evaluation mode.
        batch: of `dataset.stacked`.
        half_precision: run the convolutions in bfloat16.

    Returns:
        The loss, and its terms for the log.
    """
    with torch.autocast(batch["plate"].device.type, dtype=torch.bfloat16, enabled=half_precision):
        said = logits(parsing, overview, network_plate(batch))
    loss = parts_loss(said.float(), batch["parts"].long())
    return loss, {"parts": float(loss.detach())}


def train_parsing(configuration: RunConfiguration, stage: Stage, weights: Path, folder: Path, report: Report) -> None:
    """Train until the schedule ends.

    Args:
        configuration: the run; `cached_views` says how many half views there are.
        stage: they were drawn on.
        weights: folder of the exported portrait network with the overview.
        folder: for checkpoints.
        report: receives lines of progress.

    Raises:
        SettingsError: when the run has no half views.
        AssetError: when there is no overview.
    """
    if not configuration.cached_views:
        raise SettingsError(
            "The run of the parsing has cached_views = 0; it learns from half views: set a number and run "
            "`chiaro-train prepare-small-views --half`."
        )
    network = new_parsing(configuration.seed)
    overview = exported_overview(weights).to(configuration.torch_device)
    source = SmallViews(stage, configuration.cached_views, HALF)

    def loss(batch: Batch, _step: int) -> tuple[Tensor, dict[str, float]]:
        return parsing_loss(network, overview, batch, half_precision=configuration.half_precision)

    shown = sheet_batch(source)

    def sheet(averaged: nn.Module, path: Path) -> None:
        averaged.eval()
        draw_parts_sheet(
            shown, lambda plate: logits(averaged, overview, plate.to(configuration.torch_device)).cpu(), path
        )

    task = Task(
        name=NAME,
        network=network,
        loss=loss,
        batches=lambda first: moment_batches(
            ViewBatches(source, configuration.views, first, configuration.steps - first, stacked),
            configuration.workers,
        ),
        sheet=sheet,
    )
    train(task, configuration, folder, report)
