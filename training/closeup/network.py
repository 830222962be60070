"""The close-up network: the crop at 128² and what the overview sees of it in, all maps of the plate's own view out."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import NormedConvolution, ResidualBlock, activated
from ..overview.network import OverviewFeatures
from ..shuffling import pixel_shuffled, pixel_unshuffled
from ..triplanes.albedo_encoder import centred
from ..triplanes.plate_maps import NORMAL, RAW_CHANNELS

SIZE = 128
"""Pixels along each side of what it sees, and of what it says."""


class CloseUp(nn.Module):
    """A small U-Net (Ronneberger et al. 2015) from 64² to 16² and back, which the overview tells what it sees.

    The overview is trained and stays as it is: who stands how in the picture, and in what light, it knows from many
    more pictures than this network needs to find edges of eyes, lips and hair, and the relief of a face.
    """

    def __init__(
        self, overview_widths: tuple[int, int] = (48, 112), widths: tuple[int, int, int, int] = (48, 88, 128, 32)
    ) -> None:
        """A network before its training.

        Args:
            overview_widths: channels of the overview's features at 32² and 16².
            widths: channels at 64², 32², 16² and 128².
        """
        super().__init__()
        (told_fine, told_middle), (fine, middle, coarse, full) = overview_widths, widths
        self.stem = NormedConvolution(20, fine)
        self.fine_in = ResidualBlock(fine)
        self.down_middle = NormedConvolution(fine, middle, stride=2)
        self.told_fine = NormedConvolution(told_fine, middle, kernel=1)
        self.middle_in = ResidualBlock(middle)
        self.down_coarse = NormedConvolution(middle, coarse, stride=2)
        self.told_middle = NormedConvolution(told_middle, coarse, kernel=1)
        self.coarse = ResidualBlock(coarse)
        self.up_middle = NormedConvolution(coarse, middle, kernel=1)
        self.middle_out = ResidualBlock(middle)
        self.up_fine = NormedConvolution(middle, fine, kernel=1)
        self.fine_out = ResidualBlock(fine)
        self.expand = nn.Conv2d(fine, 4 * 16, 3, padding=1)
        self.full = NormedConvolution(16 + 5, full)
        self.maps = nn.Conv2d(full, RAW_CHANNELS, 3, padding=1)
        with torch.no_grad():
            self.maps.bias[NORMAL.stop - 1] = 1.0  # type: ignore[index]  # towards the camera

    def forward(self, plate: Tensor, seen: OverviewFeatures) -> Tensor:
        """(N, RAW_CHANNELS, 128, 128) raw maps, see `portrait.maps.maps_from_raw`.

        Args:
            plate: (N, 5, 128, 128).
            seen: by the overview in the same plate.
        """
        plate = centred(plate)
        fine = self.fine_in(activated(self.stem(pixel_unshuffled(plate, 2))))
        middle = self.middle_in(activated(self.down_middle(fine) + self.told_fine(seen.fine)))
        coarse = self.coarse(activated(self.down_coarse(middle) + self.told_middle(seen.middle)))
        wide = functional.interpolate(self.up_middle(coarse), scale_factor=2.0, mode="bilinear")
        middle = self.middle_out(activated(middle + wide))
        wide = functional.interpolate(self.up_fine(middle), scale_factor=2.0, mode="bilinear")
        fine = self.fine_out(activated(fine + wide))
        full = torch.cat([pixel_shuffled(self.expand(fine), 2), plate], dim=1)
        raw: Tensor = self.maps(activated(self.full(full)))
        return raw
