"""What the networks are built of: normed convolutions, residual blocks, attention over tokens."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

ATTENTION_HEADS = 4
SLOPE = 0.1
"""Of the leaky rectifier below zero: no unit dies of one large step."""


def activated(x: Tensor) -> Tensor:
    """Leaky rectifier."""
    return functional.leaky_relu(x, SLOPE)


class _StridedConvolution(torch.autograd.Function):
    """A strided convolution in bfloat16 whose weights get their gradient in float32."""

    @staticmethod
    def forward(context: Any, x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:  # noqa: ANN401 - torch's
        context.save_for_backward(x, weight)
        context.stride, context.padding = stride, padding
        return functional.conv2d(x, weight, stride=stride, padding=padding)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, None, None]:  # noqa: ANN401
        x, weight = context.saved_tensors
        stride, padding = [context.stride] * 2, [context.padding] * 2

        def derivative(kind: torch.dtype, wanted: tuple[bool, bool]) -> tuple[Tensor, Tensor]:
            of_x, of_weight, _ = torch.ops.aten.convolution_backward(
                gradients[0].to(kind), x.to(kind), weight.to(kind), None, stride, padding, [1, 1], False, [0, 0], 1,
                [*wanted, False],
            )  # fmt: skip
            return of_x, of_weight

        of_x = derivative(x.dtype, (True, False))[0] if context.needs_input_grad[0] else None
        return of_x, derivative(torch.float32, (False, True))[1].to(weight.dtype), None, None


class StridedConvolution(nn.Conv2d):
    """A convolution with a stride, quick to train in bfloat16 on a CPU.

    For strides above one oneDNN has no fast bfloat16 gradient of the weights: it took 130 ms where float32 takes 12
    to 20, whatever the convolution's size (16 pictures, two cores).
    """

    def forward(self, x: Tensor) -> Tensor:
        """As `nn.Conv2d`."""
        if not (self.training and x.device.type == "cpu" and torch.is_autocast_enabled("cpu")):
            return super().forward(x)
        half = torch.get_autocast_dtype("cpu")
        with torch.autocast("cpu", enabled=False):
            result: Tensor = _StridedConvolution.apply(  # type: ignore[no-untyped-call]  # torch leaves it untyped
                x.to(half), self.weight.to(half), self.stride[0], self.padding[0]
            )
            return result if self.bias is None else result + self.bias.to(half)[:, None, None]


class NormedConvolution(nn.Module):
    """Convolution and batch normalisation; onnxruntime folds the two into one."""

    def __init__(self, source: int, target: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        kind = StridedConvolution if stride > 1 else nn.Conv2d
        self.convolution = kind(source, target, kernel, stride=stride, padding=kernel // 2, bias=False)
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
    """A pre-norm transformer block over all tokens (Dosovitskiy et al. 2021), its MLP twice as wide as they are.

    It begins as no change, so that a trained network can be made deeper.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(channels)
        self.project_in = nn.Linear(channels, 3 * channels)
        self.project_out = nn.Linear(channels, channels)
        self.norm_mlp = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, 2 * channels)
        self.contract = nn.Linear(2 * channels, channels)
        for layer in (self.project_out, self.contract):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

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
