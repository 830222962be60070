"""What the temporal network is trained on: truth, and agreement of neighbouring frames where the scene agrees."""

import torch
from torch import Tensor


def short_term_loss(
    present: Tensor, before: Tensor, true_present: Tensor, true_before: Tensor, weight: Tensor
) -> Tensor:
    """Change from the last frame against the true change (R3DPVR, section 3.4, short-term consistency).

    Where the head moves, the truth changes too, so no flow is needed: only change that the truth does not have counts.

    Args:
        present: (N, C, h, w) map of this frame.
        before: of the frame before.
        true_present: truth of this frame.
        true_before: truth of the frame before.
        weight: (N, 1, h, w) where both frames show the person.
    """
    error = ((present - before) - (true_present - true_before)).abs()
    return (error * weight).sum() / (weight.sum() * present.shape[1]).clamp_min(1e-6)


def long_term_loss(present: Tensor, first: Tensor, true_present: Tensor, true_first: Tensor, weight: Tensor) -> Tensor:
    """The same against the window's first frame, so that small errors do not add up (section 3.4, long-term)."""
    return short_term_loss(present, first, true_present, true_first, weight)


def with_plane_noise(tokens: Tensor, level: float, generator: torch.Generator) -> Tensor:
    """Tokens with noise of a share of their own spread: what the temporal network learns to take out.

    Args:
        tokens: (N, F, 256, C).
        level: standard deviation relative to the tokens'.
        generator: of random numbers.
    """
    noise = torch.randn(tokens.shape, generator=generator, dtype=tokens.dtype)
    return tokens + level * tokens.std() * noise.to(tokens.device)
