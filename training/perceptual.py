"""A distance between pictures in the features of SqueezeNet 1.1, as a loss.

The sum over stages of the squared difference of unit features (Zhang et al. 2018, equation 1, with uniform weights; it
is not their LPIPS, whose weights were learned). The network's weights are read from the ONNX file of the asset folder.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from .assets import AssetError, asset

Weights = dict[str, np.ndarray[Any, Any]]
FEATURES_FILE = "metrics/squeezenet_features.onnx"
FIRES_BEFORE_POOLING = (0, 2, 4)
"""Where the stages that are compared end, of strides 2, 4 and 8: later ones see what things are, not how they look."""
MEANS = (104.0, 117.0, 123.0)
"""Subtracted from blue, green and red of 0..255, as the network was trained."""


class SqueezeNetFeatures(nn.Module):
    """The first stages of SqueezeNet 1.1 (Iandola et al. 2016), frozen."""

    means: Tensor

    def __init__(self, path: Path) -> None:
        """Read the weights.

        Raises:
            AssetError: when the file is no such network.
        """
        super().__init__()
        try:
            arrays = {entry.name: numpy_helper.to_array(entry) for entry in onnx.load(str(path)).graph.initializer}
            self.first = _convolution(arrays, "n.conv1", stride=2, padding=0)
            self.fires = nn.ModuleList(_Fire(arrays, index) for index in range(FIRES_BEFORE_POOLING[-1]))
        except (KeyError, ValueError, OSError, onnx.onnx_cpp2py_export.checker.ValidationError) as error:
            raise AssetError(
                f"{path} holds no SqueezeNet features ({error}); fetch the file that training/README.md names."
            ) from error
        self.register_buffer("means", torch.tensor(MEANS)[:, None, None])
        self.requires_grad_(False)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """Features (N, C, h, w) of three stages for sRGB-encoded pictures (N, 3, H, W), 0..1."""
        x = functional.relu(self.first(255.0 * rgb[:, [2, 1, 0]] - self.means))
        stages = [x]
        for begin, end in pairwise(FIRES_BEFORE_POOLING):
            x = functional.max_pool2d(x, 3, stride=2, ceil_mode=True)
            for fire in self.fires[begin:end]:
                x = fire(x)
            stages.append(x)
        return stages


class _Fire(nn.Module):
    """Squeeze to few channels, expand by 1x1 and 3x3."""

    def __init__(self, arrays: Weights, index: int) -> None:
        super().__init__()
        self.squeeze = _convolution(arrays, f"n.f.{index}.squeeze")
        self.narrow = _convolution(arrays, f"n.f.{index}.e1")
        self.wide = _convolution(arrays, f"n.f.{index}.e3")

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.squeeze(x))
        return functional.relu(torch.cat([self.narrow(x), self.wide(x)], dim=1))


def _convolution(arrays: Weights, name: str, stride: int = 1, padding: int | None = None) -> nn.Conv2d:
    weight, bias = (torch.tensor(arrays[f"{name}.{part}"]) for part in ("weight", "bias"))
    target, source, kernel, _ = weight.shape
    layer = nn.Conv2d(source, target, kernel, stride=stride, padding=kernel // 2 if padding is None else padding)
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)  # type: ignore[union-attr]  # a convolution with a bias
    return layer


def load_features(data: Path | None) -> SqueezeNetFeatures:
    """The network of the asset folder.

    Raises:
        AssetError: when the file is missing or is no such network.
    """
    return SqueezeNetFeatures(asset(data, FEATURES_FILE)).eval()


def feature_distance(features: SqueezeNetFeatures, ours: Tensor, theirs: Tensor) -> Tensor:
    """Mean over pictures of the squared distance of unit features, summed over stages.

    Args:
        features: the network.
        ours: (N, 3, h, w) 0..1, sRGB-encoded.
        theirs: (N, 3, h, w), without gradient.
    """
    with torch.no_grad():
        targets = [_unit(stage) for stage in features(theirs)]
    found = [_unit(stage) for stage in features(ours)]
    return torch.stack([((a - b) ** 2).sum(dim=1).mean() for a, b in zip(found, targets, strict=True)]).sum()


def _unit(stage: Tensor) -> Tensor:
    return functional.normalize(stage, dim=1, eps=1e-3)


def displayed(linear: Tensor) -> Tensor:
    """Scene-linear radiance as a picture, 0..1; the square root stands for sRGB's curve."""
    return (linear.clamp_min(0.0) + 1e-4).sqrt().clamp_max(1.0)
