"""The field of a head made of spheres, known exactly: what the product's own field stands in for."""

from dataclasses import dataclass, field

import numpy as np
from tests.analytic_head import AnalyticHead

from chiaro.runtime.arrays import Float32Array, Float64Array
from chiaro.runtime.head import CROP_HALF_WIDTH_METRES
from chiaro.runtime.light.harmonics import lambert_transport

ROUGHNESS = 0.6


@dataclass(frozen=True)
class AnalyticField:
    """Distance and surface of an analytic head.

    Attributes:
        head: the head.
        grown: metres by which its surface lies further out than the head's.
        tint: (3,) factor on the head's albedo.
        asked: gets the number of points of every question.
    """

    head: AnalyticHead
    grown: float = 0.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    asked: list[int] = field(default_factory=list)

    def camera_points(self, points: Float32Array) -> Float64Array:
        """(N, 3) metres in the crop camera's axes, of crop coordinates."""
        crop = self.head.crop
        depth = crop.head_distance + CROP_HALF_WIDTH_METRES * points[:, 2].astype(np.float64)
        tangent = crop.camera.width / 2 / crop.camera.focal_x
        return np.stack([points[:, 0] * tangent * depth, -points[:, 1] * tangent * depth, -depth], axis=-1)

    def distance(self, points: Float32Array, /) -> Float32Array:
        self.asked.append(len(points))
        metres = self._nearest(points)[0] - self.grown
        distance: Float32Array = (metres / CROP_HALF_WIDTH_METRES).astype(np.float32)
        return distance

    def surface(self, points: Float32Array, /) -> dict[str, Float32Array]:
        self.asked.append(len(points))
        metres, normal = self._nearest(points)
        pose = self.head.world_from_crop
        albedo = self.head.albedo(self.camera_points(points) @ pose[:3, :3].T + pose[:3, 3]) * self.tint
        values = {
            "distance": (metres / CROP_HALF_WIDTH_METRES)[:, None],
            "albedo": albedo,
            "normal": normal,
            "transport": lambert_transport(normal),
            "roughness": np.full((len(points), 1), ROUGHNESS),
        }
        return {name: value.astype(np.float32) for name, value in values.items()}

    def _nearest(self, points: Float32Array) -> tuple[Float64Array, Float64Array]:
        """Signed distance (N,) in metres to the nearest sphere, and (N, 3) the direction out of it."""
        place = self.camera_points(points)
        distance, normal = np.full(len(place), np.inf), np.zeros_like(place)
        for offset, radius in self.head.spheres:
            out = place - (np.array([0.0, 0.0, -self.head.crop.head_distance]) + offset)
            length = np.linalg.norm(out, axis=1)
            nearer = length - radius < distance
            distance = np.where(nearer, length - radius, distance)
            normal = np.where(nearer[:, None], out / np.maximum(length, 1e-9)[:, None], normal)
        return distance, normal
