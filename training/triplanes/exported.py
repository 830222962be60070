"""The field as two ONNX files that read planes at points: "field_distance", and "field_surface" with all it says."""

from pathlib import Path

import torch
from torch import Tensor, nn

from ..onnx_file import Interface, write_onnx
from ..stored_weights import deployed
from .field import Field, FieldInputs
from .planes import TriPlanes, gathered_plane
from .size import ModelSize

SURFACE_INPUTS = (
    "albedo_front", "albedo_side", "albedo_top", "shading_front", "shading_side", "shading_top", "depth", "matte",
    "points",
)  # fmt: skip
DISTANCE_INPUTS = tuple(name for name in SURFACE_INPUTS if not name.startswith("shading"))
SURFACE_OUTPUTS = ("distance", "albedo", "normal", "transport", "roughness")


class SurfaceOfArrays(nn.Module):
    """All that the field says, with plain tensors in and out, as ONNX wants it."""

    inputs, outputs = SURFACE_INPUTS, SURFACE_OUTPUTS

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field

    def forward(self, *arrays: Tensor) -> tuple[Tensor, ...]:
        """SURFACE_INPUTS in, SURFACE_OUTPUTS out."""
        inputs = FieldInputs(TriPlanes(*arrays[0:3]), TriPlanes(*arrays[3:6]), arrays[6], arrays[7])
        return tuple(self.field.surface(inputs, arrays[8]))


class DistanceOfArrays(nn.Module):
    """The field's distance alone, which most points need."""

    inputs, outputs = DISTANCE_INPUTS, ("distance",)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field

    def forward(self, *arrays: Tensor) -> Tensor:
        """DISTANCE_INPUTS in, the distance out."""
        planes = TriPlanes(*arrays[0:3])
        return self.field.distance(FieldInputs(planes, planes, arrays[3], arrays[4]), arrays[5])


def example_inputs(size: ModelSize, names: tuple[str, ...], points: int) -> tuple[Tensor, ...]:
    """Random inputs of these names."""
    shapes = {"depth": (1, 1, 64, 64), "matte": (1, 1, 64, 64), "points": (1, points, 3)}
    for kind, channels in (("albedo", size.albedo_planes), ("shading", size.shading_planes)):
        shapes |= {f"{kind}_{plane}": (1, channels, 64, 64) for plane in TriPlanes._fields}
    return tuple(torch.rand(shapes[name]) * 2 - 1 for name in names)


def export_field(field: Field, size: ModelSize, folder: Path) -> None:
    """Write field_distance.onnx and field_surface.onnx.

    Raises:
        WeightsError: when onnxruntime computes something else than torch.
    """
    field = deployed(field)
    field.lookup = gathered_plane
    _export(DistanceOfArrays(field), size, folder / "field_distance.onnx")
    _export(SurfaceOfArrays(field), size, folder / "field_surface.onnx")


def _export(network: DistanceOfArrays | SurfaceOfArrays, size: ModelSize, path: Path) -> None:
    """Write ONNX for any number of points, checked against torch, through a temporary name."""
    interface = Interface(
        network.inputs, network.outputs, {"points": {1: "P"}} | {name: {2: "P"} for name in network.outputs}
    )
    write_onnx(network.eval(), interface, [example_inputs(size, network.inputs, count) for count in (100, 333)], path)
