"""The shading encoder: conditioned on the albedo tri-plane, it gives light transport and the plate's light."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import AttentionBlock, NormedConvolution, ResidualBlock, StridedConvolution, activated
from ..shuffling import pixel_unshuffled
from .albedo_encoder import AlbedoFeatures, centred
from .planes import PlaneHeads, TriPlanes
from .size import ModelSize


class ShadingFeatures(NamedTuple):
    """What the shading encoder knows.

    Attributes:
        fine: (N, shading_fine, 64, 64).
        middle: (N, shading_middle, 32, 32).
        tokens: (N, 256, shading_coarse).
    """

    fine: Tensor
    middle: Tensor
    tokens: Tensor


class ShadingEncoder(nn.Module):
    """Plate, albedo features and albedo planes to shading features (R3DPVR, section 3.2)."""

    def __init__(self, size: ModelSize) -> None:
        super().__init__()
        self.join = NormedConvolution(80 + size.fine + size.albedo_planes, size.shading_fine, kernel=1)
        self.down_middle = NormedConvolution(size.shading_fine, size.shading_middle, stride=2)
        self.middle_in = ResidualBlock(size.shading_middle)
        self.down_coarse = NormedConvolution(size.shading_middle, size.shading_coarse, stride=2)
        self.from_albedo = nn.Linear(size.coarse, size.shading_coarse)
        self.from_sides = StridedConvolution(2 * size.albedo_planes, size.shading_coarse, 4, stride=4)
        self.attention = nn.ModuleList([AttentionBlock(size.shading_coarse) for _ in range(size.shading_blocks)])
        self.norm_tokens = nn.LayerNorm(size.shading_coarse)
        self.up_middle = NormedConvolution(size.shading_coarse, size.shading_middle, kernel=1)
        self.middle_out = ResidualBlock(size.shading_middle)
        self.up_fine = NormedConvolution(size.shading_middle, size.shading_fine, kernel=1)
        self.fine_out = ResidualBlock(size.shading_fine)

    def analyse(self, plate: Tensor, albedo: AlbedoFeatures, planes: TriPlanes) -> ShadingFeatures:
        """Features on the way down; albedo features and planes are those of `synthesise`."""
        seen = pixel_unshuffled(centred(plate), 4)
        fine = activated(self.join(torch.cat([seen, albedo.fine, planes.front], dim=1)))
        middle = self.middle_in(activated(self.down_middle(fine)))
        # The side and the top plane are seen as pictures of their own: rows and columns are what they share.
        sides = self.from_sides(torch.cat([planes.side, planes.top], dim=1))
        coarse = self.down_coarse(middle) + sides
        tokens = coarse.flatten(2).transpose(1, 2) + self.from_albedo(albedo.tokens)
        for block in self.attention:
            tokens = block(tokens)
        return ShadingFeatures(fine, middle, self.norm_tokens(tokens))

    def synthesise(self, seen: ShadingFeatures) -> ShadingFeatures:
        """Features on the way up."""
        count, length, channels = seen.tokens.shape
        side = int(length**0.5)
        coarse = seen.tokens.transpose(1, 2).reshape(count, channels, side, side)
        wider = functional.interpolate(self.up_middle(coarse), scale_factor=2.0, mode="bilinear")
        middle = self.middle_out(activated(seen.middle + wider))
        wider = functional.interpolate(self.up_fine(middle), scale_factor=2.0, mode="bilinear")
        fine = self.fine_out(activated(seen.fine + wider))
        return ShadingFeatures(fine, middle, seen.tokens)


class ShadingPlanes(PlaneHeads):
    """The shading tri-plane T_S of the features: linear light transport, once a point and the albedo planes read it."""

    def __init__(self, size: ModelSize) -> None:
        super().__init__(size.shading_fine, size.shading_middle, size.shading_planes)

    def of(self, features: ShadingFeatures) -> TriPlanes:
        """Planes of 64²."""
        planes: TriPlanes = self(features.fine, features.middle)
        return planes
