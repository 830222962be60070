"""Networks as ONNX files beside their model cards, and the manifest that the runtime trusts."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from ..runtime.errors import WeightsError

OPSET = 17
MANIFEST = "manifest.json"


class NamedOutputs(nn.Module):
    """A network whose dictionary of outputs comes in a fixed order, as ONNX wants it."""

    def __init__(self, network: nn.Module, names: tuple[str, ...]) -> None:
        super().__init__()
        self.network, self.names = network, names

    def forward(self, plate: Tensor) -> tuple[Tensor, ...]:
        """The outputs in the order of `names`."""
        outputs = self.network(plate)
        return tuple(outputs[name] for name in self.names)


def export_network(network: nn.Module, names: tuple[str, ...], channels: int, path: Path) -> None:
    """Write a network as float32 ONNX with a free batch size, checked against torch, through a temporary name.

    Args:
        network: takes (N, channels, 256, 256) and returns a dictionary.
        names: of the outputs.
        channels: of the input `plate`.
        path: the ONNX file.

    Raises:
        WeightsError: when onnxruntime computes something else than torch.
    """
    wrapped = NamedOutputs(network.eval(), names).eval()
    example = torch.rand(2, channels, 256, 256)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    axes = {name: {0: "N"} for name in ("plate", *names)}
    with torch.no_grad():
        # The older exporter writes plain operators; the newer one needs onnxscript and writes the same graph.
        torch.onnx.export(
            wrapped,
            (example,),
            str(temporary),
            input_names=["plate"],
            output_names=list(names),
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    onnx.checker.check_model(onnx.load(str(temporary)))
    _require_same(wrapped, temporary, names, torch.rand(1, channels, 256, 256))
    temporary.replace(path)


def _require_same(wrapped: nn.Module, path: Path, names: tuple[str, ...], plate: Tensor) -> None:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(list(names), {"plate": plate.numpy()})
    with torch.no_grad():
        expected = wrapped(plate)
    for name, a, b in zip(names, found, expected, strict=True):
        difference = float(np.abs(np.asarray(a) - b.numpy()).max())
        if difference > 2e-3 or not np.isfinite(np.asarray(a)).all():
            raise WeightsError(
                f"The exported network's {name} differs from torch's by {difference:g}; "
                "it was not written: check the operators."
            )


@dataclass(frozen=True)
class ManifestEntry:
    """One network in the manifest.

    Attributes:
        file: name of the ONNX file.
        sha256: of its bytes.
    """

    file: str
    sha256: str


def write_manifest(folder: Path) -> dict[str, ManifestEntry]:
    """List all ONNX files of a folder with their hashes in manifest.json."""
    entries = {}
    for path in sorted(folder.glob("*.onnx")):
        if not path.name.startswith("."):
            entries[path.stem] = ManifestEntry(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    text = json.dumps({name: vars(entry) for name, entry in entries.items()}, indent=2) + "\n"
    temporary = folder / f".{MANIFEST}.{os.getpid()}.part"
    temporary.write_text(text)
    temporary.replace(folder / MANIFEST)
    return entries
