"""Networks as ONNX files beside their model cards, and the manifest that the runtime trusts."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from .onnx_file import Interface, write_onnx
from .stored_weights import deployed

MANIFEST = "manifest.json"
LARGEST_DIFFERENCE = 2e-3


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
    """Write a network as ONNX with a free batch size, checked against torch, through a temporary name.

    Args:
        network: takes (N, channels, 256, 256) and returns a dictionary.
        names: of the outputs.
        channels: of the input `plate`.
        path: the ONNX file.

    Raises:
        WeightsError: when onnxruntime computes something else than torch.
    """
    wrapped = NamedOutputs(deployed(network), names).eval()
    interface = Interface(
        ("plate",), names, {name: {0: "N"} for name in ("plate", *names)}, largest_difference=LARGEST_DIFFERENCE
    )
    write_onnx(wrapped, interface, [(torch.rand(count, channels, 256, 256),) for count in (2, 1)], path)


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
