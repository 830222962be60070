"""What the temporal network is trained on: agreement of frames along the true motion, and the truth of each."""

import torch
from torch import Tensor

from .temporal_alignment import warped

OCCLUSION_SHARPNESS = 50.0


def visibility(true_present: Tensor, true_past: Tensor, motion: Tensor, matte: Tensor) -> Tensor:
    """Where a point of the present was seen in the past: M = exp(−α · |truth − carried truth|²).

    As in Lai et al. 2018 ("Learning blind video temporal consistency", equation 2, α = 50), on which the consistency
    losses of R3DPVR, section 3.3, build; but with the truth in the place of the input video, whose light may change.

    Args:
        true_present: (N, C, h, w) what a point keeps from frame to frame, about 0..1: albedo and normals.
        true_past: (N, C, h, w) of the past frame.
        motion: (N, 2, h, w) from the present to the past frame.
        matte: (N, 1, h, w) of the person in the present frame.

    Returns:
        (N, 1, h, w) 0..1.
    """
    squared = (true_present - warped(true_past, motion)).square().sum(dim=1, keepdim=True)
    return torch.exp(-OCCLUSION_SHARPNESS * squared) * matte


def short_term_loss(present: Tensor, before: Tensor, motion: Tensor, seen: Tensor) -> Tensor:
    """Absolute change from the frame before along the motion (R3DPVR, section 3.3; Lai et al. 2018, equation 2).

    Args:
        present: (N, C, h, w) a steadied map.
        before: (N, C, h, w) that of the frame before.
        motion: (N, 2, h, w) from the present to the frame before.
        seen: (N, 1, h, w) from `visibility`.
    """
    error = (present - warped(before, motion)).abs()
    return (error * seen).sum() / (seen.sum() * present.shape[1]).clamp_min(1e-6)


def long_term_loss(present: Tensor, first: Tensor, motion: Tensor, seen: Tensor) -> Tensor:
    """The same against the clip's first steadied frame: small changes must not add up (Lai et al., equation 3)."""
    return short_term_loss(present, first, motion, seen)


def warping_error(present: Tensor, before: Tensor, motion: Tensor, seen: Tensor) -> Tensor:
    """Mean squared change along the motion: E_warp of Lai et al. 2018, section 4.2; arguments as `short_term_loss`."""
    error = (present - warped(before, motion)).square()
    return (error * seen).sum() / (seen.sum() * present.shape[1]).clamp_min(1e-6)


def plane_loss(steadied: Tensor, clean: Tensor) -> Tensor:
    """Absolute error of planes, in deviations of each channel.

    Args:
        steadied: (N, C, h, w) from noisy planes.
        clean: (N, C, h, w) of the present frame before noise was added.
    """
    deviation = clean.std(dim=(0, 2, 3), keepdim=True).clamp_min(1e-3)
    return ((steadied - clean).abs() / deviation).mean()


def with_plane_noise(planes: Tensor, level: float, generator: torch.Generator) -> Tensor:
    """Planes with noise of a share of each channel's own deviation, which the network learns to take out (section 3.3).

    Args:
        planes: (N, F, C, h, w).
        level: standard deviation relative to the planes'.
        generator: of random numbers.
    """
    if planes.shape[2] == 0:
        return planes
    deviation = planes.std(dim=(0, 1, 3, 4), keepdim=True)
    noise = torch.randn(planes.shape, generator=generator, dtype=planes.dtype)
    return planes + level * deviation * noise.to(planes.device)


def head_loss(predicted: Tensor, true: Tensor) -> Tensor:
    """Absolute error of rotation and centre, (N, 8) each."""
    return (predicted[:, :6] - true[:, :6]).abs().mean() + 2.0 * (predicted[:, 6:] - true[:, 6:8]).abs().mean()
