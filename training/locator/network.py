"""The locator: where heads are in a plate, how large and how they are turned.

A single-stage detector over the cells of a 32x32 grid (as CenterNet, Zhou et al. 2019), with context from 16² and 8².
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ResidualBlock

BOX_VALUES = 7
"""dx, dy (cells), log2 half size (pixels), sin roll, cos roll, yaw, pitch (radians)."""
USUAL_LOG_SIZE = 5.7


def _halving(source: int, target: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(source, target, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(target), nn.ReLU()
    )


class LocatorNetwork(nn.Module):
    """Plate (N, 3, 256, 256) sRGB-encoded to `score` (N, 1, 32, 32) and `box` (N, 7, 32, 32)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_halving(3, 16), _halving(16, 32))
        self.eighth = nn.Sequential(_halving(32, 64), ResidualBlock(64))
        self.sixteenth = nn.Sequential(_halving(64, 96), ResidualBlock(96))
        self.thirtysecond = nn.Sequential(_halving(96, 128), ResidualBlock(128), ResidualBlock(128))
        self.whole = nn.Linear(128, 128)
        self.to_sixteenth = nn.Conv2d(128, 96, 1)
        self.to_eighth = nn.Conv2d(96, 64, 1)
        self.joined = nn.Sequential(nn.Conv2d(64, 96, 3, padding=1, bias=False), nn.BatchNorm2d(96), nn.ReLU())
        self.last = nn.Conv2d(96, 1 + BOX_VALUES, 1)
        with torch.no_grad():
            nn.init.normal_(self.last.weight, std=0.01)
            assert self.last.bias is not None  # noqa: S101  # tells the type checker that the layer has one
            self.last.bias.copy_(torch.tensor([-4.0, 0.0, 0.0, USUAL_LOG_SIZE, 0.0, 1.0, 0.0, 0.0]))

    def logits(self, plate: Tensor) -> Tensor:
        """(N, 8, 32, 32): the score's logit, then the box."""
        eighth = self.eighth(self.stem(plate * 2.0 - 1.0))
        sixteenth = self.sixteenth(eighth)
        deepest = self.thirtysecond(sixteenth)
        # The mean over the whole picture tells a close-up from a wide shot.
        deepest = deepest + self.whole(deepest.mean(dim=(2, 3)))[:, :, None, None]
        sixteenth = sixteenth + functional.interpolate(self.to_sixteenth(deepest), scale_factor=2.0, mode="bilinear")
        eighth = eighth + functional.interpolate(self.to_eighth(sixteenth), scale_factor=2.0, mode="bilinear")
        logits: Tensor = self.last(self.joined(functional.relu(eighth)))
        return logits

    def forward(self, plate: Tensor) -> dict[str, Tensor]:
        """The outputs of the exported network."""
        logits = self.logits(plate)
        return {"score": torch.sigmoid(logits[:, :1]), "box": logits[:, 1:]}


def locator_loss(logits: Tensor, heat: Tensor, box: Tensor, known: Tensor) -> tuple[Tensor, dict[str, float]]:
    """Focal loss of the scores (Law and Deng 2018, eq. 1) and absolute error of boxes near head centres.

    Args:
        logits: (N, 8, 32, 32) from `LocatorNetwork.logits`.
        heat: (N, 1, 32, 32) 1 in the cell of a head's centre, falling off around it, 0 elsewhere.
        box: (N, 7, 32, 32) true values where `known`.
        known: (N, 1, 32, 32) weight of the box's error, 0..1.
    """
    logits = logits.float()
    score = logits[:, :1]
    probability = torch.sigmoid(score)
    centre = (heat >= 1.0).float()
    positive = -functional.logsigmoid(score) * (1.0 - probability) ** 2 * centre
    negative = -functional.logsigmoid(-score) * probability**2 * (1.0 - heat) ** 4 * (1.0 - centre)
    heads = centre.sum().clamp_min(1.0)
    detection = (positive.sum() + negative.sum()) / heads
    scale = torch.tensor([1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0])[None, :, None, None]
    regression = ((logits[:, 1:] - box).abs() * scale * known).sum() / known.sum().clamp_min(1.0)
    return detection + regression, {"detection": float(detection.detach()), "box": float(regression.detach())}
