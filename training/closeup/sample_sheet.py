"""What a close-up says, by name, for the sheet that a run draws at its checkpoints."""

import torch
from torch import Tensor, nn

from ..overview.network import SIZE as OVERVIEW_SIZE
from ..overview.network import Overview, seen_smaller
from ..portrait.maps import maps_from_raw
from ..triplanes.plate_maps import CHANNELS


class NamedAnswers(nn.Module):
    """Outputs of a `CloseUp` and the light of its overview by name, as `portrait.sample_sheet` wants them."""

    def __init__(self, network: nn.Module, overview: Overview) -> None:
        super().__init__()
        self.network, self.overview = network, overview

    def forward(self, plate: Tensor) -> dict[str, Tensor]:
        """Maps of 128² and the light, for (N, 5, 128, 128)."""
        seen = self.overview.features(seen_smaller(plate, OVERVIEW_SIZE))
        maps = maps_from_raw(self.network(plate, seen), CHANNELS)
        outputs = {name: maps[name] for name in ("albedo", "normal", "depth", "transport")}
        return outputs | {
            "matte": torch.sigmoid(maps["matte_logit"]),
            "parts": torch.softmax(maps["parts_logit"], dim=1),
            "light": self.overview.answers(seen).light,
        }
