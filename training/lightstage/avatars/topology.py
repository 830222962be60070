"""The one mesh that all avatars share: its charts, its seams and what of the whole person is kept.

All 36 avatars carry the same body, eyes and teeth with the same texture coordinates; only positions differ. So a
texture coordinate names a point of the body on everybody, and vertices are put in the order of their coordinates.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from ....runtime.arrays import Float32Array, Float64Array
from ..parts import Part

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]
BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

MESHES = ("H_DDS_HighRes", "h_L_eye", "h_R_eye", "h_L_gland", "h_R_gland", "h_TeethUp", "h_TeethDown")
"""Names of the shared meshes in the files: body, eyeballs, corners of the eyes, teeth with gums and tongue."""
WIG = "h_wig"
JOINTS = (
    "Hips",
    "Spine",
    "Spine1",
    "Spine2",
    "Neck",
    "Head",
    "LeftShoulder",
    "LeftArm",
    "LeftForeArm",
    "RightShoulder",
    "RightArm",
    "RightForeArm",
    "LeftEye",
    "RightEye",
)
"""Joints that move; a vertex of another joint follows the nearest of these above it."""
PARENTS = (-1, 0, 1, 2, 3, 4, 3, 6, 7, 3, 9, 10, 5, 5)
"""Index of each joint's parent."""
WRIST = 0.60
"""Metres from the middle of the body, arms stretched out: hands beyond it are left out."""
BELOW_EYES = 0.78
"""Metres below the eyes at which the body is cut off, arms stretched out."""


class Chart(IntEnum):
    """A piece of the shared texture layout."""

    HEAD = 0
    EAR = 1
    MOUTH = 2
    TORSO = 3
    ARM = 4
    EYE = 5
    CARUNCLE = 6
    TEETH = 7


PART_OF_CHART = {
    Chart.HEAD: Part.SKIN,
    Chart.EAR: Part.SKIN,
    Chart.MOUTH: Part.MOUTH,
    Chart.TORSO: Part.BODY,
    Chart.ARM: Part.BODY,
    Chart.EYE: Part.EYE,
    Chart.CARUNCLE: Part.EYE,
    Chart.TEETH: Part.TEETH,
}

_BOXES = (
    # Charts of the body mesh: u and v of their corners, least and greatest.
    (Chart.HEAD, 0.002, 0.002, 0.650, 0.540, 10000),
    (Chart.TORSO, 0.280, 0.458, 0.999, 0.999, 10000),
    (Chart.ARM, 0.590, 0.002, 0.868, 0.400, 4000),
    (Chart.ARM, 0.003, 0.598, 0.281, 0.998, 4000),
    (Chart.EAR, 0.002, 0.392, 0.092, 0.613, 1000),
    (Chart.MOUTH, 0.004, 0.002, 0.087, 0.085, 0),
    (Chart.MOUTH, 0.885, 0.383, 0.974, 0.455, 0),
)


@dataclass(frozen=True)
class Topology:
    """The shared mesh.

    Attributes:
        uv: (V, 2) float32 texture coordinates, glTF convention (v down).
        triangles: (T, 3) int32.
        charts: (T,) uint8 `Chart`.
        weld: (V,) int32: vertices with the same number are one point of the surface, cut by a seam of the layout.
        mesh: (V,) uint8 index into MESHES.
    """

    uv: Float32Array
    triangles: IntArray
    charts: BytesArray
    weld: IntArray
    mesh: BytesArray


def vertex_keys(uv: Float64Array, mesh: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """(V,) one integer per texture coordinate and mesh: what names a vertex on everybody."""
    steps = np.round(uv * 65535.0).astype(np.int64)
    result: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = (np.int64(mesh) << 40) | (steps[:, 1] << 20) | steps[:, 0]
    return result


def welded(positions: Float64Array, mesh: BytesArray, tolerance: float = 2e-5) -> IntArray:
    """(V,) numbers shared by vertices of a mesh that lie at the same place, metres."""
    steps = np.c_[np.round(positions / tolerance), mesh].astype(np.int64)
    _, flat = np.unique(steps, axis=0, return_inverse=True)
    result: IntArray = flat.reshape(-1).astype(np.int32)
    return result


def seam_normals(vertices: Float32Array, triangles: IntArray, weld: IntArray) -> Float32Array:
    """(V, 3) area-weighted unit normals, the same on both sides of a seam."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    count = int(weld.max()) + 1
    total = np.zeros((count, 3))
    for i in range(3):
        corner = weld[triangles[:, i]]
        for axis in range(3):
            total[:, axis] += np.bincount(corner, face[:, axis], count)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    result: Float32Array = (total / np.maximum(length, 1e-14)).astype(np.float32)[weld]
    return result


def _connected(triangles: IntArray, count: int) -> IntArray:
    """(T,) number of the connected piece of each triangle."""
    from scipy.sparse import coo_matrix  # noqa: PLC0415 - only the conversion needs it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    rows = np.r_[triangles[:, 0], triangles[:, 1]]
    columns = np.r_[triangles[:, 1], triangles[:, 2]]
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), (count, count))
    _, labels = connected_components(graph, directed=False)
    result: IntArray = labels[triangles[:, 0]].astype(np.int32)
    return result


def chart_of_triangles(uv: Float64Array, triangles: IntArray, mesh_of_triangle: BytesArray) -> BytesArray:
    """(T,) uint8: `Chart`, or 255 for pieces that are never kept (feet)."""
    charts = np.full(len(triangles), 255, np.uint8)
    of_mesh = (255, Chart.EYE, Chart.EYE, Chart.CARUNCLE, Chart.CARUNCLE, Chart.TEETH, Chart.TEETH)
    for index, chart in enumerate(of_mesh):
        charts[mesh_of_triangle == index] = chart
    pieces = _connected(triangles, len(uv))
    for piece in np.unique(pieces[mesh_of_triangle == 0]):
        chosen = pieces == piece
        inside = uv[triangles[chosen].ravel()]
        low, high = inside.min(axis=0), inside.max(axis=0)
        for chart, u0, v0, u1, v1, least in _BOXES:
            if chosen.sum() > least and low[0] > u0 and low[1] > v0 and high[0] < u1 and high[1] < v1:
                charts[chosen] = chart
                break
    return charts
