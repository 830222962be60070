"""Losses of the maps of the plate's own view, for every network that predicts them."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ...runtime.network_input import coordinate_maps
from ..lightstage.parts import PartClass
from .losses import (
    albedo_loss,
    depth_loss,
    matte_loss,
    normal_loss,
    parts_loss,
    rendered,
    rendering_loss,
    scale_invariant_loss,
    transport_loss,
    weighted_mean,
)
from .truth import Batch

MAP_WEIGHTS: Mapping[str, float] = {
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
}
WINDOW = 24
"""Side of the refined window, in cells of four pixels."""
FACE_PARTS = (PartClass.SKIN, PartClass.LIPS, PartClass.BROWS, PartClass.EYES, PartClass.MOUTH)


def network_plate(batch: Batch) -> Tensor:
    """(N, 5, 256, 256) float32 input of the network, channels last in memory: convolutions train faster so."""
    plate = batch["plate"].float()
    count, _, height, width = plate.shape
    maps = torch.from_numpy(coordinate_maps(height, width)).to(plate.device).expand(count, 2, height, width)
    return torch.cat([plate, maps], dim=1).contiguous(memory_format=torch.channels_last)


def map_losses(maps: Batch, truth: Batch, own_light: Tensor | None, other_light: Tensor) -> dict[str, Tensor]:
    """Losses of all maps.

    Args:
        maps: from `maps_from_raw`.
        truth: maps of the same resolution.
        own_light: (N, 9, 3) predicted light of the picture, beside its truth in `truth["light"]`; None for no
            `rendered`, which the refined maps do without: `relit` holds them already.
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
    losses["parts"] = parts_loss(maps["parts_logit"], truth["parts"])
    for name in ("roughness", "specular"):
        if name in truth:
            losses[name] = weighted_mean((maps[name] - truth[name]).abs(), truth["matte"])
    if own_light is not None:
        clean = rendered(truth["albedo"], truth["transport"], truth["light"])
        losses["rendered"] = rendering_loss(rendered(maps["albedo"], maps["transport"], own_light), clean, weight)
    return losses
