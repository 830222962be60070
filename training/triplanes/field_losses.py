"""Direct supervision of the field at points in space (the first stage of training, before any image of it)."""

import torch
from torch import Tensor
from torch.nn import functional

from ..portrait.losses import rendered
from .field import Field, FieldInputs

TRUNCATION = 0.2
"""Half widths (5 cm) beyond which only the sign of a distance counts."""
NEAR = 0.03
"""Half widths: the band around the surface whose error counts most."""
SOFTNESS = 0.03
"""Half widths (7.5 mm) over which the occupancy goes from outside to inside."""


def distance_loss(predicted: Tensor, true: Tensor, valid: Tensor) -> Tensor:
    """Absolute error of the truncated signed distance, up to five times as heavy near the surface.

    Args:
        predicted: (N, P) half widths.
        true: (N, P).
        valid: (N, P) 0 where the truth is not known.
    """
    bounded, target = predicted.clamp(-TRUNCATION, TRUNCATION), true.clamp(-TRUNCATION, TRUNCATION)
    weight = valid * (1.0 + 4.0 * torch.exp(-((true / NEAR) ** 2)))
    return (weight * (bounded - target).abs()).sum() / weight.sum().clamp_min(1e-6)


def occupancy_loss(predicted: Tensor, true: Tensor, valid: Tensor) -> Tensor:
    """Divergence of the predicted from the true occupancy, each the logistic function of a signed distance.

    Distances near the surface are small, so a field that is hardly less than zero everywhere inside costs little of
    them; here the side counts, however small the number (occupancy as Mescheder et al. 2019, equation 3, learn it).

    Args:
        predicted: (N, P) half widths.
        true: (N, P).
        valid: (N, P) 0 where the truth is not known.
    """
    target = torch.sigmoid(-true / SOFTNESS)
    cross = functional.binary_cross_entropy_with_logits(-predicted / SOFTNESS, target, reduction="none")
    floor = functional.binary_cross_entropy(target, target, reduction="none")
    return ((cross - floor) * valid).sum() / valid.sum().clamp_min(1e-6)


def surface_losses(field: Field, inputs: FieldInputs, surface: dict[str, Tensor], light: Tensor) -> dict[str, Tensor]:
    """Errors of colour, normal, transport and relit radiance at points of the true surface, seen from anywhere.

    Args:
        field: to train.
        inputs: what it reads.
        surface: points (N, P, 3) in crop coordinates; albedo (N, 3, P), normal (N, 3, P), transport (N, 9, P) in crop
            camera axes, and valid (N, P).
        light: (N, 9, 3) to relight with.
    """
    found = field.surface(inputs, surface["points"])
    weight = surface["valid"][:, None] / surface["valid"].sum().clamp_min(1e-6)

    def mean(error: Tensor) -> Tensor:
        return (error * weight).sum() / error.shape[1]

    albedo, transport = surface["albedo"], surface["transport"]
    ours = rendered(found.albedo[..., None], found.transport[..., None], light)[..., 0]
    theirs = rendered(albedo[..., None], transport[..., None], light)[..., 0]
    cosine = (found.normal * surface["normal"]).sum(dim=1, keepdim=True)
    return {
        "field_albedo": mean((found.albedo.clamp_min(1e-6).sqrt() - albedo.clamp_min(1e-6).sqrt()).abs()),
        "field_normal": mean(1.0 - cosine),
        "field_transport": mean((found.transport - transport).abs()),
        "field_relit": mean(((ours + 1e-3).sqrt() - (theirs + 1e-3).sqrt()).abs()),
        "field_on_surface": mean(found.distance.abs()),
    }
