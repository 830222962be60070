"""Pictures of a volume's zero level by sphere tracing (Hart 1996), to look at beside the mesh."""

import numba
import numpy as np

from ....runtime.arrays import Float32Array, Float64Array
from .person_volume import PersonVolume

_LARGEST_STEPS = 160
_ON_SURFACE_METRES = 0.0003


@numba.njit(cache=True, fastmath=True)
def _trilinear(  # noqa: PLR0917 - compiled: a value and where
    grid: Float32Array, low: Float32Array, spacing: Float32Array, x: float, y: float, z: float
) -> float:
    u, v, w = (x - low[0]) / spacing[0], (y - low[1]) / spacing[1], (z - low[2]) / spacing[2]
    i = min(grid.shape[0] - 2, max(0, int(np.floor(u))))
    j = min(grid.shape[1] - 2, max(0, int(np.floor(v))))
    k = min(grid.shape[2] - 2, max(0, int(np.floor(w))))
    u, v, w = u - i, v - j, w - k
    total = 0.0
    for corner in range(8):
        a, b, c = corner & 1, corner >> 1 & 1, corner >> 2
        share = (u if a else 1 - u) * (v if b else 1 - v) * (w if c else 1 - w)
        total += share * grid[i + a, j + b, k + c]
    return total


@numba.njit(cache=True, fastmath=True)
def _trace(  # noqa: PLR0917 - compiled: arrays go in by position
    grid: Float32Array,
    low: Float32Array,
    spacing: Float32Array,
    origins: Float32Array,
    directions: Float32Array,
    lengths: Float32Array,
    normals: Float32Array,
) -> None:
    high = low + spacing * (np.array(grid.shape, np.float32) - 1)
    for n in range(origins.shape[0]):
        begin, end = 0.0, 1e9
        for axis in range(3):
            d = directions[n, axis] if abs(directions[n, axis]) > 1e-9 else 1e-9
            first, second = (low[axis] - origins[n, axis]) / d, (high[axis] - origins[n, axis]) / d
            begin, end = max(begin, min(first, second)), min(end, max(first, second))
        along = begin + 1e-5
        for _ in range(_LARGEST_STEPS):
            if along >= end:
                break
            x, y, z = origins[n] + directions[n] * np.float32(along)
            distance = _trilinear(grid, low, spacing, x, y, z)
            if distance < _ON_SURFACE_METRES:
                lengths[n] = along
                half = 0.5 * spacing[0]
                normals[n, 0] = _trilinear(grid, low, spacing, x + half, y, z) - _trilinear(
                    grid, low, spacing, x - half, y, z
                )
                normals[n, 1] = _trilinear(grid, low, spacing, x, y + half, z) - _trilinear(
                    grid, low, spacing, x, y - half, z
                )
                normals[n, 2] = _trilinear(grid, low, spacing, x, y, z + half) - _trilinear(
                    grid, low, spacing, x, y, z - half
                )
                break
            # Between nodes the field is a little steeper than a distance: a full step could fall through an ear.
            along += max(0.8 * distance, 0.0002)


def trace_volume(
    volume: PersonVolume, camera_from_head: Float64Array, offset: Float64Array, tangent: float, size: int
) -> tuple[Float32Array, Float32Array]:
    """Look at the zero level of a volume.

    Args:
        volume: the volume.
        camera_from_head: (3, 3) orthogonal.
        offset: (3,) where the head's origin lies in camera space, metres (z < 0).
        tangent: half the picture's width at depth one.
        size: pixels along each side.

    Returns:
        Depth (h, w) along the axis in metres, 0 where nothing is seen, and normals (h, w, 3) in camera axes.
    """
    across = ((np.arange(size) + 0.5) / size * 2.0 - 1.0) * tangent
    rays = np.stack(np.broadcast_arrays(across[None, :], -across[:, None], -1.0), axis=-1).reshape(-1, 3)
    cosine = 1.0 / np.linalg.norm(rays, axis=1)
    directions = (rays * cosine[:, None]) @ camera_from_head
    origins = np.broadcast_to(-np.asarray(offset) @ camera_from_head, directions.shape)
    lengths, normals = np.zeros(len(rays), np.float32), np.zeros((len(rays), 3), np.float32)
    spacing = ((volume.high - volume.low) / (np.array(volume.distance.shape) - 1)).astype(np.float32)
    _trace(
        volume.metres, volume.low, spacing, origins.astype(np.float32), directions.astype(np.float32), lengths, normals
    )
    normals = normals @ camera_from_head.T.astype(np.float32)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), np.float32(1e-6))
    depth = (lengths * cosine).astype(np.float32)
    return depth.reshape(size, size), normals.reshape(size, size, 3)
