"""Torch modules as ONNX files that onnxruntime was seen to run as torch does."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from ..runtime.errors import WeightsError
from .stored_weights import store_halves

OPSET = 17
Axes = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True)
class Interface:
    """What goes into a network and comes out.

    Attributes:
        inputs: names.
        outputs: names.
        free: axes that may have any length, by the name of the array; each length has a name.
        largest_difference: between torch and onnxruntime that is still the same.
    """

    inputs: Sequence[str]
    outputs: Sequence[str]
    free: Axes = field(default_factory=dict)
    largest_difference: float = 1e-3


def write_onnx(module: nn.Module, interface: Interface, examples: Sequence[tuple[Tensor, ...]], path: Path) -> None:
    """Write a module as ONNX through a temporary name: float32 arithmetic, weights that are half floats kept as such.

    Args:
        module: in evaluation mode, see `stored_weights.deployed`; returns a tensor or a tuple of them.
        interface: of the module.
        examples: inputs; the first one is traced, onnxruntime is compared with torch on all.
        path: of the file.

    Raises:
        WeightsError: when onnxruntime computes something else than torch.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with torch.no_grad():
        # The older exporter writes plain operators; the newer one needs onnxscript and writes the same graph. What is
        # constant is left to onnxruntime to fold, so that weights keep their names.
        torch.onnx.export(
            module,
            examples[0],
            str(temporary),
            input_names=list(interface.inputs),
            output_names=list(interface.outputs),
            dynamic_axes={name: dict(axes) for name, axes in interface.free.items()},
            opset_version=OPSET,
            dynamo=False,
            do_constant_folding=False,
        )
    model = onnx.load(str(temporary))
    store_halves(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(temporary))
    session = onnxruntime.InferenceSession(str(temporary), providers=["CPUExecutionProvider"])
    for example in examples:
        _require_same(module, interface, session, example, path.name)
    temporary.replace(path)


def _require_same(
    module: nn.Module,
    interface: Interface,
    session: onnxruntime.InferenceSession,
    example: tuple[Tensor, ...],
    file: str,
) -> None:
    feeds = {name: value.numpy() for name, value in zip(interface.inputs, example, strict=True)}
    found = session.run(list(interface.outputs), feeds)
    with torch.no_grad():
        expected = module(*example)
    for name, ours, theirs in zip(
        interface.outputs, found, expected if isinstance(expected, tuple) else (expected,), strict=True
    ):
        difference = float(np.abs(np.asarray(ours) - theirs.numpy()).max())
        if not difference <= interface.largest_difference:
            raise WeightsError(
                f"The {name} of {file} differs from torch's by {difference:g}; it was not written: check the operators."
            )
