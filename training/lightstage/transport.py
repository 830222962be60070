"""Ray-cast visibility and diffuse light transport at mesh vertices.

Every vertex looks along the same fixed directions, spread evenly over the sphere. The visibility bits are kept: they
give hard shadows of lamps that stand in one of those directions.
"""

from dataclasses import dataclass

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh

from ...runtime.arrays import AnyFloatArray, Float32Array
from ...runtime.light.harmonics import basis, lambert_transport
from .head_mesh import Mesh
from .parts import Part
from .rasterise import BytesArray

HitArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]

DIRECTIONS = 128
GOLDEN = 0.6180339887
_ESCAPED, _BEHIND = -1, -2
MOST_LAYERS = 6
"""Of holes that a ray is followed through; after them it counts as free."""
BOUNCE_ALBEDO = 0.35
"""Mean albedo of skin, hair and cloth for the one bounce; its colour is left out."""


def sphere_directions(count: int = DIRECTIONS) -> Float32Array:
    """(count, 3) unit vectors on a Fibonacci spiral."""
    index = np.arange(count) + 0.5
    z = 1.0 - 2.0 * index / count
    azimuth = np.pi * (1.0 + np.sqrt(5.0)) * index
    radius = np.sqrt(1.0 - z * z)
    result: Float32Array = np.stack([radius * np.cos(azimuth), radius * np.sin(azimuth), z], axis=1).astype(np.float32)
    return result


@dataclass(frozen=True)
class Cutout:
    """Which triangles of a mesh are cut out by a texture, for rays that pass between strands of hair.

    Attributes:
        uv: (V, 2) texture coordinates.
        cut: (T,) bool.
        alpha: (H, W) uint8, texel (0, 0) at u = v = 0.
    """

    uv: Float32Array
    cut: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    alpha: BytesArray


def vertex_transport(
    mesh: Mesh, cutout: Cutout | None = None, sources: HitArray | None = None
) -> tuple[Float32Array, BytesArray]:
    """Transport with self-shadowing and one bounce, and the visibility it came from.

    T_k = (1/π) ∫ Y_k(ω) V(ω) max(n·ω, 0) dω. What is integrated numerically is only the occluded part; the unshadowed
    part is the closed form A_l/π · Y_k(n), so open surfaces carry no sampling noise. Clear lenses cast no shadow.

    Args:
        mesh: the whole person.
        cutout: where triangles have holes.
        sources: (V,) the vertex whose light each vertex shares, itself for most; strands of hair have more vertices
            than light has detail. Everything casts shadows all the same. None: no sharing.

    Returns:
        transport (V, 9) float32 and visibility (V, DIRECTIONS/8) packed bits, both in the mesh's axes.
    """
    count = len(mesh.vertices)
    sources = np.arange(count, dtype=np.int32) if sources is None else sources
    cast, row = np.unique(sources, return_inverse=True)
    directions, normals = sphere_directions(), mesh.normals[cast]
    hits = _cast(mesh, cutout, cast, directions)
    harmonics = basis(directions)
    weight = np.float32(4.0 * np.pi / len(directions) / np.pi)
    direct = lambert_transport(normals)
    for d, direction in enumerate(directions):
        blocked = np.flatnonzero(hits[:, d] >= 0)
        direct[blocked] -= (weight * (normals[blocked] @ direction))[:, None] * harmonics[d]
    of_triangle = direct[row][mesh.triangles].mean(axis=1)
    transport = direct + _bounce(normals, of_triangle, hits, directions, weight)
    visible = (hits == _ESCAPED).astype(bool)
    return transport[row], np.packbits(visible, axis=1)[row]


