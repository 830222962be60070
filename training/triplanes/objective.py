"""The sum of losses for one batch: coarse maps of the whole crop, refined maps in a window, and the field at points."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ...runtime.network_input import coordinate_maps
from ..lightstage.parts import PartClass
from ..portrait.losses import (
    albedo_loss,
    depth_loss,
    head_loss,
    light_loss,
    matte_loss,
    normal_loss,
    parts_loss,
    rendered,
    rendering_loss,
    scale_invariant_loss,
    transport_loss,
    weighted_mean,
)
from .field_losses import distance_loss, surface_losses
from .model import Encoded, TriplaneModel
from .plate_maps import maps_from_raw
from .truth import Batch, reduced_truth, window_truth

WEIGHTS: Mapping[str, float] = {
    "albedo": 2.5,
    "albedo_relative": 0.5,
    "normal": 1.5,
    "depth": 1.0,
    "matte": 1.0,
    "transport": 4.0,
    "rendered": 1.0,
    "relit": 2.0,
    "parts": 0.3,
    "roughness": 0.5,
    "specular": 5.0,
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
NOT_REFINED = ("rendered", "parts", "roughness", "specular")
"""Terms for the coarse maps alone: rendering is already held by `relit`, the others need no sharp edges."""
WINDOW = 24
"""Side of the refined window, in cells of four pixels."""
FACE_PARTS = (PartClass.SKIN, PartClass.LIPS, PartClass.BROWS, PartClass.EYES, PartClass.MOUTH)


def network_plate(batch: Batch) -> Tensor:
    """(N, 5, 256, 256) float32 input of the network."""
    plate = batch["plate"].float()
    count, _, height, width = plate.shape
    maps = torch.from_numpy(coordinate_maps(height, width)).to(plate.device).expand(count, 2, height, width)
    return torch.cat([plate, maps], dim=1)


def map_losses(maps: Batch, truth: Batch, own_light: Tensor | None, other_light: Tensor) -> dict[str, Tensor]:
    """Losses of all maps.

    Args:
        maps: from `maps_from_raw`.
        truth: maps of the same resolution.
        own_light: (N, 9, 3) predicted light of the picture, beside its truth in `truth["light"]`; None for the terms
            that the refined maps are trained on alone.
        other_light: (N, 9, 3) a true light of another picture.
    """
    face = torch.zeros_like(truth["parts"], dtype=torch.bool)
    for part in FACE_PARTS:
        face |= truth["parts"] == int(part)
    weight = truth["matte"] * (1.0 + face[:, None].float())
    relit = rendered(truth["albedo"], truth["transport"], other_light)
    losses = {
        "albedo": albedo_loss(maps["albedo"], truth["albedo"], weight),
        "albedo_relative": scale_invariant_loss(maps["albedo"], truth["albedo"], weight),
        "normal": normal_loss(maps["normal"], truth["normal"], weight),
        "depth": depth_loss(maps["depth"], truth["depth"], weight * (truth["matte"] > 0.5)),
        "matte": matte_loss(maps["matte_logit"], truth["matte"]),
        "transport": transport_loss(maps["transport"], truth["transport"], weight),
        "relit": rendering_loss(rendered(maps["albedo"], maps["transport"], other_light), relit, weight),
    }
    if own_light is None:
        return losses
    clean = rendered(truth["albedo"], truth["transport"], truth["light"])
    losses["rendered"] = rendering_loss(rendered(maps["albedo"], maps["transport"], own_light), clean, weight)
    losses["parts"] = parts_loss(maps["parts_logit"], truth["parts"])
    for name in ("roughness", "specular"):
        if name in truth:
            losses[name] = weighted_mean((maps[name] - truth[name]).abs(), truth["matte"])
    return losses


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
    coarse_maps = maps_from_raw(encoded.coarse)
    losses = map_losses(coarse_maps, coarse_truth, encoded.light, other)
    losses |= number_losses(encoded, batch)
    losses |= field_losses(model, encoded, coarse_maps, batch, other)
    terms = {name: WEIGHTS[name] * value for name, value in losses.items()}
    for name, value in map_losses(maps_from_raw(refined), fine_truth, None, other).items():
        if name not in NOT_REFINED:
            terms[f"fine_{name}"] = WEIGHTS[name] * value
    loss = torch.stack(list(terms.values())).sum()
    return loss, {name: float(value.detach()) for name, value in terms.items()}
