"""Tangents of a textured mesh, in which its normal map is written."""

import numba
import numpy as np

from ...runtime.arrays import Float32Array
from .rasterise import BytesArray, IntArray


@numba.njit(cache=True, fastmath=True)
def vertex_tangents(
    vertices: Float32Array, normals: Float32Array, uv: Float32Array, triangles: IntArray, textured: BytesArray
) -> Float32Array:
    """Unit directions along which u grows, and the side on which v falls.

    Mikkelsen, "Simulation of Wrinkled Surfaces Revisited" (2008), the convention of glTF 2.0 and of Blender: each
    triangle's direction, made orthogonal to the vertex normal, is averaged with the angle at the vertex as its weight;
    the other axis is sign · (normal × tangent). Vertices are split where texture coordinates are.

    Args:
        vertices: (V, 3) metres.
        normals: (V, 3) unit.
        uv: (V, 2).
        triangles: (T, 3).
        textured: (T,) 0 for triangles without texture.

    Returns:
        (V, 4) tangent and sign; zeros where nothing is textured.
    """
    tangents = np.zeros((vertices.shape[0], 4), np.float32)
    along = np.zeros(3, np.float32)
    for t in range(triangles.shape[0]):
        if textured[t] == 0:
            continue
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        u1, v1 = uv[b, 0] - uv[a, 0], uv[b, 1] - uv[a, 1]
        u2, v2 = uv[c, 0] - uv[a, 0], uv[c, 1] - uv[a, 1]
        area = u1 * v2 - u2 * v1
        if abs(area) < 1e-14:
            continue
        for corner in range(3):
            v, after, before = triangles[t, corner], triangles[t, (corner + 1) % 3], triangles[t, (corner + 2) % 3]
            into = first = second = dot = 0.0
            for k in range(3):
                along[k] = (vertices[b, k] - vertices[a, k]) * v2 - (vertices[c, k] - vertices[a, k]) * v1
                along[k] *= np.sign(area)
                into += along[k] * normals[v, k]
                e, f = vertices[after, k] - vertices[v, k], vertices[before, k] - vertices[v, k]
                first, second, dot = first + e * e, second + f * f, dot + e * f
            length = 0.0
            for k in range(3):
                along[k] -= into * normals[v, k]
                length += along[k] * along[k]
            cosine = dot / (np.sqrt(first * second) + 1e-20)
            weight = np.arccos(min(1.0, max(-1.0, cosine))) / (np.sqrt(length) + 1e-20)
            for k in range(3):
                tangents[v, k] += weight * along[k]
            tangents[v, 3] += np.sign(area) * _winding(vertices, normals, v, a, b, c)
    for v in range(tangents.shape[0]):
        length = np.sqrt(tangents[v, 0] ** 2 + tangents[v, 1] ** 2 + tangents[v, 2] ** 2)
        if length > 0.0:
            for k in range(3):
                tangents[v, k] /= length
            # v falls upwards in a picture: the sign is that of normal × tangent against the growth of v.
            tangents[v, 3] = -1.0 if tangents[v, 3] > 0.0 else 1.0
    return tangents


@numba.njit(cache=True, fastmath=True)
def _winding(  # noqa: PLR0917 - compiled: arguments go in by position
    vertices: Float32Array, normals: Float32Array, v: int, a: int, b: int, c: int
) -> float:
    """+1 where a triangle winds anticlockwise as seen from outside, else −1."""
    e0, e1, e2 = (
        vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2],
    )  # fmt: skip
    f0, f1, f2 = (
        vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2],
    )  # fmt: skip
    facing = (
        (e1 * f2 - e2 * f1) * normals[v, 0] + (e2 * f0 - e0 * f2) * normals[v, 1] + (e0 * f1 - e1 * f0) * normals[v, 2]
    )
    return 1.0 if facing >= 0.0 else -1.0
