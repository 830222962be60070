"""The point of a triangle nearest to another point (Ericson, Real-Time Collision Detection, 2005, section 5.1.5)."""

import numba
import numpy as np

from ....runtime.arrays import Float32Array

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]


@numba.njit(cache=True, fastmath=True)
def closest_weights(  # noqa: PLR0917 - compiled: a triangle and a place
    vertices: Float32Array, a: int, b: int, c: int, x: float, y: float, z: float
) -> tuple[float, float, float]:
    """Weights of the second and third corner of the nearest point, and its squared distance."""
    ax, ay, az = vertices[a, 0], vertices[a, 1], vertices[a, 2]
    abx, aby, abz = vertices[b, 0] - ax, vertices[b, 1] - ay, vertices[b, 2] - az
    acx, acy, acz = vertices[c, 0] - ax, vertices[c, 1] - ay, vertices[c, 2] - az
    px, py, pz = x - ax, y - ay, z - az
    abab = abx * abx + aby * aby + abz * abz
    abac = abx * acx + aby * acy + abz * acz
    acac = acx * acx + acy * acy + acz * acz
    d1, d2 = abx * px + aby * py + abz * pz, acx * px + acy * py + acz * pz
    d3, d4 = d1 - abab, d2 - abac
    d5, d6 = d1 - abac, d2 - acac
    second, third = 0.0, 0.0
    # A side without length is no side: another one of the triangle answers.
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    if d1 <= 0.0 and d2 <= 0.0:
        pass
    elif d3 >= 0.0 and d4 <= d3:
        second = 1.0
    elif d6 >= 0.0 and d5 <= d6:
        third = 1.0
    elif vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0 and d1 > d3:
        second = d1 / (d1 - d3)
    elif vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0 and d2 > d6:
        third = d2 / (d2 - d6)
    elif va <= 0.0 and d4 >= d3 and d5 >= d6 and d4 - d3 + d5 - d6 > 0.0:
        third = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        second = 1.0 - third
    else:
        total = va + vb + vc
        if total > 0.0:
            second, third = vb / total, vc / total
    qx = px - second * abx - third * acx
    qy = py - second * aby - third * acy
    qz = pz - second * abz - third * acz
    return second, third, qx * qx + qy * qy + qz * qz


@numba.njit(cache=True, fastmath=True)
def splat_nearest(  # noqa: PLR0917 - compiled: arrays go in by position
    vertices: Float32Array,
    triangles: IntArray,
    low: Float32Array,
    spacing: float,
    reach: float,
    nearest: IntArray,
    squared: Float32Array,
) -> None:
    """Write into a grid the nearest triangle of every node within `reach` of one, and its squared distance.

    Args:
        vertices: (V, 3) metres.
        triangles: (T, 3).
        low: (3,) place of node (0, 0, 0).
        spacing: metres between nodes.
        reach: metres.
        nearest: (nx, ny, nz), filled with −1 before.
        squared: (nx, ny, nz), filled with a large number before.
    """
    shape = nearest.shape
    first, last = np.zeros(3, np.int64), np.zeros(3, np.int64)
    middle = np.zeros(3, np.float64)
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        empty = False
        radius = 0.0
        for axis in range(3):
            p, q, r = vertices[a, axis], vertices[b, axis], vertices[c, axis]
            smallest, largest = min(p, q, r), max(p, q, r)
            middle[axis] = 0.5 * (smallest + largest)
            radius += (largest - middle[axis]) ** 2
            first[axis] = max(0, int(np.ceil((smallest - reach - low[axis]) / spacing)))
            last[axis] = min(shape[axis] - 1, int(np.floor((largest + reach - low[axis]) / spacing)))
            empty = empty or first[axis] > last[axis]
        if empty:
            continue
        radius = np.sqrt(radius)
        for i in range(first[0], last[0] + 1):
            x = low[0] + i * spacing
            for j in range(first[1], last[1] + 1):
                y = low[1] + j * spacing
                beside = (x - middle[0]) ** 2 + (y - middle[1]) ** 2
                if beside > (reach + radius) ** 2:
                    continue
                for k in range(first[2], last[2] + 1):
                    z = low[2] + k * spacing
                    # No point of the triangle is nearer than its bounding sphere.
                    bound = np.sqrt(beside + (z - middle[2]) ** 2) - radius
                    best = squared[i, j, k]
                    if bound > reach or (bound > 0.0 and bound * bound >= best):
                        continue
                    _, _, distance = closest_weights(vertices, a, b, c, x, y, z)
                    if distance < best and distance <= reach * reach:
                        squared[i, j, k] = distance
                        nearest[i, j, k] = t
