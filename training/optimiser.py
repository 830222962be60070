"""The optimisers: AdamW, and Muon for the weights that are matrices.

Muon steps along the momentum with its singular values brought to one, so that no direction of a weight matrix starves
beside a strong one (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"); a convolution is
the matrix from its patch to its output channels. The step is scaled to the size of AdamW's, so that both share one
learning rate and one weight decay (Liu et al. 2025, "Muon is scalable for LLM training", section 2.2).
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from .configuration import OptimiserName

MUON_MOMENTUM = 0.95
ADAM_BETAS = (0.9, 0.98)
ADAM_EPSILON = 1e-8
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients of the quintic iteration: they bring any singular value to about one in five steps."""
NEWTON_SCHULZ_STEPS = 5


def orthogonalised(matrix: Tensor) -> Tensor:
    """A matrix with the same singular vectors and singular values of about one (0.7 to 1.2).

    Args:
        matrix: (m, n).
    """
    a, b, c = NEWTON_SCHULZ
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    # Half precision is enough for the iteration, which only aims at 0.7 to 1.2, and twice as fast.
    x = (x / x.norm().clamp_min(1e-12)).bfloat16()
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    result: Tensor = (x.T if tall else x).to(matrix.dtype)
    return result


class Muon(torch.optim.Optimizer):
    """Muon for groups marked `matrices`, AdamW for the others."""

    def __init__(self, groups: Iterable[dict[str, Any]], learning_rate: float, weight_decay: float) -> None:
        super().__init__(groups, {"lr": learning_rate, "weight_decay": weight_decay, "matrices": False})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # no closures here
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            update = _muon_update if group["matrices"] else _adam_update
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.mul_(1.0 - group["lr"] * group["weight_decay"])
                    parameter.add_(update(parameter.grad, self.state[parameter]), alpha=-group["lr"])


def _muon_update(gradient: Tensor, state: dict[str, Tensor]) -> Tensor:
    momentum = state.setdefault("momentum", torch.zeros_like(gradient))
    momentum.lerp_(gradient, 1.0 - MUON_MOMENTUM)
    # Nesterov: look ahead along the momentum.
    direction = gradient.lerp(momentum, MUON_MOMENTUM)
    matrix = direction.reshape(direction.shape[0], -1)
    scale = 0.2 * max(matrix.shape) ** 0.5
    update: Tensor = (scale * orthogonalised(matrix)).reshape(gradient.shape)
    return update


def _adam_update(gradient: Tensor, state: dict[str, Tensor]) -> Tensor:
    first = state.setdefault("exp_avg", torch.zeros_like(gradient))
    second = state.setdefault("exp_avg_sq", torch.zeros_like(gradient))
    count = state.setdefault("step", torch.zeros(()))
    count += 1
    first.lerp_(gradient, 1.0 - ADAM_BETAS[0])
    second.lerp_(gradient.square(), 1.0 - ADAM_BETAS[1])
    steps = float(count)
    mean = first / (1.0 - ADAM_BETAS[0] ** steps)
    spread = (second / (1.0 - ADAM_BETAS[1] ** steps)).sqrt()
    update: Tensor = mean / (spread + ADAM_EPSILON)
    return update


def make_optimiser(
    network: nn.Module, name: OptimiserName, learning_rate: float, weight_decay: float
) -> torch.optim.Optimizer:
    """The optimiser of a network's parameters.

    Muon takes the matrices of convolutions and linear layers inside; vectors, positions and the last layers of the
    network (fewer than 16 rows) stay with AdamW.
    """
    if name is OptimiserName.ADAMW:
        return torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=weight_decay, betas=ADAM_BETAS)
    matrices = {
        id(module.weight)
        for module in network.modules()
        if isinstance(module, nn.Linear | nn.Conv2d) and min(module.weight.flatten(1).shape) >= 16
    }
    inner = [p for p in network.parameters() if id(p) in matrices]
    others = [p for p in network.parameters() if id(p) not in matrices]
    groups: list[dict[str, Any]] = [{"params": inner, "matrices": True}, {"params": others}]
    return Muon([group for group in groups if group["params"]], learning_rate, weight_decay)