def _cast(mesh: Mesh, cutout: Cutout | None, cast: HitArray, directions: Float32Array) -> HitArray:
    """(N, D) what each chosen vertex sees along each direction: a triangle, _ESCAPED, or _BEHIND its surface."""
    blockers = _Blockers(mesh, cutout)
    normals = mesh.normals[cast]
    origins = mesh.vertices[cast] + normals * np.float32(8e-4)
    hits = np.full((len(cast), len(directions)), _BEHIND, np.int32)
    for d, direction in enumerate(directions):
        facing = np.flatnonzero(normals @ direction > 0.0)
        starts = np.ascontiguousarray(origins[facing] + direction * np.float32(5e-4))
        hits[facing, d] = blockers.first_hit(starts, direction, (cast[facing] + 37 * d) * GOLDEN % 1.0)
    return hits


class _Blockers:
    """The triangles that cast shadows, in embree's scene."""

    def __init__(self, mesh: Mesh, cutout: Cutout | None) -> None:
        self._kept = np.flatnonzero(mesh.parts != Part.LENS).astype(np.int32)
        self._corners = mesh.triangles[self._kept]
        self._cut = None if cutout is None or not cutout.cut.any() else cutout
        self._scene = rtcore_scene.EmbreeScene()
        # The mesh registers itself with the scene; the object itself is not needed again.
        TriangleMesh(self._scene, np.ascontiguousarray(mesh.vertices), np.ascontiguousarray(self._corners))

    def first_hit(self, starts: Float32Array, direction: Float32Array, thresholds: AnyFloatArray) -> HitArray:
        """(N,) triangle that each ray meets first, −1 where it leaves; holes let pass what their threshold says."""
        rays = np.ascontiguousarray(np.broadcast_to(direction, starts.shape))
        if self._cut is None:
            hit = self._scene.run(starts, rays)
            return np.where(hit >= 0, self._kept[hit], np.int32(-1)).astype(np.int32)
        result = np.full(len(starts), -1, np.int32)
        alive = np.arange(len(starts))
        for _ in range(MOST_LAYERS):
            if len(alive) == 0:
                return result
            found = self._scene.run(starts[alive], rays[alive], output=1)
            met = np.flatnonzero(found["primID"] >= 0)
            alive, triangle = alive[met], found["primID"][met]
            result[alive] = self._kept[triangle]
            passes = self._passes(triangle, found["u"][met], found["v"][met], thresholds[alive])
            further = found["tfar"][met][passes] + np.float32(1e-4)
            alive = alive[passes]
            starts[alive] += further[:, None] * direction
            result[alive] = -1
            thresholds[alive] = (thresholds[alive] + GOLDEN) % 1.0
        return result

    def _passes(
        self, triangle: HitArray, u: Float32Array, v: Float32Array, thresholds: AnyFloatArray
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """(N,) whether a ray goes through a hole: where the texture covers less than the ray's threshold."""
        if self._cut is None:
            return np.zeros(len(triangle), bool)
        corners = self._cut.uv[self._corners[triangle]]
        place = corners[:, 0] * (1 - u - v)[:, None] + corners[:, 1] * u[:, None] + corners[:, 2] * v[:, None]
        height, width = self._cut.alpha.shape
        column, row = np.floor(place * np.array([width, height])).astype(int).T
        cover = self._cut.alpha[row % height, column % width]
        result: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = self._cut.cut[self._kept[triangle]] & (
            cover <= 255.0 * thresholds
        )
        return result


def _bounce(
    normals: Float32Array,
    of_triangle: Float32Array,
    hits: HitArray,
    directions: Float32Array,
    weight: np.float32,
) -> Float32Array:
    """(N, 9) light that arrives over the surfaces that the blocked rays met, from the triangles' own (T, 9)."""
    total = np.zeros((len(normals), of_triangle.shape[1]), np.float32)
    for d, direction in enumerate(directions):
        blocked = np.flatnonzero(hits[:, d] >= 0)
        cosine = normals[blocked] @ direction
        total[blocked] += (weight * BOUNCE_ALBEDO * cosine)[:, None] * of_triangle[hits[blocked, d]]
    return total
