"""The sheet of sample pictures that a run draws at its checkpoints: truth, and below it what the network says."""

from pathlib import Path

import torch
from torch import nn

from ...runtime.arrays import Float32Array
from ..lightstage.view_store import ViewSource
from ..sheets import map_row, write_sheet
from .dataset import stacked
from .map_losses import network_plate
from .truth import Batch

FIRST_VIEW, VIEWS = 30_000_000, 3
"""Views far from those that are trained on; of stored ones, other pictures."""
SHOWN = ("albedo", "normal", "depth", "matte", "transport", "light")


def sheet_batch(source: ViewSource) -> Batch:
    """The pictures of a run's sheet, always the same: one of each of some views."""
    return stacked([source.view(view)[0] for view in range(FIRST_VIEW, FIRST_VIEW + VIEWS)])


def draw_sample_sheet(batch: Batch, network: nn.Module, path: Path) -> None:
    """Write the PNG: for every picture a row of truth and one of the network's outputs.

    Args:
        batch: from `sheet_batch`.
        network: that gives outputs by name for plates (N, 5, 256, 256).
        path: of the PNG.
    """
    training = network.training
    network.eval()
    device = next(network.parameters()).device
    with torch.no_grad():
        outputs = {name: value.float().cpu() for name, value in network(network_plate(batch).to(device)).items()}
    network.train(training)
    outputs["parts"] = outputs["parts"].argmax(dim=1)
    rows = []
    for index in range(len(batch["plate"])):
        plate = batch["plate"][index].float().numpy()
        rows += [map_row(plate, _maps(source, index)) for source in (batch, outputs)]
    write_sheet(rows, path)


def _maps(values: Batch, index: int) -> dict[str, Float32Array]:
    maps = {name: values[name][index].float().numpy() for name in (*SHOWN, "parts")}
    for name in ("depth", "matte"):
        maps[name] = maps[name][0]
    return maps
