"""What an overview says, by name and at the size of what it sees, for the sheet that a run draws at its checkpoints."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..portrait.maps import maps_from_raw
from ..triplanes.plate_maps import CHANNELS


class NamedAnswers(nn.Module):
    """Outputs of an `Overview` by name, as `portrait.sample_sheet` wants them."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, plate: Tensor) -> dict[str, Tensor]:
        """Maps of 64² and the light, for (N, 5, 64, 64)."""
        found = self.network(plate)
        maps = maps_from_raw(functional.interpolate(found.raw, scale_factor=2.0, mode="bilinear"), CHANNELS)
        outputs = {name: maps[name] for name in ("albedo", "normal", "depth", "transport")}
        return outputs | {
            "matte": torch.sigmoid(maps["matte_logit"]),
            "parts": torch.softmax(maps["parts_logit"], dim=1),
            "light": found.light,
        }
