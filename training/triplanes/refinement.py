"""Refinement: the maps of the plate's own view at the crop's full resolution.

It is local, so it is trained on windows of the crop.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import NormedConvolution, activated
from ..shuffling import pixel_shuffled
from .albedo_encoder import centred
from .plate_maps import CHANNELS, NORMAL
from .size import ModelSize

FROM_HALF, FROM_PLATE = 16, 5
"""Channels that the full resolution gets from half of it, and from the plate."""


class Refinement(nn.Module):
    """Adds to the coarse maps what the high-frequency branch and the full-resolution crop show."""

    def __init__(self, size: ModelSize, channels: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(size.fine + size.shading_fine, 96, 3, padding=1)
        self.first = NormedConvolution(24 + size.high, size.refinement)
        self.second = NormedConvolution(size.refinement, size.refinement)
        self.expand = nn.Conv2d(size.refinement, 4 * FROM_HALF, 3, padding=1)
        # 24 in and 32 out: onnxruntime's blocked convolutions want multiples of 8 and 16; with 21 and 20 channels half
        # the work took a fifth longer.
        self.full = NormedConvolution(FROM_HALF + FROM_PLATE + CHANNELS["normal"], size.full)
        self.maps = nn.Conv2d(size.full, channels, 1)
        nn.init.zeros_(self.maps.weight)
        nn.init.zeros_(self.maps.bias)  # type: ignore[arg-type]  # a convolution with a bias

    def forward(self, plate: Tensor, high: Tensor, fine: Tensor, coarse: Tensor) -> Tensor:
        """Raw maps at the plate's resolution; all arguments are the same window, or the whole crop.

        Args:
            plate: (N, 5, 4h, 4w).
            high: (N, high, 2h, 2w).
            fine: (N, fine + shading_fine, h, w).
            coarse: (N, channels, h, w) raw maps.
        """
        wide = pixel_shuffled(self.widen(fine), 2)
        half = activated(self.first(torch.cat([wide, high], dim=1)))
        half = activated(self.second(half))
        full = pixel_shuffled(self.expand(half), 2)
        upsampled = functional.interpolate(coarse, scale_factor=4.0, mode="bilinear")
        full = activated(self.full(torch.cat([full, centred(plate), upsampled[:, NORMAL]], dim=1)))
        refined: Tensor = upsampled + self.maps(full)
        return refined
