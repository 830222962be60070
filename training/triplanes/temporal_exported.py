"""The temporal network as temporal.onnx: plain tensors in and out, any number of frames up to the window's."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...runtime.errors import WeightsError
from ...runtime.temporal.maps import REDUCTION
from ..onnx_file import Interface, write_onnx
from ..stored_weights import deployed
from .temporal import TemporalNetwork
from .temporal_window import FRAMES, MAP_CHANNELS, SIDE, Window

INPUTS = ("maps", "luminance", "head", "albedo_planes", "shading_planes")
LARGEST_DIFFERENCE = 2e-3
TEMPORAL_DATA = """Short sequences of the virtual light stage (`training/README.md`): people who nod and talk before
still and moving cameras, under light that stands, changes slowly or is switched, with camera noise and compression.
Each frame is encoded by the exported portrait network that lies beside this one. No real picture was used. It began
with networks for earlier portrait networks: 600 steps of the same recipe at commit 814775a, with two thirds of the
weight on agreement between frames, and 600 steps for the third piece's own weights. The
portrait network has got an overview since, after which this one was not trained again."""
TEMPORAL_LIMITS = """It belongs to the portrait network it was trained with. It sees the last five frames and maps of
half the crop's size: slower drifts and finer grain than that stay. After a cut it begins anew."""


class TemporalOfArrays(nn.Module):
    """One shot's window without the batch axis; gives the change of the present frame's maps at the crop's size."""

    def __init__(self, network: TemporalNetwork) -> None:
        super().__init__()
        self.network = network
        planes = network.albedo_planes > 0
        self.inputs = INPUTS if planes else INPUTS[:3]
        self.outputs = ("change", "steady_head", *(f"steady_{name}" for name in INPUTS[3:] if planes))

    def forward(self, maps: Tensor, luminance: Tensor, head: Tensor, *planes: Tensor) -> tuple[Tensor, ...]:
        """Inputs are those of `Window`, (F, …), the present frame last; outputs without an axis of frames."""
        if not planes:
            planes = (maps[:, :0, ::2, ::2], maps[:, :0, ::2, ::2])
        window = Window(*(field[None] for field in (maps, luminance, head, *planes)))
        steadied = self.network(window)
        change = steadied.maps - window.maps[:, -1]
        change = functional.interpolate(change, scale_factor=float(REDUCTION), mode="bilinear")
        results = (change[0], steadied.head[0], steadied.albedo_planes[0], steadied.shading_planes[0])
        return results[: len(self.outputs)]


def example_window(network: TemporalNetwork, frames: int) -> tuple[Tensor, ...]:
    """Random inputs of `TemporalOfArrays`."""
    shapes = [(MAP_CHANNELS, SIDE, SIDE), (1, SIDE, SIDE), (8,)]
    if network.albedo_planes:
        shapes += [(3 * network.albedo_planes, 64, 64), (3 * network.shading_planes, 64, 64)]
    return tuple(torch.rand(frames, *shape) for shape in shapes)


def export_temporal(network: nn.Module, folder: Path) -> None:
    """Write temporal.onnx, checked against torch, through a temporary name.

    Raises:
        WeightsError: for another network, or when onnxruntime computes something else than torch.
    """
    if not isinstance(network, TemporalNetwork):
        raise WeightsError(f"A {type(network).__name__} is no temporal network.")
    wrapped = TemporalOfArrays(deployed(network)).eval()
    interface = Interface(
        wrapped.inputs,
        wrapped.outputs,
        {name: {0: "F"} for name in wrapped.inputs},
        largest_difference=LARGEST_DIFFERENCE,
    )
    write_onnx(
        wrapped, interface, [example_window(network, frames) for frames in (FRAMES, 2)], folder / "temporal.onnx"
    )
