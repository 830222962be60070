"""Training of the portrait model on stored views."""

from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from ...runtime.errors import SettingsError
from ..calibration import CALIBRATION_BATCHES, calibrate
from ..configuration import RunConfiguration
from ..lightstage.view_store import StoredViews, ViewSource
from ..loop import Report, Task, train
from ..perceptual import load_features
from ..portrait.sample_sheet import draw_sample_sheet, sheet_batch
from ..portrait.train import random_window
from ..portrait.truth import Batch
from ..real_plates import load_real_plates
from .beginning import begin_with
from .dataset import MomentBatches, moment_batches
from .model import TriplaneModel
from .objective import ramp, shown_plates, total_loss
from .size import ModelSize

NAME = "triplanes"


def new_model(seed: int) -> TriplaneModel:
    """A model with random weights of a seed."""
    torch.manual_seed(seed)
    return TriplaneModel(ModelSize())


def train_triplanes(
    configuration: RunConfiguration,
    source: ViewSource,
    folder: Path,
    report: Report,
    *,
    data: Path | None = None,
    trunk: Path | None = None,
) -> None:
    """Train until the schedule ends.

    Args:
        configuration: the run.
        source: stored views with points.
        folder: for checkpoints.
        report: receives lines of progress.
        data: the asset folder, for the perceptual term.
        trunk: what to begin with where this run has no checkpoint of its own yet, see `begin_with`.

    Raises:
        SettingsError: when the run has no stored views.
    """
    if not isinstance(source, StoredViews):
        raise SettingsError(
            "The run of the tri-planes has cached_views = 0; it learns from stored views with points: set a number and "
            "run `chiaro-train prepare-views --points`."
        )
    model = new_model(configuration.seed)
    features = load_features(data).to(configuration.torch_device) if configuration.features else None
    real = load_real_plates(source.stage.folder) if configuration.real_plates else None

    def loss(batch: Batch, step: int) -> tuple[torch.Tensor, dict[str, float]]:
        window = random_window(configuration.seed, step)
        return total_loss(
            model,
            batch,
            window,
            half_precision=configuration.half_precision,
            features=features,
            occupancy=ramp(step / configuration.steps, configuration.occupancy_from),
        )

    def batches(first: int, count: int) -> DataLoader[Any]:
        dataset = MomentBatches(
            source, configuration.views, first=first, count=count, real=real, reals=configuration.real_plates
        )
        return moment_batches(dataset, configuration.workers)

    if trunk is not None and not (folder / f"{NAME}.npz").exists():
        begin_with(model, trunk)
        if trunk.is_dir():
            calibrate(model, (shown_plates(batch) for batch in batches(0, CALIBRATION_BATCHES)))

    shown = sheet_batch(source)
    task = Task(
        name=NAME,
        network=model,
        loss=loss,
        batches=lambda first: batches(first, configuration.steps - first),
        sheet=lambda averaged, path: draw_sample_sheet(shown, averaged, path),
    )
    train(task, configuration, folder, report)
