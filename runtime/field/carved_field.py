"""The field held to what the plate shows: nothing of the head lies where the plate saw through to something else."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from ..arrays import AnyFloatArray, Float32Array
from .grid import DistanceGrid, distance_grid

FREE_SPACE_TOLERANCE = 0.02
"""Half widths (5 mm) by which the field may stand before the plate's depth map."""
SLOPE_OF_DISTANCE = 0.6
"""Distance over depth: mean cosine between the surface and the plate's rays."""
WALL = 0.2
"""Half widths of distance per matte, to the wall that the matte's edge sweeps along the plate's rays."""
SURELY_FREE = 0.09
"""Half widths from what the plate shows beyond which there is nothing of the head; more than `march.NEAR`."""


class PointField(Protocol):
    """What knows distance and surface at points: `Field`, or an analytic one in a test."""

    def distance(self, points: Float32Array, /) -> Float32Array:
        """(N,) signed distance in half widths, negative inside, at (N, 3) crop coordinates."""

    def surface(self, points: Float32Array, /) -> dict[str, Float32Array]:
        """All `field.OUTPUTS` at (N, 3) crop coordinates, each (N, C)."""


@dataclass(frozen=True)
class CarvedField:
    """A field cut with the plate's depth map and matte (space carving: Kutulakos and Seitz 2000, section 3).

    Attributes:
        field: what is cut.
        depth: (n, n) over the crop, half widths behind the head's centre.
        matte: (n, n) 0..1 over the crop.
    """

    field: PointField
    depth: Float32Array
    matte: Float32Array

    @cached_property
    def grid(self) -> DistanceGrid:
        """Made at first use."""
        return distance_grid(self)

    def distance(self, points: Float32Array, /) -> Float32Array:
        """(N,) signed distance in half widths at (N, 3) crop coordinates.

        In space that is surely free the field is not asked, and the distance to what the plate shows stands alone: it
        says that nothing is near, and that is all that anyone who marches rays wants to know there.
        """
        depth, matte = self._plate_at(points)
        before = np.float32(SLOPE_OF_DISTANCE) * (depth - points[:, 2]) - np.float32(FREE_SPACE_TOLERANCE)
        beside = np.float32(WALL) * (np.float32(0.5) - matte)
        distance: Float32Array = np.maximum(before, beside)
        unsure = np.flatnonzero(distance < SURELY_FREE)
        if unsure.size:
            distance[unsure] = np.maximum(distance[unsure], self.field.distance(points[unsure]))
        return distance

    def surface(self, points: Float32Array, /) -> dict[str, Float32Array]:
        """What the field says at (N, 3) crop coordinates."""
        return self.field.surface(points)

    @cached_property
    def _pairs(self) -> Float32Array:
        """(n·n, 2) depth and matte."""
        return np.ascontiguousarray(np.stack([self.depth.ravel(), self.matte.ravel()], axis=-1), np.float32)

    def _plate_at(self, points: AnyFloatArray) -> tuple[Float32Array, Float32Array]:
        """Depth and matte (N,) of the plate's rays through points (N, 3), bilinear."""
        size = self.depth.shape[0]
        place = np.clip((points[:, :2] + 1.0) * np.float32(size / 2) - np.float32(0.5), 0, np.float32(size - 1.001))
        cell = place.astype(np.int32)
        share = (place - cell).astype(np.float32)
        index = cell[:, 1] * size + cell[:, 0]
        across, along = share[:, :1], share[:, 1:]
        upper = self._pairs[index] * (1 - across) + self._pairs[index + 1] * across
        lower = self._pairs[index + size] * (1 - across) + self._pairs[index + size + 1] * across
        found = upper + along * (lower - upper)
        return found[:, 0], found[:, 1]
