"""The overview network: the crop at 64² in, maps of 32², light and pose out."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import SLOPE, AttentionBlock, NormedConvolution, ResidualBlock, activated
from ..shuffling import pixel_unshuffled
from ..triplanes.albedo_encoder import centred
from ..triplanes.numbers import ENVIRONMENT_SIZE
from ..triplanes.plate_maps import NORMAL, RAW_CHANNELS

SIZE = 64
"""Pixels along each side of what it sees."""
TOKENS = 64
"""Places on a grid of 8²."""
PLACED = 16
GAMMA = 2.2
"""About what the plate is encoded with: light is averaged before encoding, as where small views are drawn."""


def seen_smaller(plate: Tensor, size: int) -> Tensor:
    """(N, 5, size, size) the plate (N, 5, k · size, k · size) as a network sees it that sees less of it."""
    factor = plate.shape[-1] // size
    colour = functional.avg_pool2d(plate[:, :3].clamp_min(0.0) ** GAMMA, factor) ** (1.0 / GAMMA)
    return torch.cat([colour, functional.avg_pool2d(plate[:, 3:], factor)], dim=1)


class OverviewFeatures(NamedTuple):
    """What the overview sees.

    Attributes:
        tokens: (N, 64, coarse).
        middle: (N, middle, 16, 16).
        fine: (N, fine, 32, 32).
    """

    tokens: Tensor
    middle: Tensor
    fine: Tensor


class OverviewMaps(NamedTuple):
    """What the overview says.

    Attributes:
        raw: (N, RAW_CHANNELS, 32, 32) raw maps, see `portrait.maps.maps_from_raw`.
        light: (N, 9, 3) radiance harmonics in the plate's exposure.
        environment: (N, 3, 16, 16) radiance.
        head: (N, 9).
    """

    raw: Tensor
    light: Tensor
    environment: Tensor
    head: Tensor


class Overview(nn.Module):
    """Two steps down, attention over 64 tokens, two steps up.

    A picture takes a tenth of the arithmetic that the portrait model takes in training (0.76 to 7.8 billion operations
    forwards), so that as much of it goes ten times as far.
    """

    def __init__(self, fine: int = 48, middle: int = 112, coarse: int = 256, blocks: int = 5) -> None:
        super().__init__()
        self.stem = NormedConvolution(20, fine)
        self.down_middle = NormedConvolution(fine, middle, stride=2)
        self.middle_in = ResidualBlock(middle)
        self.down_coarse = NormedConvolution(middle, coarse, stride=2)
        self.position = nn.Parameter(torch.zeros(1, TOKENS, coarse))
        nn.init.trunc_normal_(self.position, std=0.02)
        self.attention = nn.ModuleList([AttentionBlock(coarse) for _ in range(blocks)])
        self.norm_tokens = nn.LayerNorm(coarse)
        self.up_middle = NormedConvolution(coarse, middle, kernel=1)
        self.middle_out = ResidualBlock(middle)
        self.up_fine = NormedConvolution(middle, fine, kernel=1)
        self.fine_out = ResidualBlock(fine)
        self.maps = nn.Conv2d(fine, RAW_CHANNELS, 1)
        self.squeeze = nn.Linear(coarse, PLACED)
        self.hidden = nn.Linear(PLACED * TOKENS + 2 * coarse, 256)
        self.last = nn.Linear(256, 9 + 27 + 3 * ENVIRONMENT_SIZE**2)
        with torch.no_grad():
            self.maps.bias[NORMAL.stop - 1] = 1.0  # type: ignore[index]  # towards the camera
            self.last.weight *= 0.1
            self.last.bias[:] = 0.0
            self.last.bias[0] = self.last.bias[4] = 1.0
            self.last.bias[9:12] = 2.0

    def forward(self, plate: Tensor) -> OverviewMaps:
        """Answers to (N, 5, 64, 64)."""
        return self.answers(self.features(plate))

    def features(self, plate: Tensor) -> OverviewFeatures:
        """What it sees in (N, 5, 64, 64)."""
        fine = activated(self.stem(pixel_unshuffled(centred(plate), 2)))
        middle = self.middle_in(activated(self.down_middle(fine)))
        coarse = self.down_coarse(middle)
        tokens = coarse.flatten(2).transpose(1, 2) + self.position
        for block in self.attention:
            tokens = block(tokens)
        tokens = self.norm_tokens(tokens)
        count, _, channels = tokens.shape
        wide = self.up_middle(tokens.transpose(1, 2).reshape(count, channels, 8, 8))
        middle = self.middle_out(activated(middle + functional.interpolate(wide, scale_factor=2.0, mode="bilinear")))
        wide = functional.interpolate(self.up_fine(middle), scale_factor=2.0, mode="bilinear")
        return OverviewFeatures(tokens, middle, self.fine_out(activated(fine + wide)))

    def answers(self, seen: OverviewFeatures) -> OverviewMaps:
        """What it says of what it sees."""
        return OverviewMaps(self.maps(seen.fine), *self._numbers(seen.tokens))

    def _numbers(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Light, environment and head, in the units of `triplanes.numbers`."""
        seen = torch.cat([self.squeeze(tokens).flatten(1), tokens.mean(dim=1), tokens.amax(dim=1)], dim=1)
        numbers = self.last(functional.leaky_relu(self.hidden(seen), SLOPE)).float()
        mean = functional.softplus(numbers[:, 9:12])
        others = numbers[:, 12:36].reshape(-1, 8, 3) * mean[:, None]
        logarithm = numbers[:, 36:].reshape(-1, 3, ENVIRONMENT_SIZE, ENVIRONMENT_SIZE)
        environment = torch.exp(logarithm.clamp(-8.0, 8.0)) * (mean / 3.545)[:, :, None, None]
        return torch.cat([mean[:, None], others], dim=1), environment, numbers[:, :9]
