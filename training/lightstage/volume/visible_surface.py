"""Which part of a mesh anything outside can see: the only part that signed distances are measured to."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from ....runtime.arrays import Float32Array
from .depth_maps import DepthMaps, seen_shares
from .solid_mesh import STRAND_PARTS, SolidMesh

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]
BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

TWO_SIDED_SHARE = 0.03
"""A triangle counts as seen from both sides where each shows in at least this share of its pixels."""
PROBE_METRES = 0.005
"""How far before and behind such a triangle the cameras are asked what they see."""
OPEN_SHARE = 0.6
"""Where at least this part of the cameras that see before a piece of hair see behind it too, it stands alone."""


class Side(IntEnum):
    """What a triangle says about inside and outside."""

    SOLID = 0
    """Its back is inside."""
    SHEET = 1
    """Both sides are outside: an open shell, a thin flap."""
    CARD = 2
    """Its back can be seen, but seldom: the outermost layer of something loose, such as cards of hair."""


@dataclass(frozen=True)
class VisibleSurface:
    """Triangles that depth maps show, oriented outwards.

    Attributes:
        vertices: (V, 3) metres.
        triangles: (T, 3) int32, front outwards.
        normals: (V, 3) unit, outwards, of the visible triangles around each vertex.
        side: (T,) uint8 `Side`.
        source: (T,) int32 index of the person's triangle.
        corner_weights: (T, 3, 2) weights of the source's second and third corner at each corner.
    """

    vertices: Float32Array
    triangles: IntArray
    normals: Float32Array
    side: BytesArray
    source: IntArray
    corner_weights: Float32Array


def visible_surface(mesh: SolidMesh, counts: IntArray, maps: DepthMaps, parts: BytesArray) -> VisibleSurface:
    """Select and orient triangles.

    Args:
        mesh: opaque triangles.
        counts: (T, 2) pixels of each triangle's front and back, from `draw_depth_maps`.
        maps: what the cameras see.
        parts: `Part` of the person's triangles.
    """
    total = counts.sum(axis=1)
    seen = total > 0
    # A small triangle falls between all pixels; between seen ones it is seen too.
    shown = np.zeros(len(mesh.vertices), bool)
    shown[mesh.triangles[seen]] = True
    kept = np.flatnonzero((seen | shown[mesh.triangles].all(axis=1)) & (mesh.source >= 0))
    side, backwards = _sides(mesh, _shared_counts(mesh, counts)[kept], kept, maps)
    loose = np.isin(parts[mesh.source[kept]], STRAND_PARTS)
    side[(side == Side.CARD) & ~loose] = Side.SHEET
    # Hair that can be looked through is no surface.
    surface = ~(loose & (side == Side.SHEET))
    kept, side, backwards = kept[surface], side[surface], backwards[surface]
    order = np.where(backwards[:, None], np.array([0, 2, 1]), np.array([0, 1, 2]))
    triangles = np.take_along_axis(mesh.triangles[kept], order, axis=1)
    return VisibleSurface(
        vertices=mesh.vertices,
        triangles=triangles,
        normals=_vertex_normals(mesh.vertices, triangles),
        side=side,
        source=mesh.source[kept],
        corner_weights=np.take_along_axis(mesh.corner_weights[kept], order[:, :, None], axis=1),
    )


def _shared_counts(mesh: SolidMesh, counts: IntArray) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """(T, 2) counts summed over all triangles around each one's corners: a tiny one alone is seen by chance."""
    at_vertices = np.zeros((len(mesh.vertices), 2))
    for corner in range(3):
        for face in range(2):
            at_vertices[:, face] += np.bincount(mesh.triangles[:, corner], counts[:, face], len(mesh.vertices))
    shared: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = at_vertices[mesh.triangles].sum(axis=1).astype(np.int64)
    return shared


def _sides(
    mesh: SolidMesh,
    counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    kept: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    maps: DepthMaps,
) -> tuple[BytesArray, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """(T,) `Side` of the kept triangles, and whether their back looks outwards."""
    backwards = counts[:, 1] > counts[:, 0]
    side = np.full(len(kept), Side.SOLID, np.uint8)
    doubtful = np.flatnonzero(counts.min(axis=1) > TWO_SIDED_SHARE * counts.sum(axis=1))
    corners = mesh.vertices[mesh.triangles[kept[doubtful]]]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    step = cross / np.maximum(np.linalg.norm(cross, axis=1, keepdims=True), 1e-12) * PROBE_METRES
    before, behind = (seen_shares(maps, corners.mean(axis=1) + sign * step) for sign in (1.0, -1.0))
    alone = np.minimum(before, behind) > OPEN_SHARE * np.maximum(before, behind)
    side[doubtful] = np.where(alone, Side.SHEET, Side.CARD)
    backwards[doubtful] = behind > before
    return side, backwards


def _vertex_normals(vertices: Float32Array, triangles: IntArray) -> Float32Array:
    """(V, 3) area-weighted unit normals."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros((len(vertices), 3))
    for corner in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(triangles[:, corner], face[:, axis], len(vertices))
    length = np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    normals: Float32Array = (total / length).astype(np.float32)
    return normals
