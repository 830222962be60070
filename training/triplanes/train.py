"""Training of the portrait model on stored views."""

from pathlib import Path

import torch

from ...runtime.errors import SettingsError
from ..checkpoint import averaged_names, load_average
from ..configuration import RunConfiguration
from ..lightstage.view_store import StoredViews, ViewSource
from ..loop import Report, Task, train
from ..perceptual import load_features
from ..portrait.network import PortraitNetwork, PortraitSize
from ..portrait.sample_sheet import draw_sample_sheet, sheet_batch
from ..portrait.train import random_window
from ..portrait.truth import Batch
from ..real_plates import load_real_plates
from .dataset import MomentBatches, moment_batches
from .model import TriplaneModel
from .objective import ramp, total_loss
from .size import ModelSize

INHERITED = (
    "stem", "down_middle", "middle_in", "down_coarse", "position", "attention.0", "attention.1", "attention.2",
    "norm_tokens", "up_middle", "middle_out", "up_fine", "fine_out",
)  # fmt: skip
"""Parts of the first network's trunk that the albedo encoder can begin with."""


def new_model(seed: int) -> TriplaneModel:
    """A model with random weights of a seed."""
    torch.manual_seed(seed)
    return TriplaneModel(ModelSize())


def begin_with(model: TriplaneModel, checkpoint: Path) -> None:
    """Give the model the averaged weights of an earlier run, or its albedo encoder the trunk of a first network.

    Raises:
        AssetError: when the checkpoint is missing.
    """
    if averaged_names(checkpoint) == set(model.state_dict()):
        load_average(checkpoint, model)
        return
    first = PortraitNetwork(PortraitSize())
    load_average(checkpoint, first)
    known = {
        name: value for name, value in first.state_dict().items() if any(name.startswith(part) for part in INHERITED)
    }
    state = model.albedo_encoder.state_dict()
    state.update(known)
    model.albedo_encoder.load_state_dict(state)


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
        trunk: checkpoint to begin with, where this run has none of its own yet: of a first network, or of an earlier
            run of this model.

    Raises:
        SettingsError: when the run has no stored views.
    """
    if not isinstance(source, StoredViews):
        raise SettingsError(
            "The run of the tri-planes has cached_views = 0; it learns from stored views with points: set a number and "
            "run `chiaro-train prepare-views --points`."
        )
    model = new_model(configuration.seed)
    if trunk is not None:
        begin_with(model, trunk)

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

    shown = sheet_batch(source)
    task = Task(
        name="triplanes",
        network=model,
        loss=loss,
        batches=lambda first: moment_batches(
            MomentBatches(
                source,
                configuration.views,
                first=first,
                count=configuration.steps - first,
                real=real,
                reals=configuration.real_plates,
            ),
            configuration.workers,
        ),
        sheet=lambda averaged, path: draw_sample_sheet(shown, averaged, path),
    )
    train(task, configuration, folder, report)
