"""Training of the temporal network on stored sequences, its encoder frozen."""

from pathlib import Path

import torch
from torch import Tensor

from ...runtime.errors import SettingsError
from ..checkpoint import load_average
from ..configuration import RunConfiguration
from ..lightstage.stage import Stage
from ..lightstage.view_store import StoredSequences
from ..loop import Report, Task, train
from ..portrait.truth import Batch
from ..stored_weights import trainable_state
from .sequence_dataset import ClipBatches, clip_batches, frozen_encoder, plane_channels
from .temporal import TemporalNetwork
from .temporal_objective import CLIP, total_loss
from .temporal_sheet import draw_temporal_sheet

NOISE_STREAM = 198491317
SHEET_FIRST, SHEET_CLIPS = 10_000_000, 3
"""Clips far from those that are trained on: the same sequences in another light."""


def new_temporal(seed: int, encoder: Path) -> TemporalNetwork:
    """A network with random weights of a seed, for the encoder exported into a folder.

    Raises:
        WeightsError: there is no portrait network in the folder.
    """
    channels = plane_channels(frozen_encoder(encoder))
    torch.manual_seed(seed)
    return TemporalNetwork(*channels)


def train_temporal(  # noqa: PLR0917 - what a run reads, and where it writes
    configuration: RunConfiguration,
    stage: Stage,
    encoder: Path,
    folder: Path,
    report: Report,
    trunk: Path | None = None,
) -> None:
    """Train until the schedule ends.

    Args:
        configuration: the run; its `cached_views` counts stored sequences, its `views` the clips of a batch.
        stage: on which the sequences were stored.
        encoder: folder of the exported portrait network.
        folder: for checkpoints.
        report: receives lines of progress.
        trunk: checkpoint of an earlier run to begin with, or folder of an exported temporal network, of another encoder
            of the same interface say, where this run has none of its own yet.

    Raises:
        AssetError: when the trunk is missing.
        SettingsError: when the run has no stored sequences.
        WeightsError: there is no portrait network in the encoder's folder.
    """
    if configuration.cached_views < 1:
        raise SettingsError(
            "The run of the temporal network has cached_views = 0; it learns from stored sequences: set a number and "
            f"run `chiaro-train prepare-views --views 0 --sequences N --frames {CLIP}`."
        )
    network = new_temporal(configuration.seed, encoder)
    if trunk is not None and trunk.is_dir():
        network.load_state_dict(trainable_state(trunk / "temporal.onnx", "network.", network))
    elif trunk is not None:
        load_average(trunk, network)
    source = StoredSequences(stage, configuration.cached_views, CLIP)

    def loss(batch: Batch, step: int) -> tuple[Tensor, dict[str, float]]:
        generator = torch.Generator().manual_seed(configuration.seed * NOISE_STREAM + step)
        return total_loss(network, batch, generator)

    shown = ClipBatches(source, encoder, SHEET_CLIPS, first=SHEET_FIRST, count=1)
    task = Task(
        name="temporal",
        network=network,
        loss=loss,
        batches=lambda first: clip_batches(
            source,
            encoder,
            clips=configuration.views,
            first=first,
            count=configuration.steps - first,
            workers=configuration.workers,
        ),
        largest_gradient=5.0,
        sheet=lambda average, path: draw_temporal_sheet(shown[0], average, path),
    )
    train(task, configuration, folder, report)
