"""The sum of losses for one batch: coarse maps over the whole crop, refined maps in a window."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from ...runtime.network_input import coordinate_maps
from ..lightstage.parts import PartClass
from .dataset import Batch
from .losses import (
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
from .maps import maps_from_raw
from .network import PortraitNetwork

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
}
LIGHT_WEIGHT, HEAD_WEIGHT, REFINED_WEIGHT = 1.0, 1.0, 1.0
NOT_REFINED = ("rendered", "parts", "roughness")
"""Terms for the coarse maps alone: rendering is already held by `relit`, the others need no sharp edges."""
WINDOW = 24
"""Side of the refined window, in cells of four pixels."""
MAPS = ("albedo", "normal", "depth", "transport", "roughness")
FACE_PARTS = (PartClass.SKIN, PartClass.LIPS, PartClass.BROWS, PartClass.EYES, PartClass.MOUTH)


def network_plate(batch: Batch) -> Tensor:
    """(N, 5, 256, 256) float32 input of the network."""
    plate = batch["plate"].float()
    count, _, height, width = plate.shape
    maps = torch.from_numpy(coordinate_maps(height, width)).expand(count, 2, height, width)
    return torch.cat([plate, maps], dim=1)


def reduced_truth(batch: Batch, factor: int) -> dict[str, Tensor]:
    """Truth at a lower resolution: maps averaged over the matte, so that the background does not bleed in."""
    # Every second row and column is enough of an average at a quarter of the cost.
    half = factor // 2
    matte = batch["matte"][..., ::2, ::2].float()
    small = functional.avg_pool2d(matte, half)
    truth = {"matte": small, "parts": batch["parts"][:, factor // 2 :: factor, factor // 2 :: factor].long()}
    for name in MAPS:
        covered = functional.avg_pool2d(batch[name][..., ::2, ::2].float() * matte, half)
        truth[name] = covered / small.clamp_min(1e-3)
    truth["normal"] = functional.normalize(truth["normal"], dim=1, eps=1e-4)
    return truth


def window_truth(batch: Batch, top: int, left: int, size: int) -> dict[str, Tensor]:
    """Truth of a window at full resolution."""
    rows, columns = slice(top, top + size), slice(left, left + size)
    truth = {name: batch[name][..., rows, columns].float() for name in (*MAPS, "matte")}
    truth["parts"] = batch["parts"][:, rows, columns].long()
    return truth


def map_losses(
    maps: dict[str, Tensor], truth: dict[str, Tensor], own_light: Tensor | None, other_light: Tensor
) -> dict[str, Tensor]:
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
    losses["roughness"] = weighted_mean((maps["roughness"] - truth["roughness"]).abs(), truth["matte"])
    return losses


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
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half_precision):
        features, coarse, light, head = network.trunk(plate)
        view = plate[:, :, 4 * top : 4 * (top + WINDOW), 4 * left : 4 * (left + WINDOW)]
        inner = (slice(None), slice(None), slice(top, top + WINDOW), slice(left, left + WINDOW))
        refined = network.refine(view, features[inner], coarse[inner])
    light, true_light = light.float(), batch["light"].float()
    other = torch.roll(true_light, 1, dims=0)
    coarse_truth, fine_truth = reduced_truth(batch, 4), window_truth(batch, 4 * top, 4 * left, 4 * WINDOW)
    coarse_truth["light"] = fine_truth["light"] = true_light
    coarse_losses = map_losses(maps_from_raw(coarse), coarse_truth, light, other)
    fine_losses = map_losses(maps_from_raw(refined), fine_truth, None, other)
    terms = {
        "light": LIGHT_WEIGHT * light_loss(light, true_light),
        "head": HEAD_WEIGHT * head_loss(head.float(), batch["head"]),
    }
    for name, weight in WEIGHTS.items():
        terms[name] = weight * coarse_losses[name]
        if name not in NOT_REFINED:
            terms[f"fine_{name}"] = REFINED_WEIGHT * weight * fine_losses[name]
    loss = torch.stack(list(terms.values())).sum()
    return loss, {name: float(value.detach()) for name, value in terms.items()}
