"""Surfaces as signed fields on a grid: negative inside, metres."""

from collections.abc import Callable

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from skimage.measure import marching_cubes

from ...runtime.arrays import AnyFloatArray, Float32Array

Field = Callable[[Float32Array], Float32Array]


def smooth_minimum(a: AnyFloatArray, b: AnyFloatArray, width: float) -> AnyFloatArray:
    """Union of two fields with a fillet of about `width` metres (polynomial smooth minimum, Quilez 2013)."""
    blend = np.clip(0.5 + 0.5 * (b - a) / width, 0.0, 1.0)
    result: AnyFloatArray = b * (1.0 - blend) + a * blend - width * blend * (1.0 - blend)
    return result


def capsule(points: AnyFloatArray, start: AnyFloatArray, end: AnyFloatArray, radius: float) -> AnyFloatArray:
    """Signed distance to a capsule."""
    axis = end - start
    along = np.clip((points - start) @ axis / float(axis @ axis), 0.0, 1.0)
    result: AnyFloatArray = np.linalg.norm(points - start - along[..., None] * axis, axis=-1) - radius
    return result


def ellipsoid(points: AnyFloatArray, centre: AnyFloatArray, radii: AnyFloatArray) -> AnyFloatArray:
    """First-order distance to an ellipsoid, exact at the surface."""
    scaled = (points - centre) / radii
    length = np.linalg.norm(scaled, axis=-1)
    result: AnyFloatArray = length * (length - 1.0) / np.maximum(np.linalg.norm(scaled / radii, axis=-1), 1e-9)
    return result


def smoothstep(edge0: float, edge1: float, value: AnyFloatArray) -> AnyFloatArray:
    """Hermite step from 0 at edge0 to 1 at edge1."""
    t = np.clip((value - edge0) / (edge1 - edge0), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


class WaveNoise:
    """Smooth 3D noise: a sum of sine waves with random directions; cheap, endless, about −1..1."""

    def __init__(self, random: np.random.Generator, waves: int = 10) -> None:
        self.directions = random.normal(size=(waves, 3)).astype(np.float32)
        self.phases = random.uniform(0.0, 2.0 * np.pi, waves).astype(np.float32)

    def __call__(self, points: AnyFloatArray, period: AnyFloatArray | float) -> AnyFloatArray:
        """Noise at (..., 3) points; `period` is a length or three, in the points' unit."""
        scaled = points / np.asarray(period, np.float32)
        waves = np.sin(scaled @ self.directions.T * np.float32(3.0) + self.phases)
        result: AnyFloatArray = waves.mean(axis=-1) * np.float32(2.2)
        return result


def grid_points(low: AnyFloatArray, high: AnyFloatArray, spacing: float) -> tuple[Float32Array, tuple[int, int, int]]:
    """(N, 3) points of a regular grid, x slowest, and the grid's shape."""
    axes = [np.arange(a, b + spacing, spacing, dtype=np.float32) for a, b in zip(low, high, strict=True)]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    return np.stack([x, y, z], axis=-1).reshape(-1, 3), (len(axes[0]), len(axes[1]), len(axes[2]))


def surface(
    values: Float32Array, shape: tuple[int, int, int], low: AnyFloatArray, spacing: float
) -> tuple[Float32Array, Float32Array, np.ndarray[tuple[int, ...], np.dtype[np.int32]]]:
    """Zero level of a field by marching cubes: vertices in metres, outward normals, triangles; maybe empty."""
    volume = values.reshape(shape)
    if not volume.min() < 0.0 < volume.max():
        return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)
    cubes = marching_cubes(volume, 0.0, spacing=(spacing,) * 3, allow_degenerate=False)  # type: ignore[no-untyped-call]  # scikit-image has no types there
    vertices, triangles, normals, _ = cubes
    kept, triangles = _without_crumbs(len(vertices), triangles.astype(np.int32))
    # The routine's normals follow the falling field; inside is negative here, so outward is the other way.
    return (
        (vertices[kept] + np.asarray(low)).astype(np.float32),
        -normals[kept].astype(np.float32),
        triangles,
    )


def _without_crumbs(
    count: int, triangles: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.bool_]], np.ndarray[tuple[int, ...], np.dtype[np.int32]]]:
    """Leave out connected pieces with under a twelfth of the vertices: (V,) kept, and the triangles that remain."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]]])
    graph = coo_matrix((np.ones(len(edges), bool), (edges[:, 0], edges[:, 1])), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    kept = (np.bincount(label) * 12 >= count)[label]
    renumbered = np.cumsum(kept) - 1
    return kept, renumbered[triangles[kept[triangles[:, 0]]]].astype(np.int32)
