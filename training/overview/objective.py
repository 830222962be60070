"""The overview's sum of losses: those of the portrait model's coarse maps, at half their size."""

import torch
from torch import Tensor
from torch.nn import functional

from ..portrait.losses import head_loss, light_loss
from ..portrait.map_losses import map_losses, network_plate
from ..portrait.maps import maps_from_raw
from ..portrait.truth import MAPS, Batch
from ..triplanes.objective import WEIGHTS, environment_loss
from ..triplanes.plate_maps import CHANNELS
from .network import Overview


def halved_truth(batch: Batch) -> Batch:
    """Truth at half the size, averaged over the matte."""
    matte = batch["matte"].float()
    small = functional.avg_pool2d(matte, 2)
    truth = {"matte": small, "parts": batch["parts"][:, 1::2, 1::2].long(), "light": batch["light"].float()}
    for name in MAPS:
        truth[name] = functional.avg_pool2d(batch[name].float() * matte, 2) / small.clamp_min(1e-3)
    truth["normal"] = functional.normalize(truth["normal"], dim=1, eps=1e-4)
    return truth


def overview_loss(
    network: Overview, batch: Batch, relights: int, *, half_precision: bool
) -> tuple[Tensor, dict[str, float]]:
    """The training objective of one batch.

    Args:
        network: in training mode.
        batch: of `dataset.stacked`.
        relights: pictures of each view, which lie one after the other: a map is lit by the light of another view.
        half_precision: run the convolutions in bfloat16.

    Returns:
        The loss, and each term for the log.
    """
    with torch.autocast(batch["plate"].device.type, dtype=torch.bfloat16, enabled=half_precision):
        found = network(network_plate(batch))
        maps = maps_from_raw(found.raw, CHANNELS)
    truth = halved_truth(batch)
    losses = map_losses(maps, truth, found.light, torch.roll(truth["light"], relights, dims=0))
    losses["light"] = light_loss(found.light, truth["light"])
    losses["head"] = head_loss(found.head, batch["head"])
    losses["environment"] = environment_loss(found.environment, batch["environment"].float())
    terms = {name: WEIGHTS[name] * value for name, value in losses.items()}
    loss = torch.stack(list(terms.values())).sum()
    return loss, {name: float(value.detach()) for name, value in terms.items()}
