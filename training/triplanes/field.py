"""The field: signed distance, colour and transport at any point of the crop's frustum, read from the planes.

Distance is what density is made of (Yariv et al. 2021, VolSDF, equations 2 and 3), so depth is found by walking along
it. Near the plate's own view the field hangs on the depth map: it begins as a thick shell behind it, and the planes say
how the head really goes on.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import activated
from ..portrait.maps import lambert_transport
from .planes import Lookup, TriPlanes, sample_plane, sample_planes
from .size import ModelSize

SHELL = 0.15
"""Half widths behind the depth map over which the first guess of the distance falls."""
SLOPE_OF_DISTANCE = 0.6
"""Mean cosine between the surface and the rays: distance over depth."""


class FieldInputs(NamedTuple):
    """Everything that the field reads.

    Attributes:
        albedo: planes T_A.
        shading: planes T_S.
        depth: (N, 1, h, w) of the plate's view, half widths behind the head's centre.
        matte: (N, 1, h, w) 0..1.
    """

    albedo: TriPlanes
    shading: TriPlanes
    depth: Tensor
    matte: Tensor


class FieldSurface(NamedTuple):
    """What the field says at points.

    Attributes:
        distance: (N, 1, P) signed, half widths, negative inside.
        albedo: (N, 3, P) linear.
        normal: (N, 3, P) unit, crop camera axes.
        transport: (N, 9, P) crop camera axes.
        roughness: (N, 1, P).
    """

    distance: Tensor
    albedo: Tensor
    normal: Tensor
    transport: Tensor
    roughness: Tensor


class Field(nn.Module):
    """Two small perceptrons over the planes.

    Attributes:
        lookup: how a plane is read; `exported` takes the one that is quick in onnxruntime.
    """

    def __init__(self, size: ModelSize) -> None:
        super().__init__()
        self.lookup: Lookup = sample_plane
        self.first = nn.Conv2d(size.albedo_planes + 5, size.field, 1)
        self.second = nn.Conv2d(size.field, size.field, 1)
        self.distance_out = nn.Conv2d(size.field, 1, 1)
        self.surface_out = nn.Conv2d(size.field, 7, 1)
        self.shading_in = nn.Conv2d(size.field + size.shading_planes, size.field // 2, 1)
        self.shading_out = nn.Conv2d(size.field // 2, 9, 1)
        nn.init.zeros_(self.distance_out.weight)
        nn.init.zeros_(self.shading_out.weight)
        for layer in (self.distance_out, self.shading_out):
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]  # a convolution with a bias

    def _hidden(self, inputs: FieldInputs, points: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden features (N, field, 1, P) and the first guess of the distance (N, 1, P)."""
        x, y, z = points.unbind(dim=-1)
        depth, matte = self.lookup(inputs.depth, x, y), self.lookup(inputs.matte, x, y)
        behind = z[:, None] - depth
        shell = -SLOPE_OF_DISTANCE * behind.clamp(-0.5, SHELL)
        guess = matte * shell + (1.0 - matte) * SHELL
        place = points.transpose(1, 2)
        features = torch.cat(
            [sample_planes(inputs.albedo, points, self.lookup), behind.clamp(-1.0, 1.0), matte, place], dim=1
        )
        hidden = activated(self.first(features[:, :, None]))
        return activated(self.second(hidden)), guess

    def distance(self, inputs: FieldInputs, points: Tensor) -> Tensor:
        """(N, 1, P) signed distance at (N, P, 3) crop coordinates."""
        hidden, guess = self._hidden(inputs, points)
        result: Tensor = guess + self.distance_out(hidden)[:, :, 0]
        return result

    def surface(self, inputs: FieldInputs, points: Tensor) -> FieldSurface:
        """All that the field says at (N, P, 3) crop coordinates."""
        hidden, guess = self._hidden(inputs, points)
        raw = self.surface_out(hidden)[:, :, 0]
        shading = torch.cat([hidden, sample_planes(inputs.shading, points, self.lookup)[:, :, None]], dim=1)
        correction = self.shading_out(activated(self.shading_in(shading)))[:, :, 0]
        normal = functional.normalize(raw[:, 3:6], dim=1, eps=1e-4)
        return FieldSurface(
            distance=guess + self.distance_out(hidden)[:, :, 0],
            albedo=torch.sigmoid(raw[:, 0:3]) ** 2,
            normal=normal,
            transport=lambert_transport(normal[..., None])[..., 0] + 0.3 * correction,
            roughness=torch.sigmoid(raw[:, 6:7]),
        )
