"""Normals of pixels that show strands of hair, averaged over every sub-sample.

Strands turn through half a circle within a pixel; the few samples that are shaded would tell of a random one.
"""

import numba
import numpy as np

from ...runtime.arrays import Float32Array
from . import rasterise, sample_choice, surface_samples
from .compiled import compiled_with
from .rasterise import BytesArray, IntArray, barycentric
from .sample_choice import is_strand
from .surface_samples import MeshArrays, seen_from_behind


@compiled_with(rasterise, sample_choice)
def _holds_strands(seen: IntArray, parts: BytesArray, row: int, column: int) -> bool:
    for s in range(9):
        t = seen[row * 3 + s // 3, column * 3 + s % 3]
        if t >= 0 and is_strand(parts[t]):
            return True
    return False


@numba.njit(cache=True, fastmath=True)
def _length(vector: Float32Array) -> float:
    length: float = np.sqrt(vector[0] ** 2 + vector[1] ** 2 + vector[2] ** 2) + 1e-12
    return length


@compiled_with(rasterise, sample_choice, surface_samples)
def average_strand_normals(seen: IntArray, mesh: MeshArrays, normal: Float32Array) -> None:
    """Replace the normal of every pixel that shows a strand by the mean over its sub-samples.

    Args:
        seen: (3 size, 3 size) triangles.
        mesh: the person before the camera.
        normal: (size, size, 3) mesh axes, any length; changed in place, to unit length where it is replaced.
    """
    screen, vertices, normals, triangles = mesh.screen, mesh.vertices, mesh.normals, mesh.triangles
    here, view, total = np.zeros(3, np.float32), np.zeros(3, np.float32), np.zeros(3, np.float32)
    size = normal.shape[0]
    for row in range(size):
        for column in range(size):
            if not _holds_strands(seen, mesh.parts, row, column):
                continue
            total[:] = 0.0
            for s in range(9):
                y, x = row * 3 + s // 3, column * 3 + s % 3
                t = seen[y, x]
                if t < 0:
                    continue
                a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
                wa, wb, wc = barycentric(screen, a, b, c, x + 0.5, y + 0.5)
                for k in range(3):
                    here[k] = wa * normals[a, k] + wb * normals[b, k] + wc * normals[c, k]
                    view[k] = mesh.camera[k] - (wa * vertices[a, k] + wb * vertices[b, k] + wc * vertices[c, k])
                scale = 1.0 / _length(here)
                if seen_from_behind(vertices, a, b, c, here, view):
                    scale = -scale
                for k in range(3):
                    total[k] += here[k] * scale
            scale = 1.0 / _length(total)
            for k in range(3):
                normal[row, column, k] = total[k] * scale
