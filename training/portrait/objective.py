"""The sum of losses for one batch: coarse maps over the whole crop, refined maps in a window."""

import torch
from torch import Tensor

from .losses import head_loss, light_loss
from .map_losses import MAP_WEIGHTS, WINDOW, map_losses, network_plate
from .maps import maps_from_raw
from .network import PortraitNetwork
from .truth import Batch, reduced_truth, window_truth


def total_loss(
    network: PortraitNetwork, batch: Batch, window: tuple[int, int], *, half_precision: bool
) -> tuple[Tensor, dict[str, float]]:
    """The training objective of one batch.

    Args:
        network: in training mode.
        batch: from `dataset.batches`.
        window: (top, left) of the refined window in units of four pixels, 0..64 − WINDOW.
        half_precision: run the convolutions in bfloat16.

    Returns:
        The loss, and each term for the log.
    """
    plate = network_plate(batch)
    top, left = window
    with torch.autocast(plate.device.type, dtype=torch.bfloat16, enabled=half_precision):
        features, coarse, light, head = network.trunk(plate)
        view = plate[:, :, 4 * top : 4 * (top + WINDOW), 4 * left : 4 * (left + WINDOW)]
        inner = (slice(None), slice(None), slice(top, top + WINDOW), slice(left, left + WINDOW))
        refined = network.refine(view, features[inner], coarse[inner])
    light, true_light = light.float(), batch["light"].float()
    other = torch.roll(true_light, 1, dims=0)
    coarse_truth = reduced_truth(batch, 4) | {"light": true_light}
    losses = map_losses(maps_from_raw(coarse), coarse_truth, light, other)
    terms = {"light": light_loss(light, true_light), "head": head_loss(head.float(), batch["head"])}
    terms |= {name: MAP_WEIGHTS[name] * value for name, value in losses.items()}
    for name, value in map_losses(
        maps_from_raw(refined), window_truth(batch, (top, left, WINDOW)), None, other
    ).items():
        terms[f"fine_{name}"] = MAP_WEIGHTS[name] * value
    loss = torch.stack(list(terms.values())).sum()
    return loss, {name: float(value.detach()) for name, value in terms.items()}
