"""The sum of losses for one batch: coarse maps of the whole crop, refined maps in a window, and the field at points."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ..portrait.losses import head_loss, light_loss
from ..portrait.map_losses import MAP_WEIGHTS, NOT_REFINED, WINDOW, map_losses, network_plate
from ..portrait.maps import maps_from_raw
from ..portrait.truth import Batch, reduced_truth, window_truth
from .field_losses import distance_loss, surface_losses
from .model import Encoded, TriplaneModel
from .plate_maps import CHANNELS

WEIGHTS: Mapping[str, float] = {
    **MAP_WEIGHTS,
    "light": 1.0,
    "environment": 0.2,
    "head": 1.0,
    "distance": 6.0,
    "field_albedo": 1.0,
    "field_normal": 0.5,
    "field_transport": 2.0,
    "field_relit": 1.0,
    "field_on_surface": 2.0,
}


def environment_loss(predicted: Tensor, true: Tensor) -> Tensor:
    """Absolute error of log radiance (N, 3, 16, 16), where a tenth of the mean is the floor."""
    floor = 0.1 * true.mean(dim=(1, 2, 3), keepdim=True).clamp_min(0.02)
    return ((predicted + floor).log() - (true + floor).log()).abs().mean()


def number_losses(encoded: Encoded, batch: Batch) -> dict[str, Tensor]:
    """Losses of light and pose."""
    losses = {
        "light": light_loss(encoded.light, batch["light"].float()),
        "head": head_loss(encoded.head, batch["head"]),
    }
    if "environment" in batch:
        losses["environment"] = environment_loss(encoded.environment, batch["environment"].float())
    return losses


def field_losses(model: TriplaneModel, encoded: Encoded, maps: Batch, batch: Batch, light: Tensor) -> dict[str, Tensor]:
    """Losses of the field, as far as the batch holds points.

    The depth map only carries the field: it is trained by its own truth, not by what the field makes of it.
    """
    inputs = encoded.field_inputs({name: maps[name].detach() for name in ("depth", "matte_logit")})
    losses = {}
    if "points" in batch:
        found = model.field.distance(inputs, batch["points"].float())[:, 0]
        losses["distance"] = distance_loss(found, batch["point_distance"].float(), batch["point_valid"].float())
    if "surface_points" in batch:
        names = ("points", "albedo", "normal", "transport", "valid")
        surface = {name: batch[f"surface_{name}"].float() for name in names}
        losses |= surface_losses(model.field, inputs, surface, light)
    return losses


def total_loss(
    model: TriplaneModel, batch: Batch, window: tuple[int, int], *, half_precision: bool
) -> tuple[Tensor, dict[str, float]]:
    """The training objective of one batch.

    Args:
        model: in training mode.
        batch: maps of a stage's samples; points of the field where it has them.
        window: (top, left) of the refined window in units of four pixels, 0..64 − WINDOW.
        half_precision: run the convolutions in bfloat16.

    Returns:
        The loss, and each term for the log.
    """
    plate = network_plate(batch)
    square = (*window, WINDOW)
    with torch.autocast(plate.device.type, dtype=torch.bfloat16, enabled=half_precision):
        encoded = model.encode(plate)
        refined = model.refine(plate, encoded, square)
    true_light = batch["light"].float()
    other = torch.roll(true_light, 1, dims=0)
    coarse_truth, fine_truth = reduced_truth(batch, 4), window_truth(batch, square)
    coarse_truth["light"] = true_light
    coarse_maps = maps_from_raw(encoded.coarse, CHANNELS)
    losses = map_losses(coarse_maps, coarse_truth, encoded.light, other)
    losses |= number_losses(encoded, batch)
    losses |= field_losses(model, encoded, coarse_maps, batch, other)
    terms = {name: WEIGHTS[name] * value for name, value in losses.items()}
    for name, value in map_losses(maps_from_raw(refined, CHANNELS), fine_truth, None, other).items():
        if name not in NOT_REFINED:
            terms[f"fine_{name}"] = WEIGHTS[name] * value
    loss = torch.stack(list(terms.values())).sum()
    return loss, {name: float(value.detach()) for name, value in terms.items()}
