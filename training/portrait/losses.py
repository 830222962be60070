"""What the portrait network is trained on; each loss is a mean over the batch, weighted per pixel."""

import torch
from torch import Tensor
from torch.nn import functional

LEAST_EDGE = 0.1
"""Step of depth between neighbours from which on it is an edge, half widths."""
SHAPE_STEPS, SHAPE_EDGE = (4, 12, 24), 1.5
"""Pixels over which shape is compared, and a difference that is no part of one person's."""


def weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    """Mean of (N, C, h, w) with weights (N, 1, h, w); zero where all weights are."""
    total = weight.sum() * values.shape[1]
    return (values * weight).sum() / total.clamp_min(1e-6)


def albedo_loss(predicted: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Absolute error of the square root of albedo."""
    return weighted_mean((predicted.clamp_min(1e-6).sqrt() - true.clamp_min(1e-6).sqrt()).abs(), weight)


def scale_invariant_loss(predicted: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Absolute error of log albedo after the best common brightness of each picture (Eigen et al. 2014)."""
    difference = (predicted + 0.01).log() - (true + 0.01).log()
    total = (weight.sum(dim=(1, 2, 3)) * predicted.shape[1]).clamp_min(1e-6)
    shift = (difference * weight).sum(dim=(1, 2, 3)) / total
    return weighted_mean((difference - shift[:, None, None, None]).abs(), weight)


def level_loss(predicted: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """How far each picture's albedo is too light or too dark as a whole: what `scale_invariant_loss` leaves out.

    One picture hardly tells light skin in dim light from dark skin in bright light; what little it tells is small
    beside everything else that a map can be wrong in, unless it is asked for by itself.
    """
    difference = (predicted + 0.01).log() - (true + 0.01).log()
    inside = weight.sum(dim=(1, 2, 3)) * predicted.shape[1]
    shift = (difference * weight).sum(dim=(1, 2, 3)) / inside.clamp_min(1e-6)
    return (shift.abs() * (inside > 0)).mean()


def light_level_loss(predicted: Tensor, true: Tensor) -> Tensor:
    """How far the light's (N, 9, 3) mean radiance is too strong or too weak, as a logarithm."""
    levels = [light[:, 0].mean(dim=1).clamp_min(1e-3).log() for light in (predicted, true)]
    return (levels[0] - levels[1]).abs().mean()


def normal_loss(predicted: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """One minus the cosine of the angle, plus a small absolute error that keeps small angles alive."""
    cosine = (predicted * true).sum(dim=1, keepdim=True)
    return weighted_mean(1.0 - cosine, weight) + 0.3 * weighted_mean((predicted - true).abs(), weight)


def depth_loss(predicted: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Absolute error of depth and of its differences between neighbours (not across the person's own depth edges)."""
    return weighted_mean((predicted - true).abs(), weight) + _difference_loss(predicted, true, weight, 1, LEAST_EDGE)


def shape_loss(predicted: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Absolute error of the differences of depth over longer and longer ways: tilt and bulge rather than distance.

    Gradients at several scales, as in Li and Snavely 2018 ("MegaDepth", equation 8).
    """
    return torch.stack([_difference_loss(predicted, true, weight, step, SHAPE_EDGE) for step in SHAPE_STEPS]).mean()


def _difference_loss(predicted: Tensor, true: Tensor, weight: Tensor, step: int, edge: float) -> Tensor:
    """Absolute error of differences over some pixels along both axes, where the true one is below an edge."""
    result = predicted.new_zeros(())
    for axis in (2, 3):
        size = predicted.shape[axis] - step
        error = predicted.narrow(axis, step, size) - predicted.narrow(axis, 0, size)
        target = true.narrow(axis, step, size) - true.narrow(axis, 0, size)
        both = torch.minimum(weight.narrow(axis, step, size), weight.narrow(axis, 0, size))
        result = result + weighted_mean((error - target).abs(), both * (target.abs() < edge))
    return result


def matte_loss(logit: Tensor, true: Tensor) -> Tensor:
    """Cross entropy plus absolute error."""
    return functional.binary_cross_entropy_with_logits(logit, true) + (torch.sigmoid(logit) - true).abs().mean()


def transport_loss(predicted: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Absolute error of transport."""
    return weighted_mean((predicted - true).abs(), weight)


def light_loss(predicted: Tensor, true: Tensor) -> Tensor:
    """Absolute error of the light (N, 9, 3), relative to the light's own mean, so that dim pictures count as much."""
    scale = true[:, :1].mean(dim=2, keepdim=True).clamp_min(0.2)
    return ((predicted - true).abs() / scale).mean()


def rotation_from_6d(values: Tensor) -> Tensor:
    """(N, 3, 3) rotations from (N, 6) first two columns, made orthonormal (Zhou et al. 2019, section 4.2)."""
    first = functional.normalize(values[:, 0:3], dim=1)
    second = values[:, 3:6] - first * (first * values[:, 3:6]).sum(dim=1, keepdim=True)
    second = functional.normalize(second, dim=1)
    return torch.stack([first, second, torch.linalg.cross(first, second)], dim=2)


def head_loss(predicted: Tensor, true: Tensor) -> Tensor:
    """Absolute error of the rotation matrix, of the centre and of the scale, (N, 9) each."""
    rotation = (rotation_from_6d(predicted) - rotation_from_6d(true)).abs().mean()
    # Keeps the six numbers near length one, which Gram–Schmidt would not mind losing.
    raw = (predicted[:, :6] - true[:, :6]).abs().mean()
    return rotation + 0.2 * raw + 2.0 * (predicted[:, 6:] - true[:, 6:]).abs().mean()


def rendered(albedo: Tensor, transport: Tensor, light: Tensor) -> Tensor:
    """(N, 3, h, w) diffuse radiance: albedo × max(Σ_k T_k L_k, 0)."""
    shading = torch.einsum("nkhw,nkc->nchw", transport, light)
    return albedo * shading.clamp_min(0.0)


def rendering_loss(predicted: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Absolute error of the square root of radiance."""
    return weighted_mean(((predicted + 1e-3).sqrt() - (true + 1e-3).sqrt()).abs(), weight)


def parts_loss(logit: Tensor, true: Tensor) -> Tensor:
    """Cross entropy of (N, C, h, w) against class indices (N, h, w), and what the classes lack of whole overlap.

    Cross entropy alone gives brows and eyes away, which are few pixels beside so much skin; the soft overlap counts
    every class of the batch alike (Rahman and Wang 2016, equations 3 to 5).
    """
    return functional.cross_entropy(logit, true) + soft_overlap_loss(torch.softmax(logit, dim=1), true)


def soft_overlap_loss(probability: Tensor, true: Tensor) -> Tensor:
    """One minus intersection over union of (N, C, h, w) with class indices (N, h, w), mean over the classes there."""
    truth = functional.one_hot(true, probability.shape[1]).movedim(-1, 1).to(probability.dtype)
    intersection = (probability * truth).sum(dim=(0, 2, 3))
    count = truth.sum(dim=(0, 2, 3))
    union = probability.sum(dim=(0, 2, 3)) + count - intersection
    there = (count > 0).to(probability.dtype)
    return ((1.0 - intersection / union.clamp_min(1e-6)) * there).sum() / there.sum().clamp_min(1.0)
