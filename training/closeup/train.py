"""Training of the close-up network on half views, on top of the overview that ships."""

from pathlib import Path

import torch
from torch import Tensor, nn

from ...runtime.errors import SettingsError
from ..calibration import CALIBRATION_BATCHES, calibrate
from ..configuration import RunConfiguration
from ..lightstage.reduced import HALF
from ..lightstage.small_views import SmallViews
from ..lightstage.stage import Stage
from ..loop import Report, Task, train
from ..overview.network import SIZE as OVERVIEW_SIZE
from ..overview.network import Overview, seen_smaller
from ..portrait.map_losses import network_plate
from ..portrait.sample_sheet import draw_sample_sheet, sheet_batch
from ..portrait.truth import Batch
from ..small_batches import small_batches
from ..triplanes.beginning import begin_inside
from ..triplanes.overseen import exported_overview
from .dataset import stacked
from .network import CloseUp
from .objective import closeup_loss
from .sample_sheet import NamedAnswers

NAME = "closeup"


def new_closeup(seed: int) -> CloseUp:
    """A network with random weights of a seed."""
    torch.manual_seed(seed)
    return CloseUp()


def raw_maps(closeup: nn.Module, overview: Overview, plate: Tensor) -> Tensor:
    """(N, RAW_CHANNELS, 128, 128) of plates (N, 5, 128, 128); what the overview sees is taken as it is."""
    with torch.no_grad():
        seen = overview.features(seen_smaller(plate, OVERVIEW_SIZE))
    result: Tensor = closeup(plate, seen)
    return result


def train_closeup(  # noqa: PLR0917 - a run, and where its things are
    configuration: RunConfiguration,
    stage: Stage,
    weights: Path,
    folder: Path,
    report: Report,
    trunk: Path | None = None,
) -> None:
    """Train until the schedule ends.

    Args:
        configuration: the run; `cached_views` says how many half views there are.
        stage: they were drawn on.
        weights: folder of the exported portrait network with the overview.
        folder: for checkpoints.
        report: receives lines of progress.
        trunk: folder of the exported portrait network whose close-up to begin with, where this run has no checkpoint
            of its own yet; it may have learnt on top of another overview.

    Raises:
        SettingsError: when the run has no half views.
        AssetError: when there is no overview, or no close-up to begin with.
    """
    if not configuration.cached_views:
        raise SettingsError(
            "The run of the close-up has cached_views = 0; it learns from half views: set a number and run "
            "`chiaro-train prepare-small-views --half`."
        )
    network = new_closeup(configuration.seed)
    overview = exported_overview(weights)
    source = SmallViews(stage, configuration.cached_views, HALF)

    batches = small_batches(source, configuration, stacked)
    if trunk is not None and not (folder / f"{NAME}.npz").exists():
        begin_inside(network, trunk, NAME)
        calibrate(
            network,
            (network_plate(batch) for batch in batches(0, CALIBRATION_BATCHES)),
            lambda plate: raw_maps(network, overview, plate),
        )
    overview.to(configuration.torch_device)

    def loss(batch: Batch, _step: int) -> tuple[Tensor, dict[str, float]]:
        plate = network_plate(batch)
        with torch.autocast(plate.device.type, dtype=torch.bfloat16, enabled=configuration.half_precision):
            raw = raw_maps(network, overview, plate)
        return closeup_loss(raw, batch, configuration.relights)

    shown = sheet_batch(source)
    task = Task(
        name=NAME,
        network=network,
        loss=loss,
        batches=lambda first: batches(first, configuration.steps - first),
        sheet=lambda averaged, path: draw_sample_sheet(shown, NamedAnswers(averaged, overview).eval(), path),
    )
    train(task, configuration, folder, report)
