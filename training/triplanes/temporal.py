"""The temporal network: two transformers that steady albedo and shading over the last frames.

As in R3DPVR, section 3.3: one transformer for the albedo features and one for the shading features, each attending to
both kinds, predict residuals. Attention runs over tokens of space and time: every token of the present frame looks at
all tokens of the window, so what moved is found where it was. It is causal: only the past is seen, frame by frame.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ATTENTION_HEADS
from .size import ModelSize

WINDOW = 5
"""Frames that are seen, the present one among them."""


class FrameTokens(NamedTuple):
    """What is kept of a frame: the encoders' tokens before they are steadied.

    Attributes:
        albedo: (N, 256, coarse).
        shading: (N, 256, shading_coarse).
    """

    albedo: Tensor
    shading: Tensor


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


class StreamTransformer(nn.Module):
    """Residual of one kind of tokens from both kinds of all frames."""

    def __init__(self, width: int, target: int, blocks: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([CrossBlock(width) for _ in range(blocks)])
        self.norm = nn.LayerNorm(width)
        self.residual = nn.Linear(width, target)
        nn.init.zeros_(self.residual.weight)
        nn.init.zeros_(self.residual.bias)

    def forward(self, present: Tensor, memory: Tensor) -> Tensor:
        """(N, 256, width) and (N, M, width) to (N, 256, target)."""
        for block in self.blocks:
            present = block(present, memory)
        result: Tensor = self.residual(self.norm(present))
        return result


class TemporalNetwork(nn.Module):
    """Steadies the tokens of the present frame by those before it."""

    def __init__(self, size: ModelSize, width: int = 128, blocks: int = 2) -> None:
        super().__init__()
        self.from_albedo = nn.Linear(size.coarse, width)
        self.from_shading = nn.Linear(size.shading_coarse, width)
        self.place = nn.Parameter(torch.zeros(1, 1, 256, width))
        self.age = nn.Parameter(torch.zeros(1, WINDOW, 1, width))
        self.kind = nn.Parameter(torch.zeros(2, 1, 1, 1, width))
        self.albedo = StreamTransformer(width, size.coarse, blocks)
        self.shading = StreamTransformer(width, size.shading_coarse, blocks)
        for parameter in (self.place, self.age, self.kind):
            nn.init.trunc_normal_(parameter, std=0.02)

    def forward(self, albedo: Tensor, shading: Tensor) -> FrameTokens:
        """Steadied tokens of the last frame.

        Args:
            albedo: (N, F, 256, coarse) tokens of F ≤ WINDOW frames, the oldest first.
            shading: (N, F, 256, shading_coarse).
        """
        frames = albedo.shape[1]
        age = self.age[:, WINDOW - frames :]
        a = self.from_albedo(albedo) + self.place + age + self.kind[0]
        s = self.from_shading(shading) + self.place + age + self.kind[1]
        memory = torch.cat([a.flatten(1, 2), s.flatten(1, 2)], dim=1)
        return FrameTokens(
            albedo[:, -1] + self.albedo(a[:, -1], memory), shading[:, -1] + self.shading(s[:, -1], memory)
        )
