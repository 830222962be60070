"""A coarse grid of signed distances over the crop's frustum, made once per frame: it bounds rays cheaply."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..arrays import Float32Array

GRID_SIZE = 32


class HasDistance(Protocol):
    """What a grid is made of."""

    def distance(self, points: Float32Array, /) -> Float32Array:
        """(N,) signed distance in half widths, negative inside, at (N, 3) crop coordinates."""


@dataclass(frozen=True)
class DistanceGrid:
    """Signed distances at cell centres.

    Attributes:
        values: (z, y, x) half widths, over crop coordinates −1..1 each.
    """

    values: Float32Array

    def at(self, points: Float32Array) -> Float32Array:
        """(N,) trilinear distance at (N, 3) crop coordinates; beyond the grid its border goes on."""
        size = self.values.shape[0]
        place = np.clip((points + 1.0) * np.float32(size / 2) - np.float32(0.5), 0, np.float32(size - 1.001))
        cell = place.astype(np.int32)
        x, y, z = (place - cell).T
        flat = self.values.reshape(-1)
        index = (cell[:, 2] * size + cell[:, 1]) * size + cell[:, 0]
        total = np.zeros(len(points), np.float32)
        for dz, share_z in ((0, 1 - z), (size * size, z)):
            for dy, share_y in ((0, 1 - y), (size, y)):
                row = index + (dz + dy)
                total += share_z * share_y * ((1 - x) * flat[row] + x * flat[row + 1])
        return total


def distance_grid(field: HasDistance, size: int = GRID_SIZE) -> DistanceGrid:
    """Ask the field at size³ points."""
    centre = (np.arange(size, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / size) - np.float32(1)
    z, y, x = np.meshgrid(centre, centre, centre, indexing="ij")
    points = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    return DistanceGrid(field.distance(np.ascontiguousarray(points)).reshape(size, size, size))
