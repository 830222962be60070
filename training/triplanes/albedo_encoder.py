"""The albedo encoder: a low-frequency branch with attention, a high-frequency branch, and the planes of both.

As in R3DPVR, section 3.2: what stands far apart in the picture talks in the low branch, what is sharp goes through the
high one; fused they carry geometry and albedo.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import AttentionBlock, NormedConvolution, ResidualBlock, activated
from ..shuffling import pixel_unshuffled
from .planes import PlaneHeads, TriPlanes
from .size import ModelSize


class AlbedoFeatures(NamedTuple):
    """What the albedo encoder knows.

    Attributes:
        high: (N, high, 128, 128).
        fine: (N, fine, 64, 64).
        middle: (N, middle, 32, 32).
        tokens: (N, 256, coarse), row by row.
    """

    high: Tensor
    fine: Tensor
    middle: Tensor
    tokens: Tensor


def centred(plate: Tensor) -> Tensor:
    """Colour of (N, 5, h, w) brought to about −1..1, as its coordinates are."""
    return torch.cat([plate[:, :3] * 3.0 - 1.2, plate[:, 3:]], dim=1)


class AlbedoEncoder(nn.Module):
    """Plate to features: `analyse` up to the tokens, `synthesise` from the (steadied) tokens on."""

    def __init__(self, size: ModelSize) -> None:
        super().__init__()
        self.stem = NormedConvolution(80, size.fine)
        self.down_middle = NormedConvolution(size.fine, size.middle, stride=2)
        self.middle_in = nn.Sequential(ResidualBlock(size.middle), ResidualBlock(size.middle))
        self.down_coarse = NormedConvolution(size.middle, size.coarse, stride=2)
        self.position = nn.Parameter(torch.zeros(1, 256, size.coarse))
        self.attention = nn.ModuleList([AttentionBlock(size.coarse) for _ in range(size.attention_blocks)])
        self.norm_tokens = nn.LayerNorm(size.coarse)
        self.up_middle = NormedConvolution(size.coarse, size.middle, kernel=1)
        self.middle_out = nn.Sequential(ResidualBlock(size.middle), ResidualBlock(size.middle))
        self.up_fine = NormedConvolution(size.middle, size.fine, kernel=1)
        self.high = NormedConvolution(20, size.high)
        self.high_down = NormedConvolution(size.high, size.high, stride=2)
        self.join_fine = NormedConvolution(2 * size.fine + size.high, size.fine, kernel=1)
        self.fine_out = ResidualBlock(size.fine)
        nn.init.trunc_normal_(self.position, std=0.02)

    def analyse(self, plate: Tensor) -> AlbedoFeatures:
        """Features of (N, 5, 256, 256) on the way down; `fine` and `middle` are those of the way down."""
        colour = centred(plate)
        fine = activated(self.stem(pixel_unshuffled(colour, 4)))
        middle = self.middle_in(activated(self.down_middle(fine)))
        coarse = self.down_coarse(middle)
        tokens = coarse.flatten(2).transpose(1, 2) + self.position
        for block in self.attention:
            tokens = block(tokens)
        high = activated(self.high(pixel_unshuffled(colour, 2)))
        return AlbedoFeatures(high, fine, middle, self.norm_tokens(tokens))

    def synthesise(self, seen: AlbedoFeatures) -> AlbedoFeatures:
        """Features on the way up, from what was seen on the way down."""
        count, length, channels = seen.tokens.shape
        side = int(length**0.5)
        coarse = seen.tokens.transpose(1, 2).reshape(count, channels, side, side)
        wider = functional.interpolate(self.up_middle(coarse), scale_factor=2.0, mode="bilinear")
        middle = self.middle_out(activated(seen.middle + wider))
        wider = functional.interpolate(self.up_fine(middle), scale_factor=2.0, mode="bilinear")
        sharp = activated(self.high_down(seen.high))
        fine = self.fine_out(activated(self.join_fine(torch.cat([seen.fine, wider, sharp], dim=1))))
        return AlbedoFeatures(seen.high, fine, middle, seen.tokens)


class AlbedoPlanes(PlaneHeads):
    """The albedo tri-plane T_A of the features."""

    def __init__(self, size: ModelSize) -> None:
        super().__init__(size.fine, size.middle, size.albedo_planes)

    def of(self, features: AlbedoFeatures) -> TriPlanes:
        """Planes of 64²."""
        planes: TriPlanes = self(features.fine, features.middle)
        return planes
