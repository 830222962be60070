"""The shared texture layout as maps: which chart each texel belongs to, and where on the body it lies."""

from dataclasses import dataclass

import numpy as np

from ....runtime.arrays import Float32Array, Float64Array
from ..rasterise import rasterise
from .topology import BytesArray, Chart, IntArray, Topology

# fmt: off
LANDMARK_UV = np.array(
    [
        [0.1506, 0.2271], [0.1555, 0.2793], [0.1608, 0.3231], [0.1689, 0.3554],
        [0.1842, 0.3893], [0.2037, 0.4147], [0.2310, 0.4320], [0.2647, 0.4444],
        [0.3263, 0.4561], [0.3879, 0.4444], [0.4216, 0.4320], [0.4489, 0.4147],
        [0.4684, 0.3893], [0.4837, 0.3554], [0.4918, 0.3231], [0.4971, 0.2793],
        [0.5020, 0.2271], [0.1998, 0.1943], [0.2183, 0.1805], [0.2412, 0.1724],
        [0.2690, 0.1699], [0.2957, 0.1766], [0.3569, 0.1766], [0.3836, 0.1699],
        [0.4114, 0.1724], [0.4343, 0.1805], [0.4528, 0.1943], [0.3263, 0.2094],
        [0.3263, 0.2401], [0.3263, 0.2681], [0.3263, 0.2871], [0.2972, 0.2986],
        [0.3047, 0.3063], [0.3263, 0.3069], [0.3479, 0.3063], [0.3554, 0.2986],
        [0.2428, 0.2155], [0.2532, 0.2122], [0.2698, 0.2104], [0.2848, 0.2155],
        [0.2683, 0.2193], [0.2524, 0.2190], [0.3678, 0.2155], [0.3828, 0.2104],
        [0.3994, 0.2122], [0.4098, 0.2155], [0.4002, 0.2190], [0.3843, 0.2193],
        [0.2672, 0.3582], [0.2876, 0.3381], [0.3042, 0.3338], [0.3263, 0.3382],
        [0.3484, 0.3338], [0.3650, 0.3381], [0.3854, 0.3582], [0.3623, 0.3811],
        [0.3452, 0.3859], [0.3263, 0.3873], [0.3074, 0.3859], [0.2903, 0.3811],
        [0.2735, 0.3588], [0.3080, 0.3558], [0.3263, 0.3558], [0.3446, 0.3558],
        [0.3791, 0.3588], [0.3446, 0.3676], [0.3263, 0.3676], [0.3080, 0.3676],
    ],
    np.float32,
)
# fmt: on
"""(68, 2) texture coordinates of the 68 landmarks in iBUG's order."""
EAR_CANAL_UV = np.array([[0.0802, 0.4330], [0.0810, 0.5400]], np.float32)
"""(2, 2) texture coordinates at the left and the right ear canal."""
MIDDLE = 0.3263
"""u of the line that divides the face."""


@dataclass(frozen=True)
class Layout:
    """The layout at the resolution of an atlas.

    Attributes:
        chart: (H, W) uint8 `Chart`, 255 between charts.
        position: (H, W, 3) float32 metres, zero between charts.
    """

    chart: BytesArray
    position: Float32Array


def texel_layout(topology: Topology, vertices: Float32Array, size: int) -> Layout:
    """Draw the charts into a square of texels.

    Args:
        topology: the shared mesh.
        vertices: (V, 3) metres of one avatar.
        size: texels along each side.
    """
    screen = np.c_[topology.uv * np.float32(size), np.ones(len(topology.uv))].astype(np.float32)
    seen, _ = rasterise(screen, topology.triangles, size)
    chart = np.full((size, size), 255, np.uint8)
    rows, columns = np.nonzero(seen >= 0)
    hit = seen[rows, columns]
    chart[rows, columns] = topology.charts[hit]
    position = np.zeros((size, size, 3), np.float32)
    corners = topology.triangles[hit]
    weights = plane_weights(screen[corners, :2].astype(np.float64), np.c_[columns + 0.5, rows + 0.5])
    position[rows, columns] = np.einsum("nk,nkc->nc", weights, vertices[corners])
    return Layout(chart, position)


def plane_weights(corners: Float64Array, points: Float64Array) -> Float64Array:
    """(N, 3) barycentric weights of points (N, 2) in triangles (N, 3, 2)."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    offset = points - corners[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    b = (offset[:, 0] * second[:, 1] - offset[:, 1] * second[:, 0]) / area
    c = (first[:, 0] * offset[:, 1] - first[:, 1] * offset[:, 0]) / area
    return np.stack([1.0 - b - c, b, c], axis=1)


@dataclass(frozen=True)
class SurfacePoints:
    """Points fixed to the shared mesh.

    Attributes:
        corners: (N, 3) int32 vertices.
        weights: (N, 3) float32.
    """

    corners: IntArray
    weights: Float32Array

    def on(self, vertices: Float32Array) -> Float32Array:
        """(N, 3) where the points are on a body of vertices (V, 3)."""
        result: Float32Array = np.einsum("nk,nkc->nc", self.weights, vertices[self.corners]).astype(np.float32)
        return result


def surface_points(topology: Topology, uv: Float32Array) -> SurfacePoints:
    """The points of head and ears with texture coordinates (N, 2), or the nearest ones to them."""
    chosen = topology.triangles[(topology.charts == Chart.HEAD) | (topology.charts == Chart.EAR)]
    corners = topology.uv[chosen].astype(np.float64)
    centres = corners.mean(axis=1)
    found, weights = np.zeros(len(uv), np.int64), np.zeros((len(uv), 3))
    for n, point in enumerate(uv.astype(np.float64)):
        near = np.argsort(((centres - point) ** 2).sum(axis=1))[:60]
        shares = plane_weights(corners[near], np.broadcast_to(point, (len(near), 2)))
        best = int(np.argmax(shares.min(axis=1)))
        found[n] = near[best]
        inside = np.maximum(shares[best], 0.0)
        weights[n] = inside / inside.sum()
    return SurfacePoints(chosen[found].astype(np.int32), weights.astype(np.float32))
