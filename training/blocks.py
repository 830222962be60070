"""What the networks are built of: normed convolutions, residual blocks, attention over tokens."""

from torch import Tensor, nn
from torch.nn import functional

ATTENTION_HEADS = 4
SLOPE = 0.1
"""Of the leaky rectifier below zero: no unit dies of one large step."""


def activated(x: Tensor) -> Tensor:
    """Leaky rectifier."""
    return functional.leaky_relu(x, SLOPE)


class NormedConvolution(nn.Module):
    """Convolution and batch normalisation; onnxruntime folds the two into one."""

    def __init__(self, source: int, target: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(source, target, kernel, stride=stride, padding=kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(target)

    def forward(self, x: Tensor) -> Tensor:
        """(N, source, h, w) to (N, target, h / stride, w / stride)."""
        result: Tensor = self.norm(self.convolution(x))
        return result


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions added to the input (He et al. 2016); the sum begins as the input alone."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = NormedConvolution(channels, channels)
        self.second = NormedConvolution(channels, channels)
        nn.init.zeros_(self.second.norm.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        return activated(x + self.second(activated(self.first(x))))


class AttentionBlock(nn.Module):
    """A pre-norm transformer block over all tokens (Dosovitskiy et al. 2021), its MLP twice as wide as they are."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(channels)
        self.project_in = nn.Linear(channels, 3 * channels)
        self.project_out = nn.Linear(channels, channels)
        self.norm_mlp = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, 2 * channels)
        self.contract = nn.Linear(2 * channels, channels)
        nn.init.zeros_(self.project_out.weight)
        nn.init.zeros_(self.contract.weight)

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, tokens, channels) to the same shape."""
        count, length, channels = tokens.shape
        split = self.project_in(self.norm_attention(tokens)).reshape(
            count, length, 3, ATTENTION_HEADS, channels // ATTENTION_HEADS
        )
        query, key, value = split.permute(2, 0, 3, 1, 4)
        # Written out: on a CPU this is faster for 256 tokens than the fused routine.
        similarity = query @ key.transpose(-2, -1) * (channels // ATTENTION_HEADS) ** -0.5
        mixed = similarity.softmax(dim=-1) @ value
        tokens = tokens + self.project_out(mixed.transpose(1, 2).reshape(count, length, channels))
        mlp: Tensor = self.contract(functional.gelu(self.expand(self.norm_mlp(tokens))))
        return tokens + mlp
