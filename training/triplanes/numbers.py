"""Numbers read from tokens: the head's pose, and the plate's light as harmonics and as a small environment."""

import torch
from torch import Tensor, nn

from ..blocks import SLOPE

ENVIRONMENT_SIZE = 16
PLACED = 8


class TokenNumbers(nn.Module):
    """Numbers from tokens: a little of what is where, and the mean and the strongest of what there is anywhere."""

    def __init__(self, channels: int, hidden: int, count: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, PLACED)
        self.hidden = nn.Sequential(nn.Linear(PLACED * 256 + 2 * channels, hidden), nn.LeakyReLU(SLOPE))
        self.last = nn.Linear(hidden, count)
        with torch.no_grad():
            self.last.weight *= 0.1
            self.last.bias[:] = 0.0

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, 256, channels) to (N, count)."""
        placed = self.squeeze(tokens).flatten(1)
        numbers: Tensor = self.last(self.hidden(torch.cat([placed, tokens.mean(dim=1), tokens.amax(dim=1)], dim=1)))
        return numbers.float()


class HeadNumbers(TokenNumbers):
    """The nine numbers of the head's pose (`runtime.encode.head_pose`); begins with a head that faces the camera."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, 96, 9)
        with torch.no_grad():
            self.last.bias[0] = self.last.bias[4] = 1.0


class LightNumbers(TokenNumbers):
    """The plate's light (NVPR, section 3.2, estimates it as a 16x16 environment; R3DPVR as harmonics: we give both)."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, 160, 27 + 3 * ENVIRONMENT_SIZE**2)
        with torch.no_grad():
            self.last.bias[0:3] = 2.0

    def light(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Harmonics (N, 9, 3) with a positive mean, and radiance (N, 3, 16, 16), both in the plate's exposure."""
        numbers = self(tokens)
        mean = nn.functional.softplus(numbers[:, 0:3])
        others = numbers[:, 3:27].reshape(-1, 8, 3) * mean[:, None]
        logarithm = numbers[:, 27:].reshape(-1, 3, ENVIRONMENT_SIZE, ENVIRONMENT_SIZE)
        # Y_0 = 0.2821: a sky of even radiance 1 has the mean harmonic 3.545.
        environment = torch.exp(logarithm.clamp(-8.0, 8.0)) * (mean / 3.545)[:, :, None, None]
        return torch.cat([mean[:, None], others], dim=1), environment
