"""The sum of losses for one batch.

Coarse maps of the whole crop, refined maps in a window, the field at points, and real plates explained by themselves.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from ..perceptual import SqueezeNetFeatures, displayed, feature_distance
from ..portrait.losses import head_loss, light_loss, rendered
from ..portrait.map_losses import MAP_WEIGHTS, WINDOW, map_losses, network_plate
from ..portrait.maps import maps_from_raw
from ..portrait.truth import Batch, reduced_truth, window_truth
from .field_losses import distance_loss, occupancy_loss, surface_losses
from .model import Encoded, TriplaneModel
from .plate_maps import CHANNELS
from .reconstruction import pseudo_matte_loss, reconstruction_distance, reconstruction_loss

WEIGHTS: Mapping[str, float] = {
    **MAP_WEIGHTS,
    "light": 1.0,
    "environment": 0.2,
    "head": 1.0,
    "distance": 6.0,
    "occupancy": 1.0,
    "field_albedo": 1.0,
    "field_normal": 0.5,
    "field_transport": 2.0,
    "field_relit": 1.0,
    "field_on_surface": 2.0,
    "features": 0.2,
    "real": 0.5,
    "real_matte": 0.1,
    "real_features": 0.1,
}


RAMP = 0.02
"""Share of the schedule over which a term that begins later comes in."""


def ramp(progress: float, start: float) -> float:
    """0..1 factor on a term that begins at a share of the schedule, 0 for one that always counts."""
    return min(1.0, max(0.0, (progress - start) / RAMP)) if start > 0.0 else 1.0


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
        truth = batch["point_distance"].float(), batch["point_valid"].float()
        losses["distance"] = distance_loss(found, *truth)
        losses["occupancy"] = occupancy_loss(found, *truth)
    if "surface_points" in batch:
        names = ("points", "albedo", "normal", "transport", "valid")
        surface = {name: batch[f"surface_{name}"].float() for name in names}
        losses |= surface_losses(model.field, inputs, surface, light)
    return losses


def real_window(batch: Batch, square: tuple[int, int, int]) -> tuple[Tensor, Tensor]:
    """Plate (R, 3, h, w) and matte (R, 1, h, w) of the real plates in a window: (top, left, side) in four pixels."""
    top, left, side = (4 * value for value in square)
    window = (..., slice(top, top + side), slice(left, left + side))
    return batch["real_plate"].float()[window], batch["real_matte"].float()[window]


def real_losses(maps: Batch, fine: Batch, light: Tensor, batch: Batch, square: tuple[int, int, int]) -> Batch:
    """Losses of real plates: explained by the model's own maps and light, coarsely and in the refined window.

    Args:
        maps: coarse, of the real plates.
        fine: refined.
        light: (R, 9, 3) that the model names.
        batch: with `real_plate` (R, 3, 256, 256) and `real_matte` (R, 1, 256, 256).
        square: (top, left, side) of the window in units of four pixels.
    """
    small_plate, small_matte = (functional.avg_pool2d(batch[f"real_{name}"].float(), 4) for name in ("plate", "matte"))
    plate, matte = real_window(batch, square)
    return {
        "real": reconstruction_loss(maps, light, small_plate, small_matte)
        + reconstruction_loss(fine, light, plate, matte),
        "real_matte": pseudo_matte_loss(maps["matte_logit"], small_matte)
        + pseudo_matte_loss(fine["matte_logit"], matte),
    }


def relit_distance(features: SqueezeNetFeatures, fine: Batch, truth: Batch, light: Tensor) -> Tensor:
    """Feature distance of relit windows, both on black by the true matte."""
    ours, theirs = (displayed(rendered(maps["albedo"], maps["transport"], light)) for maps in (fine, truth))
    return feature_distance(features, ours * truth["matte"], theirs * truth["matte"])


def shown_plates(batch: Batch) -> Tensor:
    """(N + R, 5, 256, 256) what the model is shown of a batch: drawn plates, and real ones where there are any."""
    plate = network_plate(batch)
    return torch.cat([plate, network_plate({"plate": batch["real_plate"]})]) if "real_plate" in batch else plate


def total_loss(
    model: TriplaneModel,
    batch: Batch,
    window: tuple[int, int],
    *,
    half_precision: bool,
    features: SqueezeNetFeatures | None = None,
    occupancy: float = 1.0,
) -> tuple[Tensor, dict[str, float]]:
    """The training objective of one batch.

    Args:
        model: in training mode.
        batch: maps of a stage's samples; points of the field and real plates where it has them.
        window: (top, left) of the refined window in units of four pixels, 0..64 − WINDOW.
        half_precision: run the convolutions in bfloat16.
        features: for the perceptual term; without it there is none.
        occupancy: 0..1 factor on the occupancy term.

    Returns:
        The loss, and each term for the log.
    """
    plate = shown_plates(batch)
    count, square = len(batch["plate"]), (*window, WINDOW)
    with torch.autocast(plate.device.type, dtype=torch.bfloat16, enabled=half_precision):
        everything = model.encode(plate)
        refined = model.refine(plate, everything, square)
        coarse_maps, fine_maps = (maps_from_raw(raw, CHANNELS) for raw in (everything.coarse, refined))
    drawn, real = slice(0, count), slice(count, None)
    encoded, true_light = everything.of(drawn), batch["light"].float()
    other = torch.roll(true_light, 1, dims=0)
    coarse_truth, fine_truth = reduced_truth(batch, 4), window_truth(batch, square)
    coarse_truth["light"] = true_light
    coarse, fine = ({name: value[drawn] for name, value in maps.items()} for maps in (coarse_maps, fine_maps))
    losses = map_losses(coarse, coarse_truth, encoded.light, other)
    losses |= number_losses(encoded, batch)
    losses |= field_losses(model, encoded, coarse, batch, other)
    if "real_plate" in batch:
        real_coarse, real_fine = ({n: value[real] for n, value in maps.items()} for maps in (coarse_maps, fine_maps))
        losses |= real_losses(real_coarse, real_fine, everything.light[real], batch, square)
    if features is not None:
        with torch.autocast(plate.device.type, dtype=torch.bfloat16, enabled=half_precision):
            losses["features"] = relit_distance(features, fine, fine_truth, other)
            if "real_plate" in batch:
                explained = real_window(batch, square)
                losses["real_features"] = reconstruction_distance(
                    features, real_fine, everything.light[real], *explained
                )
    if "occupancy" in losses:
        losses["occupancy"] = occupancy * losses["occupancy"]
    terms = {name: WEIGHTS[name] * value for name, value in losses.items()}
    for name, value in map_losses(fine, fine_truth, None, other).items():
        terms[f"fine_{name}"] = WEIGHTS[name] * value
    loss = torch.stack(list(terms.values())).sum()
    return loss, {name: float(value.detach()) for name, value in terms.items()}
