"""What the temporal network is given of each frame: the encoder's plain answers, and the plate's brightness."""

from typing import NamedTuple

import torch
from torch import Tensor

from ...runtime.temporal.maps import CHANNELS

FRAMES = 5
"""Frames of a full window, the present one among them (R3DPVR, section 3.3)."""
SIDE = 128
"""Pixels of the maps' sides: half the crop's. What is finer than that is averaged when light is brought up to the
plate (`runtime.compose.upsampling`)."""
RANGES: dict[str, slice] = {}
_start = 0
for _name, _count in CHANNELS.items():
    RANGES[_name] = slice(_start, _start + _count)
    _start += _count
MAP_CHANNELS = _start


class Window(NamedTuple):
    """The last frames of N shots, the oldest first, the present one last.

    Attributes:
        maps: (N, F, MAP_CHANNELS, h, w) in the order and the units of `runtime.temporal.maps.CHANNELS`.
        luminance: (N, F, 1, h, w) of the plate as the encoder saw it, sRGB-encoded.
        head: (N, F, 8) rotation in six numbers and centre, as the encoder's `head` output without the scale.
        albedo_planes: (N, F, 3A, 64, 64) front, side and top of T_A; A is 0 for an encoder without planes.
        shading_planes: (N, F, 3S, 64, 64) of T_S.
    """

    maps: Tensor
    luminance: Tensor
    head: Tensor
    albedo_planes: Tensor
    shading_planes: Tensor

    def frames(self, first: int, last: int) -> "Window":
        """Frames first … last, both included."""
        return Window(*(field[:, first : last + 1] for field in self))


class Steadied(NamedTuple):
    """The present frame as the temporal network gives it back; as in `Window`, without the axis of frames.

    Attributes:
        maps: (N, MAP_CHANNELS, h, w).
        head: (N, 8).
        albedo_planes: (N, 3A, 64, 64).
        shading_planes: (N, 3S, 64, 64).
        shares: (N, F, G, h / 2, w / 2) how much of each frame is in each group of maps.
    """

    maps: Tensor
    head: Tensor
    albedo_planes: Tensor
    shading_planes: Tensor
    shares: Tensor


def named(maps: Tensor) -> dict[str, Tensor]:
    """(N, MAP_CHANNELS, h, w) taken apart by name."""
    return {name: maps[:, channels] for name, channels in RANGES.items()}


def joined(maps: dict[str, Tensor]) -> Tensor:
    """(N, MAP_CHANNELS, h, w) of named maps; the inverse of `named`."""
    return torch.cat([maps[name] for name in RANGES], dim=1)
