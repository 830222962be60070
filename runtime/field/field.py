"""The field of one encoded frame, and how points reach it."""

from dataclasses import dataclass

import numpy as np

from ..arrays import AnyFloatArray, Float32Array
from ..crop import Crop
from ..head import CROP_HALF_WIDTH_METRES
from ..network import Network
from .planes import FieldPlanes

OUTPUTS = ("distance", "albedo", "normal", "transport", "roughness")


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

    def distance(self, points: Float32Array, /) -> Float32Array:
        """(N,) signed distance in half widths, negative inside, at (N, 3) crop coordinates."""
        inputs = {name: value for name, value in self.planes.inputs().items() if not name.startswith("shading")}
        distance: Float32Array = self.distance_network.run(points=points[None], **inputs)["distance"][0, 0]
        return distance

    def surface(self, points: Float32Array, /) -> dict[str, Float32Array]:
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
