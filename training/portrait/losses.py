"""What the portrait network is trained on; each loss is a mean over the batch, weighted per pixel."""

import torch
from torch import Tensor
from torch.nn import functional


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


def normal_loss(predicted: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """One minus the cosine of the angle, plus a small absolute error that keeps small angles alive."""
    cosine = (predicted * true).sum(dim=1, keepdim=True)
    return weighted_mean(1.0 - cosine, weight) + 0.3 * weighted_mean((predicted - true).abs(), weight)


def depth_loss(predicted: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Absolute error of depth and of its differences between neighbours (not across the person's own depth edges)."""
    result = weighted_mean((predicted - true).abs(), weight)
    for axis in (2, 3):
        size = predicted.shape[axis] - 1
        error = predicted.narrow(axis, 1, size) - predicted.narrow(axis, 0, size)
        target = true.narrow(axis, 1, size) - true.narrow(axis, 0, size)
        both = torch.minimum(weight.narrow(axis, 1, size), weight.narrow(axis, 0, size))
        result = result + weighted_mean((error - target).abs(), both * (target.abs() < 0.1))
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
