"""How an exported network stores its weights: in half floats, under the names of their parameters.

A weight of 11 bits says as much as one of 24 here (outputs move by a thousandth of their range), in half the megabytes.
onnxruntime turns them into float32 once, when it loads the network; what it computes is float32 throughout.
"""

import copy
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .assets import AssetError
from .blocks import NormedConvolution

LEAST_NUMBERS = 256
"""Smaller arrays stay in float32: biases, and constants that are no weights."""
STORED = "/half"
State = dict[str, Tensor]
AnyModule = TypeVar("AnyModule", bound=nn.Module)


def deployed(network: AnyModule) -> AnyModule:
    """A copy for use alone: normalisations are folded into their convolutions, weights are rounded to half floats.

    Raises:
        AssetError: a weight is past what a half float holds.
    """
    network = copy.deepcopy(network).eval()
    for block in [module for module in network.modules() if isinstance(module, NormedConvolution)]:
        block.convolution = fuse_conv_bn_eval(block.convolution, block.norm)
        block.norm = nn.Identity()  # type: ignore[assignment]  # nothing is left to do
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.numel() >= LEAST_NUMBERS:
                parameter.copy_(parameter.half().float())
                if not torch.isfinite(parameter).all():
                    raise AssetError(f"The weight {name} is past 65504, which half floats end at: it was not exported.")
    return network


def store_halves(model: onnx.ModelProto) -> None:
    """Keep every float32 weight of a graph whose numbers are half floats as such, with a cast in front of its users."""
    casts, kept = [], []
    for initializer in model.graph.initializer:
        numbers = numpy_helper.to_array(initializer)
        halves = numbers.astype(np.float16) if numbers.dtype == np.float32 and numbers.size >= LEAST_NUMBERS else None
        if halves is None or not np.array_equal(halves.astype(np.float32), numbers):
            kept.append(initializer)
            continue
        name = initializer.name
        kept.append(numpy_helper.from_array(halves, name + STORED))
        casts.append(helper.make_node("Cast", [name + STORED], [name], name=name + "/cast", to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    for field, values in ((model.graph.initializer, kept), (model.graph.node, nodes)):
        del field[:]
        field.extend(values)


def trainable_state(path: Path, prefix: str, network: nn.Module) -> State:
    """The weights of an exported network by the names of its parameters, float32.

    Its normalisations are as what they did to convolutions with rows of length one; before training they need the
    statistics of what they see.

    Args:
        path: of the ONNX file.
        prefix: in front of the parameters' names in the file.
        network: tells which convolutions were normed.

    Raises:
        AssetError: the file is missing.
    """
    if not path.is_file():
        raise AssetError(f"{path} was not found; a network that `chiaro-train export` wrote is expected.")
    known = {
        one.name.removeprefix(prefix).removesuffix(STORED): torch.from_numpy(
            numpy_helper.to_array(one).astype(np.float32)
        )
        for one in onnx.load(str(path)).graph.initializer
        if one.name.startswith(prefix) and one.data_type in {TensorProto.FLOAT, TensorProto.FLOAT16}
    }
    for name, module in network.named_modules():
        if isinstance(module, NormedConvolution) and f"{name}.convolution.weight" in known:
            weight, bias = known.pop(f"{name}.convolution.weight"), known.pop(f"{name}.convolution.bias")
            known |= {f"{name}.{part}": value for part, value in _unfolded(weight, bias).items()}
    return known


def _unfolded(weight: Tensor, bias: Tensor) -> State:
    """A folded convolution as a `NormedConvolution` whose rows have length one."""
    length = weight.flatten(1).norm(dim=1).clamp_min(1e-8)
    return {
        "convolution.weight": weight / length.reshape(-1, 1, 1, 1),
        "norm.weight": length * (1.0 + nn.BatchNorm2d(1).eps) ** 0.5,
        "norm.bias": bias,
        "norm.running_mean": torch.zeros_like(bias),
        "norm.running_var": torch.ones_like(bias),
    }


def grown(known: Tensor, fresh: Tensor) -> Tensor:
    """A weight put into the leading corner of a larger fresh one; the known outputs take nothing from new inputs.

    Args:
        known: (outputs, inputs, …) or (outputs,), no side longer than that of `fresh`.
        fresh: what the new outputs begin with.

    Raises:
        AssetError: a side is longer.
    """
    if known.dim() != fresh.dim() or any(a > b for a, b in zip(known.shape, fresh.shape, strict=True)):
        raise AssetError(
            f"A weight of {tuple(known.shape)} does not fit into {tuple(fresh.shape)}; one that is no larger is "
            "expected: give the weights of a model that is no larger than this one."
        )
    if known.dim() == 0:
        return known
    result = fresh.clone()
    if known.dim() > 1:
        result[: known.shape[0]] = 0.0
    result[tuple(slice(0, side) for side in known.shape)] = known.to(fresh.dtype)
    return result
