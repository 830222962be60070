"""The close-up's sum of losses: those of the portrait model's maps, at half of its crop."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ..portrait.map_losses import MAP_WEIGHTS, map_losses
from ..portrait.maps import maps_from_raw
from ..portrait.truth import MAPS, Batch
from ..triplanes.plate_maps import CHANNELS

WEIGHTS: Mapping[str, float] = {**MAP_WEIGHTS, "normal": 3.0, "parts": 1.0}
"""Normals and parts are what the others leave to it."""


def closeup_loss(raw: Tensor, batch: Batch, relights: int) -> tuple[Tensor, dict[str, float]]:
    """The training objective of one batch.

    Args:
        raw: (N, RAW_CHANNELS, 128, 128) of the network.
        batch: of `dataset.stacked`.
        relights: pictures of each view, which lie one after the other: a map is lit by the light of another view.

    Returns:
        The loss, and each term for the log.
    """
    truth = {name: batch[name].float() for name in (*MAPS, "matte")} | {"parts": batch["parts"].long()}
    other = torch.roll(batch["light"].float(), relights, dims=0)
    losses = map_losses(maps_from_raw(raw, CHANNELS), truth, None, other)
    terms = {name: WEIGHTS[name] * value for name, value in losses.items()}
    loss = torch.stack(list(terms.values())).sum()
    return loss, {name: float(value.detach()) for name, value in terms.items()}
