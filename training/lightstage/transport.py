"""Ray-cast visibility and diffuse light transport at mesh vertices.

Every vertex looks along the same fixed directions, spread evenly over the sphere. The visibility bits are kept: they
give hard shadows of lamps that stand in one of those directions.
"""

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh

from ...runtime.arrays import Float32Array
from ...runtime.light.harmonics import basis, lambert_transport
from .head_mesh import Mesh

DIRECTIONS = 128
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


def vertex_transport(mesh: Mesh) -> tuple[Float32Array, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    """Transport with self-shadowing and one bounce, and the visibility it came from.

    T_k = (1/π) ∫ Y_k(ω) V(ω) max(n·ω, 0) dω. What is integrated numerically is only the occluded part; the unshadowed
    part is the closed form A_l/π · Y_k(n), so open surfaces carry no sampling noise.

    Returns:
        transport (V, 9) float32 and visibility (V, DIRECTIONS/8) packed bits, both in the mesh's axes.
    """
    directions = sphere_directions()
    harmonics = basis(directions)
    weight = np.float32(4.0 * np.pi / len(directions) / np.pi)
    scene = rtcore_scene.EmbreeScene()
    # The mesh registers itself with the scene; the object itself is not needed again.
    TriangleMesh(scene, np.ascontiguousarray(mesh.vertices), np.ascontiguousarray(mesh.triangles))
    origins = mesh.vertices + mesh.normals * np.float32(8e-4)
    count = len(mesh.vertices)
    occluded = np.zeros((count, 9), np.float32)
    hits = np.full((count, len(directions)), -1, np.int32)
    visible = np.zeros((count, len(directions)), bool)
    for d, direction in enumerate(directions):
        cosine = mesh.normals @ direction
        facing = np.flatnonzero(cosine > 0.0)
        starts = np.ascontiguousarray(origins[facing] + direction * np.float32(5e-4))
        rays = np.ascontiguousarray(np.broadcast_to(direction, starts.shape))
        hit = scene.run(starts, rays)
        hits[facing, d] = hit
        visible[facing, d] = hit < 0
        blocked = facing[hit >= 0]
        occluded[blocked] += (weight * cosine[blocked])[:, None] * harmonics[d]
    direct = lambert_transport(mesh.normals) - occluded
    return direct + _bounce(mesh, direct, hits, directions, weight), np.packbits(visible, axis=1)


def _bounce(
    mesh: Mesh,
    direct: Float32Array,
    hits: np.ndarray[tuple[int, ...], np.dtype[np.int32]],
    directions: Float32Array,
    weight: np.float32,
) -> Float32Array:
    """(V, 9) light that arrives over the surfaces that the blocked rays met."""
    of_triangle = direct[mesh.triangles].mean(axis=1)
    total = np.zeros_like(direct)
    for d, direction in enumerate(directions):
        blocked = np.flatnonzero(hits[:, d] >= 0)
        cosine = mesh.normals[blocked] @ direction
        total[blocked] += (weight * BOUNCE_ALBEDO * cosine)[:, None] * of_triangle[hits[blocked, d]]
    return total
