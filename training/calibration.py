"""Statistics for the normalisations of an exported network, so that it can be trained on."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from .blocks import NormedConvolution

CALIBRATION_BATCHES = 12
"""From which normalisations of exported networks get their statistics."""


def calibrate(model: nn.Module, plates: Iterable[Tensor], answer: Callable[[Tensor], object] | None = None) -> None:
    """Give every normalisation the statistics of what it sees, and leave what the model computes as it is.

    In training a normalisation uses the statistics of its batch, so scale and shift have to be those that undo them.

    Args:
        model: that began with exported networks.
        plates: (N, 5, h, w) each, of those it will be trained on.
        answer: runs the model on a plate; the model itself when not given.
    """
    moments: dict[NormedConvolution, list[Tensor]] = {}

    def keep(block: NormedConvolution, values: Tensor) -> None:
        moments.setdefault(block, []).append(
            torch.stack([values.double().mean(dim=(0, 2, 3)), values.double().square().mean(dim=(0, 2, 3))])
        )

    handles = [
        block.convolution.register_forward_hook(lambda _, __, values, block=block: keep(block, values))
        for block in model.modules()
        if isinstance(block, NormedConvolution)
    ]
    model.eval()
    with torch.no_grad():
        for plate in plates:
            (answer or model)(plate)
        for block, seen in moments.items():
            mean, square = torch.stack(seen).mean(dim=0)
            _restate(block.norm, mean.float(), (square - mean.square()).clamp_min(0.0).float())
    for handle in handles:
        handle.remove()


def _restate(norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor) -> None:
    """Change a normalisation's statistics, and its scale and shift so that it computes the same."""
    assert norm.running_mean is not None and norm.running_var is not None  # noqa: S101 - tells the type checker
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    shift = norm.bias - norm.running_mean * scale
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_(scale * torch.sqrt(variance + norm.eps))
    norm.bias.copy_(shift + mean * scale)
