"""Self-reconstruction of real plates: what the model says of them, under the light it names, must look like them.

R3DPVR trains on real video alone and so always reconstructs its input (section 3.4, its RGB terms); here the terms
stand beside those of the light stage, so that the networks also explain pictures that no renderer made.
"""

import torch
from torch import Tensor
from torch.nn import functional

from ..perceptual import SqueezeNetFeatures, displayed, feature_distance
from ..portrait.losses import rendered, rendering_loss

SURE, CLIPPED = 0.9, 0.95
"""Least matte that counts as person, and greatest code value that is not taken for a clipped one."""


def linear_from_plate(plate: Tensor) -> Tensor:
    """(N, 3, h, w) scene-linear radiance of sRGB-encoded colour (IEC 61966-2-1)."""
    low, high = plate / 12.92, ((plate.clamp_min(0.0) + 0.055) / 1.055) ** 2.4
    return torch.where(plate <= 0.04045, low, high)


def reconstruction_loss(maps: dict[str, Tensor], light: Tensor, plate: Tensor, matte: Tensor) -> Tensor:
    """Error of albedo × transport · own light beside the plate, where the plate is surely person and not clipped.

    Highlights are left to the absolute error, which they hardly move.

    Args:
        maps: albedo and transport, (N, C, h, w).
        light: (N, 9, 3) that the model names.
        plate: (N, 3, h, w) sRGB-encoded.
        matte: (N, 1, h, w).
    """
    weight = _explicable(plate, matte)
    return rendering_loss(rendered(maps["albedo"], maps["transport"], light), linear_from_plate(plate), weight)


def reconstruction_distance(
    features: SqueezeNetFeatures, maps: dict[str, Tensor], light: Tensor, plate: Tensor, matte: Tensor
) -> Tensor:
    """Feature distance of the same two pictures, black where the plate need not be explained.

    An absolute error is content with a blur; this one is not. Arguments as `reconstruction_loss`.
    """
    weight = _explicable(plate, matte)
    ours = displayed(rendered(maps["albedo"], maps["transport"], light))
    return feature_distance(features, ours * weight, displayed(linear_from_plate(plate)) * weight)


def _explicable(plate: Tensor, matte: Tensor) -> Tensor:
    """(N, 1, h, w) one where the plate is surely person and not clipped."""
    return ((matte > SURE) & (plate.amax(dim=1, keepdim=True) < CLIPPED)).float()


def pseudo_matte_loss(logit: Tensor, label: Tensor) -> Tensor:
    """Cross entropy against another network's matte, only where that one is sure: it knows nothing of single hairs."""
    sure = ((label > SURE) | (label < 1.0 - SURE)).float()
    error = functional.binary_cross_entropy_with_logits(logit, (label > 0.5).float(), reduction="none")
    return (error * sure).sum() / sure.sum().clamp_min(1e-6)
