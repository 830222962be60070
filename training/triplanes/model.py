"""The portrait model: plate in; maps of its own view, tri-planes, light and pose out."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ..portrait.maps import maps_from_raw
from .albedo_encoder import AlbedoEncoder, AlbedoFeatures, AlbedoPlanes
from .field import Field, FieldInputs
from .numbers import HeadNumbers, LightNumbers
from .planes import TriPlanes
from .plate_maps import CHANNELS, RAW_CHANNELS
from .refinement import Refinement
from .shading_encoder import ShadingEncoder, ShadingFeatures, ShadingPlanes
from .size import ModelSize

OUTPUTS = (
    "albedo", "normal", "depth", "matte", "transport", "roughness", "specular", "parts", "light", "environment", "head",
    "albedo_front", "albedo_side", "albedo_top", "shading_front", "shading_side", "shading_top",
)  # fmt: skip
"""Of the exported encoder, in order."""


class Encoded(NamedTuple):
    """A batch of plates, encoded.

    Attributes:
        albedo: features of the albedo encoder.
        shading: features of the shading encoder.
        coarse: (N, RAW_CHANNELS, 64, 64) raw maps.
        albedo_planes: T_A.
        shading_planes: T_S.
        light: (N, 9, 3) radiance harmonics, crop camera axes, in the plate's exposure.
        environment: (N, 3, 16, 16) radiance.
        head: (N, 9).
    """

    albedo: AlbedoFeatures
    shading: ShadingFeatures
    coarse: Tensor
    albedo_planes: TriPlanes
    shading_planes: TriPlanes
    light: Tensor
    environment: Tensor
    head: Tensor

    def of(self, rows: slice) -> "Encoded":
        """Some pictures of the batch."""
        return Encoded(*(_rows(value, rows) for value in self))

    def field_inputs(self, maps: dict[str, Tensor]) -> FieldInputs:
        """What the field reads, with depth and matte of these maps."""
        planes = [TriPlanes(*(plane.float() for plane in kind)) for kind in (self.albedo_planes, self.shading_planes)]
        return FieldInputs(planes[0], planes[1], maps["depth"], torch.sigmoid(maps["matte_logit"]))


def shares(logit: Tensor) -> Tensor:
    """Softmax over the channels of (N, C, h, w).

    Written out: onnxruntime's own is for a last axis and took nine times as long over this one.
    """
    grown = torch.exp(logit - logit.amax(dim=1, keepdim=True))
    return grown / grown.sum(dim=1, keepdim=True)


def _rows(value: Any, rows: slice) -> Any:  # noqa: ANN401 - tensors in tuples of any depth
    """Rows of a tensor, or of every tensor of a named tuple."""
    return value[rows] if isinstance(value, Tensor) else type(value)(*(_rows(entry, rows) for entry in value))


class TriplaneModel(nn.Module):
    """Dual encoders, planes, field and refinement."""

    def __init__(self, size: ModelSize) -> None:
        super().__init__()
        self.size = size
        self.albedo_encoder = AlbedoEncoder(size)
        self.albedo_planes = AlbedoPlanes(size)
        self.shading_encoder = ShadingEncoder(size)
        self.shading_planes = ShadingPlanes(size)
        self.surface_maps = nn.Conv2d(size.fine, RAW_CHANNELS - 9, 1)
        self.transport_maps = nn.Conv2d(size.shading_fine, 9, 1)
        self.refinement = Refinement(size, RAW_CHANNELS)
        self.head = HeadNumbers(size.coarse)
        self.light = LightNumbers(size.shading_coarse)
        self.field = Field(size)
        with torch.no_grad():
            self.surface_maps.bias[5] = 1.0  # type: ignore[index]  # z of the normal

    def encode(self, plate: Tensor) -> Encoded:
        """All but the refinement, for (N, 5, 256, 256)."""
        albedo = self.albedo_encoder.synthesise(self.albedo_encoder.analyse(plate))
        albedo_planes = self.albedo_planes.of(albedo)
        shading = self.shading_encoder.analyse(plate, albedo, albedo_planes)
        shading = self.shading_encoder.synthesise(shading)
        light, environment = self.light.light(shading.tokens)
        return Encoded(
            albedo=albedo,
            shading=shading,
            coarse=torch.cat([self.transport_maps(shading.fine), self.surface_maps(albedo.fine)], dim=1),
            albedo_planes=albedo_planes,
            shading_planes=self.shading_planes.of(shading),
            light=light,
            environment=environment,
            head=self.head(albedo.tokens),
        )

    def refine(self, plate: Tensor, encoded: Encoded, window: tuple[int, int, int] | None = None) -> Tensor:
        """Raw maps at full resolution, of the whole crop or of a window.

        Args:
            plate: (N, 5, 256, 256).
            encoded: from `encode`.
            window: (top, left, side) in units of four pixels.
        """
        fine = torch.cat([encoded.albedo.fine, encoded.shading.fine], dim=1)
        if window is None:
            result: Tensor = self.refinement(plate, encoded.albedo.high, fine, encoded.coarse)
            return result
        top, left, side = window

        def cut(image: Tensor, scale: int) -> Tensor:
            return image[:, :, scale * top : scale * (top + side), scale * left : scale * (left + side)]

        refined: Tensor = self.refinement(
            cut(plate, 4), cut(encoded.albedo.high, 2), cut(fine, 1), cut(encoded.coarse, 1)
        )
        return refined

    def forward(self, plate: Tensor) -> dict[str, Tensor]:
        """All outputs of the exported encoder for (N, 5, 256, 256)."""
        encoded = self.encode(plate)
        maps = maps_from_raw(self.refine(plate, encoded), CHANNELS)
        outputs = {name: maps[name] for name in ("albedo", "normal", "depth", "transport", "roughness", "specular")}
        outputs["matte"] = torch.sigmoid(maps["matte_logit"])
        outputs["parts"] = shares(maps["parts_logit"])
        outputs |= {"light": encoded.light, "environment": encoded.environment, "head": encoded.head}
        for kind, planes in (("albedo", encoded.albedo_planes), ("shading", encoded.shading_planes)):
            outputs |= {f"{kind}_{name}": plane for name, plane in planes._asdict().items()}
        return outputs
