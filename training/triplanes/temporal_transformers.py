"""The two transformers of the temporal network, over tokens of space and time (R3DPVR, section 3.3).

One reads albedo (and the surface), one shading; the memory of both holds tokens of both kinds from every frame of the
window, so each looks at what the other sees. Queries are the present frame's, so nothing is seen of the future.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ATTENTION_HEADS
from .temporal_window import FRAMES

WIDTH = 96
BLOCKS = 2
GRID = 16
"""Tokens along each side of the present frame; the memory holds half as many."""


class CrossBlock(nn.Module):
    """Attention from queries to a memory, then a perceptron; both begin as nothing added."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm_query, self.norm_memory, self.norm_mlp = (nn.LayerNorm(width) for _ in range(3))
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)
        self.expand, self.contract = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.contract.weight)

    def forward(self, query: Tensor, memory: Tensor) -> Tensor:
        """(N, Q, width) and (N, M, width) to (N, Q, width)."""
        count, length, width = query.shape
        head = width // ATTENTION_HEADS
        asked = self.query(self.norm_query(query)).reshape(count, length, ATTENTION_HEADS, head).transpose(1, 2)
        split = self.key_value(self.norm_memory(memory)).reshape(count, -1, 2, ATTENTION_HEADS, head)
        key, value = split.permute(2, 0, 3, 1, 4)
        mixed = ((asked @ key.transpose(-2, -1)) * head**-0.5).softmax(dim=-1) @ value
        query = query + self.out(mixed.transpose(1, 2).reshape(count, length, width))
        result: Tensor = query + self.contract(functional.gelu(self.expand(self.norm_mlp(query))))
        return result


class TokenReader(nn.Module):
    """Tokens of every frame from its maps, and from its planes where the encoder has any."""

    def __init__(self, maps: int, planes: int) -> None:
        super().__init__()
        self.maps = nn.Conv2d(maps, WIDTH, 2, stride=2)
        self.planes = nn.Conv2d(planes, WIDTH, 2, stride=2, bias=False) if planes else None

    def forward(self, maps: Tensor, planes: Tensor) -> Tensor:
        """(N, F, maps, 32, 32) and (N, F, planes, 32, 32) to (N, F, 256, WIDTH), row by row."""
        count, frames = maps.shape[:2]
        read = self.maps(maps.flatten(0, 1))
        if self.planes is not None:
            read = read + self.planes(planes.flatten(0, 1))
        tokens: Tensor = read.flatten(2).transpose(1, 2)
        return tokens.reshape(count, frames, GRID**2, WIDTH)


class SeenFrames(NamedTuple):
    """What a transformer reads of up to FRAMES frames, the present one last.

    Attributes:
        maps: (N, F, C, 32, 32).
        planes: (N, F, D, 32, 32); D is 0 for an encoder without planes.
    """

    maps: Tensor
    planes: Tensor


class TemporalTransformers(nn.Module):
    """The present frame's tokens of both kinds, from both kinds of all frames."""

    def __init__(self, albedo: tuple[int, int], shading: tuple[int, int]) -> None:
        """A new pair.

        Args:
            albedo: channels of the maps and of the planes that tell of surface and albedo.
            shading: those that tell of light.
        """
        super().__init__()
        self.read_albedo, self.read_shading = TokenReader(*albedo), TokenReader(*shading)
        self.place = nn.Parameter(torch.zeros(1, 1, GRID**2, WIDTH))
        self.age = nn.Parameter(torch.zeros(1, FRAMES, 1, WIDTH))
        self.kind = nn.Parameter(torch.zeros(2, 1, 1, 1, WIDTH))
        self.albedo = nn.ModuleList([CrossBlock(WIDTH) for _ in range(BLOCKS)])
        self.shading = nn.ModuleList([CrossBlock(WIDTH) for _ in range(BLOCKS)])
        self.norm_albedo, self.norm_shading = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        for parameter in (self.place, self.age, self.kind):
            nn.init.trunc_normal_(parameter, std=0.02)

    def forward(self, albedo: SeenFrames, shading: SeenFrames) -> tuple[Tensor, Tensor]:
        """Tokens of the present frame, two of (N, 256, WIDTH)."""
        age = self.age[:, FRAMES - albedo.maps.shape[1] :]
        of_albedo = self.read_albedo(*albedo) + self.place + age + self.kind[0]
        of_shading = self.read_shading(*shading) + self.place + age + self.kind[1]
        memory = torch.cat([coarser(of_albedo), coarser(of_shading)], dim=1)
        present_albedo, present_shading = of_albedo[:, -1], of_shading[:, -1]
        for block in self.albedo:
            present_albedo = block(present_albedo, memory)
        for block in self.shading:
            present_shading = block(present_shading, memory)
        return self.norm_albedo(present_albedo), self.norm_shading(present_shading)


def coarser(tokens: Tensor) -> Tensor:
    """(N, F, 256, width) to (N, F · 64, width): the mean of each four neighbours."""
    count, frames, _, width = tokens.shape
    blocks = tokens.reshape(count, frames, GRID // 2, 2, GRID // 2, 2, width)
    return blocks.mean(dim=(3, 5)).reshape(count, -1, width)
