"""Learning rate and weight averaging as functions of how far training has come."""

import math

import torch
from torch import nn

from .configuration import RunConfiguration


def learning_rate(configuration: RunConfiguration, step: int) -> float:
    """Warm-up, a plateau, and a cosine fall to zero at the last step (Hägele et al. 2024 measure such schedules)."""
    progress = step / configuration.steps
    if progress < configuration.warm_up:
        return configuration.learning_rate * (progress + 1.0 / configuration.steps) / configuration.warm_up
    if progress < configuration.hold:
        return configuration.learning_rate
    falling = min(1.0, (progress - configuration.hold) / (1.0 - configuration.hold))
    return configuration.learning_rate * 0.5 * (1.0 + math.cos(math.pi * falling))


def averaging_decay(configuration: RunConfiguration, step: int) -> float:
    """Decay of the running average: short at first, so that the random start is forgotten."""
    return min(configuration.average, (1.0 + step) / (10.0 + step))


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the averaged weights towards the network's; running statistics are averaged too, counters copied."""
    own, other = average.state_dict(), network.state_dict()
    followed = [name for name, value in own.items() if value.dtype.is_floating_point]
    torch._foreach_lerp_([own[name] for name in followed], [other[name] for name in followed], 1.0 - decay)
    for name in own.keys() - set(followed):
        own[name].copy_(other[name])
