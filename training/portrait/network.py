"""The portrait network: one crop in; albedo, normal, depth, matte, transport, light and head pose out.

A trunk works at 64², 32² and 16² (convolutions, with attention between all 16² tokens) and predicts every map coarsely;
a light refinement at 128² and 256² adds what the full-resolution crop shows. The refinement is local, so it can be
trained on windows.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import SLOPE, AttentionBlock, NormedConvolution, ResidualBlock, activated
from ..shuffling import pixel_shuffled, pixel_unshuffled
from .maps import RAW_CHANNELS, maps_from_raw


@dataclass(frozen=True)
class PortraitSize:
    """Widths of the network.

    Attributes:
        fine: channels at 64².
        middle: channels at 32².
        coarse: channels at 16².
        attention_blocks: transformer blocks at 16².
        refinement: channels at 128².
    """

    fine: int = 64
    middle: int = 128
    coarse: int = 256
    attention_blocks: int = 3
    refinement: int = 32


class PortraitNetwork(nn.Module):
    """See the module's text; conventions of inputs and outputs are those of runtime.encoding."""

    def __init__(self, size: PortraitSize) -> None:
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
        self.join_fine = NormedConvolution(2 * size.fine, size.fine, kernel=1)
        self.fine_out = ResidualBlock(size.fine)
        self.coarse_maps = nn.Conv2d(size.fine, RAW_CHANNELS, 1)
        self.squeeze = nn.Linear(size.coarse, 8)
        self.numbers = nn.Sequential(nn.Linear(8 * 256 + 2 * size.coarse, 144), nn.LeakyReLU(SLOPE), nn.Linear(144, 36))
        self.refine_features = nn.Conv2d(size.fine, 96, 3, padding=1)
        self.refine_first = NormedConvolution(24 + 20, size.refinement)
        self.refine_second = NormedConvolution(size.refinement, size.refinement)
        self.refine_expand = nn.Conv2d(size.refinement, 48, 3, padding=1)
        self.refine_full = NormedConvolution(12 + 5, 16)
        self.refine_maps = nn.Conv2d(16, RAW_CHANNELS, 1)
        nn.init.trunc_normal_(self.position, std=0.02)
        nn.init.zeros_(self.refine_maps.weight)
        self._start_at_means()

    def _start_at_means(self) -> None:
        """Begin with an upright head that faces the camera under even light."""
        last = self.numbers[2]
        assert isinstance(last, nn.Linear)  # noqa: S101  # tells the type checker what stands there
        with torch.no_grad():
            last.weight *= 0.1
            last.bias[:] = 0.0
            last.bias[0:3] = 2.0
            last.bias[27] = last.bias[31] = 1.0
            self.coarse_maps.bias[5] = 1.0  # type: ignore[index]  # z of the normal

    def trunk(self, plate: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Features (N, fine, 64, 64), coarse raw maps (N, RAW_CHANNELS, 64, 64), light (N, 9, 3), head (N, 9)."""
        fine = activated(self.stem(pixel_unshuffled(self._centred(plate), 4)))
        middle = self.middle_in(activated(self.down_middle(fine)))
        coarse = self.down_coarse(middle)
        count, channels, height, width = coarse.shape
        tokens = coarse.flatten(2).transpose(1, 2) + self.position
        for block in self.attention:
            tokens = block(tokens)
        tokens = self.norm_tokens(tokens)
        # Beside what there is anywhere, a little of what is where: pose and light are read from places.
        placed = self.squeeze(tokens).flatten(1)
        pooled = torch.cat([placed, tokens.mean(dim=1), tokens.amax(dim=1)], dim=1)
        light, head = self._numbers(self.numbers(pooled).float())
        coarse = tokens.transpose(1, 2).reshape(count, channels, height, width)
        wider = functional.interpolate(self.up_middle(coarse), scale_factor=2.0, mode="bilinear")
        middle = self.middle_out(activated(middle + wider))
        wider = functional.interpolate(self.up_fine(middle), scale_factor=2.0, mode="bilinear")
        fine = activated(self.join_fine(torch.cat([fine, wider], dim=1)))
        fine = self.fine_out(fine)
        return fine, self.coarse_maps(fine), light, head

    @staticmethod
    def _centred(plate: Tensor) -> Tensor:
        """Colour brought to about −1..1, as the coordinates are."""
        return torch.cat([plate[:, :3] * 3.0 - 1.2, plate[:, 3:]], dim=1)

    @staticmethod
    def _numbers(numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Light with a positive mean and the other harmonics relative to it, and the head's nine numbers."""
        mean = functional.softplus(numbers[:, 0:3])
        others = numbers[:, 3:27].reshape(-1, 8, 3) * mean[:, None]
        return torch.cat([mean[:, None], others], dim=1), numbers[:, 27:36]

    def refine(self, plate: Tensor, features: Tensor, coarse: Tensor) -> Tensor:
        """Raw maps at the plate's resolution.

        Args:
            plate: (N, 5, 4h, 4w), the whole crop or a window of it.
            features: (N, fine, h, w), the same window.
            coarse: (N, RAW_CHANNELS, h, w), the same window.
        """
        wide = pixel_shuffled(self.refine_features(features), 2)
        plate = self._centred(plate)
        seen = pixel_unshuffled(plate, 2)
        half = activated(self.refine_first(torch.cat([wide, seen], dim=1)))
        half = activated(self.refine_second(half))
        full = pixel_shuffled(self.refine_expand(half), 2)
        full = activated(self.refine_full(torch.cat([full, plate], dim=1)))
        upsampled = functional.interpolate(coarse, scale_factor=4.0, mode="bilinear")
        refined: Tensor = upsampled + self.refine_maps(full)
        return refined

    def forward(self, plate: Tensor) -> dict[str, Tensor]:
        """All outputs of the exported network for a plate (N, 5, 256, 256)."""
        features, coarse, light, head = self.trunk(plate)
        maps = maps_from_raw(self.refine(plate, features, coarse))
        return {
            "albedo": maps["albedo"],
            "normal": maps["normal"],
            "depth": maps["depth"],
            "matte": torch.sigmoid(maps["matte_logit"]),
            "transport": maps["transport"],
            "light": light,
            "head": head,
            "roughness": maps["roughness"],
            "parts": torch.softmax(maps["parts_logit"], dim=1),
        }
