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


class Tokens(NamedTuple):
    """The present frame's tokens.

    Attributes:
        present: (N, 256, WIDTH) what the frame itself shows.
        moved: (N, 256, WIDTH) what the window adds to it: zero where all frames are alike.
    """

    present: Tensor
    moved: Tensor


class CrossBlock(nn.Module):
    """Attention from the present to a memory of all frames, then a perceptron.

    What is fetched is how a remembered token differs from the present's of its place and kind, and nothing on the way
    has a bias: where all frames are alike, nothing is added, whatever was learned.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm_query, self.norm_memory = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, width)
        self.value, self.out = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)
        self.expand, self.contract = nn.Linear(width, 2 * width, bias=False), nn.Linear(2 * width, width, bias=False)
        nn.init.zeros_(self.contract.weight)

    def forward(self, tokens: Tokens, memory: Tensor, difference: Tensor) -> Tokens:
        """The same tokens with more moved.

        Args:
            tokens: of the present frame.
            memory: (N, M, width).
            difference: (N, M, width) of the memory from the present.
        """
        count, length, width = tokens.present.shape
        head = width // ATTENTION_HEADS

        def by_head(values: Tensor) -> Tensor:
            return values.reshape(count, -1, ATTENTION_HEADS, head).transpose(1, 2)

        asked = by_head(self.query(self.norm_query(tokens.present + tokens.moved)))
        key, value = by_head(self.key(self.norm_memory(memory))), by_head(self.value(difference))
        mixed = ((asked @ key.transpose(-2, -1)) * head**-0.5).softmax(dim=-1) @ value
        moved = tokens.moved + self.out(mixed.transpose(1, 2).reshape(count, length, width))
        return Tokens(tokens.present, moved + self.contract(functional.gelu(self.expand(moved))))


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
        self.albedo_blocks = nn.ModuleList([CrossBlock(WIDTH) for _ in range(BLOCKS)])
        self.shading_blocks = nn.ModuleList([CrossBlock(WIDTH) for _ in range(BLOCKS)])
        for parameter in (self.place, self.age, self.kind):
            nn.init.trunc_normal_(parameter, std=0.02)

    def forward(self, surface: SeenFrames, light: SeenFrames) -> tuple[Tokens, Tokens]:
        """Tokens of the present frame, of albedo and of shading."""
        age = self.age[:, FRAMES - surface.maps.shape[1] :]
        read_albedo, read_shading = self.read_albedo(*surface), self.read_shading(*light)
        of_albedo = read_albedo + self.place + age + self.kind[0]
        of_shading = read_shading + self.place + age + self.kind[1]
        memory = torch.cat([coarser(of_albedo), coarser(of_shading)], dim=1)
        # Ages and places fall out of the differences.
        changes = [coarser(tokens - tokens[:, -1:]) for tokens in (read_albedo, read_shading)]
        difference = torch.cat(changes, dim=1)
        albedo = Tokens(of_albedo[:, -1], torch.zeros_like(of_albedo[:, -1]))
        shading = Tokens(of_shading[:, -1], torch.zeros_like(of_shading[:, -1]))
        for block in self.albedo_blocks:
            albedo = block(albedo, memory, difference)
        for block in self.shading_blocks:
            shading = block(shading, memory, difference)
        return albedo, shading


def coarser(tokens: Tensor) -> Tensor:
    """(N, F, 256, width) to (N, F · 64, width): the mean of each four neighbours."""
    count, frames, _, width = tokens.shape
    blocks = tokens.reshape(count, frames, GRID // 2, 2, GRID // 2, 2, width)
    return blocks.mean(dim=(3, 5)).reshape(count, -1, width)
