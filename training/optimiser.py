"""The optimisers: AdamW, and Muon for the weights that are matrices.

Muon steps along the momentum with its singular values brought to one, so that no direction of a weight matrix starves
beside a strong one (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"); a convolution is
the matrix from its patch to its output channels. The step is scaled to the size of AdamW's, so that both share one
learning rate and one weight decay (Liu et al. 2025, "Muon is scalable for LLM training", section 2.2).
"""

from collections import defaultdict
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


def orthogonalised(matrices: Tensor) -> Tensor:
    """Matrices with the same singular vectors and singular values of about one (0.7 to 1.2).

    Args:
        matrices: (..., m, n).
    """
    a, b, c = NEWTON_SCHULZ
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if tall else matrices
    x = x / torch.linalg.matrix_norm(x, keepdim=True).clamp_min(1e-12)
    # Every step multiplies x with a polynomial of its Gram matrix, and such polynomials commute: the small square
    # matrices are iterated alone, and x is multiplied once, which for a convolution is a third of the work.
    gram = x @ x.mT
    factor = gram
    for step in range(NEWTON_SCHULZ_STEPS):
        polynomial = b * gram + c * gram @ gram
        polynomial.diagonal(dim1=-2, dim2=-1).add_(a)
        factor = polynomial @ factor if step else polynomial
        if step + 1 < NEWTON_SCHULZ_STEPS:
            gram = gram @ polynomial @ polynomial
    result: Tensor = factor @ x
    return result.mT if tall else result


class Muon(torch.optim.Optimizer):
    """Muon for groups marked `matrices`, AdamW for the others."""

    def __init__(self, groups: Iterable[dict[str, Any]], learning_rate: float, weight_decay: float) -> None:
        super().__init__(groups, {"lr": learning_rate, "weight_decay": weight_decay, "matrices": False})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # no closures here
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
            if not parameters:
                continue
            gradients = [parameter.grad for parameter in parameters]
            states = [self.state[parameter] for parameter in parameters]
            updates = (_muon_updates if group["matrices"] else _adam_updates)(gradients, states)
            torch._foreach_mul_(parameters, 1.0 - group["lr"] * group["weight_decay"])
            torch._foreach_add_(parameters, updates, alpha=-group["lr"])


def _moments(states: list[dict[str, Tensor]], name: str, gradients: list[Tensor]) -> list[Tensor]:
    """A running mean of each parameter, zero at first."""
    return [
        state.setdefault(name, torch.zeros_like(gradient)) for state, gradient in zip(states, gradients, strict=True)
    ]


def _muon_updates(gradients: list[Tensor], states: list[dict[str, Tensor]]) -> list[Tensor]:
    momenta = _moments(states, "momentum", gradients)
    torch._foreach_lerp_(momenta, gradients, 1.0 - MUON_MOMENTUM)
    # Nesterov: look ahead along the momentum.
    directions = torch._foreach_lerp(gradients, momenta, MUON_MOMENTUM)
    matrices = [direction.flatten(1) for direction in directions]
    alike: dict[torch.Size, list[int]] = defaultdict(list)
    for index, matrix in enumerate(matrices):
        alike[matrix.shape].append(index)
    updates = list(directions)
    for shape, indices in alike.items():
        steps = 0.2 * max(shape) ** 0.5 * orthogonalised(torch.stack([matrices[index] for index in indices]))
        for index, step in zip(indices, steps, strict=True):
            updates[index] = step.reshape(gradients[index].shape)
    return updates


def _adam_updates(gradients: list[Tensor], states: list[dict[str, Tensor]]) -> list[Tensor]:
    first, second = (_moments(states, name, gradients) for name in ("exp_avg", "exp_avg_sq"))
    torch._foreach_lerp_(first, gradients, 1.0 - ADAM_BETAS[0])
    torch._foreach_lerp_(second, torch._foreach_mul(gradients, gradients), 1.0 - ADAM_BETAS[1])
    counts = [state.setdefault("step", torch.zeros(())) for state in states]
    torch._foreach_add_(counts, 1.0)
    steps = [float(count) for count in counts]
    spreads = torch._foreach_sqrt(torch._foreach_div(second, [1.0 - ADAM_BETAS[1] ** step for step in steps]))
    torch._foreach_add_(spreads, ADAM_EPSILON)
    means = torch._foreach_div(first, [1.0 - ADAM_BETAS[0] ** step for step in steps])
    return list(torch._foreach_div(means, spreads))


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
