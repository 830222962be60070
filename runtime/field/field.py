"""The field of one encoded frame, and how points reach it."""

from dataclasses import dataclass

import numpy as np

from ..arrays import AnyFloatArray, Float32Array
from ..crop import Crop
from ..head import CROP_HALF_WIDTH_METRES
from ..network import Network

PLANES = ("albedo_front", "albedo_side", "albedo_top", "shading_front", "shading_side", "shading_top")
OUTPUTS = ("distance", "albedo", "normal", "transport", "roughness")


@dataclass(frozen=True)
class FieldPlanes:
    """What the network "field" reads besides points; see `chiaro.training.triplanes.planes` for the axes.

    Attributes:
        albedo_front: (A, h, w) features over y, x of the crop.
        albedo_side: (A, h, w) over y and depth.
        albedo_top: (A, h, w) over depth and x.
        shading_front: (S, h, w).
        shading_side: (S, h, w).
        shading_top: (S, h, w).
        depth: (h, w) of the plate's view, half widths behind the head's centre.
        matte: (h, w) 0..1.
    """

    albedo_front: Float32Array
    albedo_side: Float32Array
    albedo_top: Float32Array
    shading_front: Float32Array
    shading_side: Float32Array
    shading_top: Float32Array
    depth: Float32Array
    matte: Float32Array

    def inputs(self) -> dict[str, Float32Array]:
        """The network's inputs, with a batch axis."""
        maps = {"depth": self.depth[None, None], "matte": self.matte[None, None]}
        return {name: getattr(self, name)[None] for name in PLANES} | maps


@dataclass(frozen=True)
class Field:
    """Planes and the networks that read them.

    Attributes:
        planes: of one encoding.
        distance_network: "field_distance", which gives the signed distance alone.
        surface_network: "field_surface", which gives all OUTPUTS.
    """

    planes: FieldPlanes
    distance_network: Network
    surface_network: Network

    def distance(self, points: Float32Array) -> Float32Array:
        """(N,) signed distance in half widths, negative inside, at (N, 3) crop coordinates."""
        inputs = {name: value for name, value in self.planes.inputs().items() if not name.startswith("shading")}
        distance: Float32Array = self.distance_network.run(points=points[None], **inputs)["distance"][0, 0]
        return distance

    def surface(self, points: Float32Array) -> dict[str, Float32Array]:
        """All OUTPUTS at (N, 3) crop coordinates, each (N, C)."""
        found = self.surface_network.run(points=points[None], **self.planes.inputs())
        return {name: np.ascontiguousarray(found[name][0].T) for name in OUTPUTS}


def crop_coordinates(points: AnyFloatArray, crop: Crop) -> Float32Array:
    """Crop coordinates of points: right and down across the crop −1..1, and half widths behind the head's centre.

    Args:
        points: (..., 3) metres, the crop camera's axes, before the camera (z < 0).
        crop: the crop.
    """
    depth = -points[..., 2]
    scale = crop.camera.focal_x / (crop.camera.width / 2) / depth
    behind = (depth - crop.head_distance) / CROP_HALF_WIDTH_METRES
    coordinates = np.stack([points[..., 0] * scale, -points[..., 1] * scale, behind], axis=-1)
    single: Float32Array = coordinates.astype(np.float32)
    return single
