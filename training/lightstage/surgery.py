"""Cutting meshes, and building them from strips and tubes."""

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array
from .head_mesh import Mesh
from .parts import Part

IndexArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]


def clipped(mesh: Mesh, values: AnyFloatArray) -> Mesh:
    """The part of a mesh where a number given at its vertices (V,) is positive, cut exactly at zero along edges."""
    positive = values > 0.0
    inside = positive[mesh.triangles]
    count = inside.sum(axis=1)
    # Turned so that the corner that differs from the other two comes first.
    odd = np.where(count[:, None] == 1, inside, ~inside).argmax(axis=1)
    turned = np.take_along_axis(mesh.triangles, (odd[:, None] + np.arange(3)) % 3, axis=1)
    crossing = (count == 1) | (count == 2)
    cut, alone = turned[crossing], count[crossing] == 1
    total, corners = len(mesh.vertices), []
    pairs = np.concatenate([cut[:, [0, 1]], cut[:, [0, 2]]])
    low, high = pairs.min(axis=1).astype(np.int64), pairs.max(axis=1).astype(np.int64)
    keys, index = np.unique(low * total + high, return_inverse=True)
    first, second = keys // total, keys % total
    share = (values[first] / (values[first] - values[second]))[:, None].astype(np.float32)
    added = [field[first] * (1 - share) + field[second] * share for field in (mesh.vertices, mesh.normals, mesh.rest)]
    on_first, on_second = total + index[: len(cut)], total + index[len(cut) :]
    corners.append(mesh.triangles[count == 3])
    corners.append(np.stack([cut[:, 0], on_first, on_second], axis=1)[alone])
    corners.append(np.stack([on_first, cut[:, 1], cut[:, 2]], axis=1)[~alone])
    corners.append(np.stack([on_first, cut[:, 2], on_second], axis=1)[~alone])
    kind = mesh.parts[crossing]
    parts = np.concatenate([mesh.parts[count == 3], kind[alone], kind[~alone], kind[~alone]])
    vertices, normals, rest = (
        np.concatenate([old, new]) for old, new in zip((mesh.vertices, mesh.normals, mesh.rest), added, strict=True)
    )
    return compact(Mesh(vertices, normals, rest, np.concatenate(corners).astype(np.int32), parts))


def compact(mesh: Mesh) -> Mesh:
    """The mesh without vertices that no triangle uses."""
    used, flat = np.unique(mesh.triangles, return_inverse=True)
    return Mesh(
        mesh.vertices[used].astype(np.float32),
        mesh.normals[used].astype(np.float32),
        mesh.rest[used].astype(np.float32),
        flat.reshape(mesh.triangles.shape).astype(np.int32),
        mesh.parts,
    )


def border_edges(triangles: IndexArray) -> IndexArray:
    """(E, 2) directed edges that belong to one triangle only."""
    edges = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
    total = int(triangles.max()) + 1 if len(triangles) else 1
    key = edges.min(axis=1) * total + edges.max(axis=1)
    _, index, count = np.unique(key, return_index=True, return_counts=True)
    result: IndexArray = edges[index[count == 1]].astype(np.int32)
    return result


def hem(mesh: Mesh, depth: float, chosen: AnyFloatArray) -> Mesh:
    """The thickness of cloth along a border: a strip from it inwards against the normals.

    Args:
        mesh: the cloth.
        depth: metres.
        chosen: (V,) positive where the border gets a hem.
    """
    edges = border_edges(mesh.triangles)
    edges = edges[(chosen[edges] > 0.0).all(axis=1)]
    corners = mesh.vertices[edges]
    inner = corners - mesh.normals[edges] * depth
    along = corners[:, 1] - corners[:, 0]
    facing = np.cross(along, mesh.normals[edges].mean(axis=1))
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-9)
    vertices = np.concatenate([corners[:, 0], corners[:, 1], inner[:, 0], inner[:, 1]])
    count = len(edges)
    a, b, c, d = (np.arange(count) + k * count for k in range(4))
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)]).astype(np.int32)
    part = mesh.parts[0] if len(mesh.parts) else Part.BODY
    return Mesh(
        vertices.astype(np.float32),
        np.tile(facing, (4, 1)).astype(np.float32),
        np.tile(mesh.rest[edges].transpose(1, 0, 2).reshape(-1, 3), (2, 1)),
        triangles,
        np.full(len(triangles), part, np.uint8),
    )


def sheet(points: AnyFloatArray, rest: AnyFloatArray, part: Part, *, closed: bool = False) -> Mesh:
    """A mesh over a (R, C, 3) grid of points with normals from the grid.

    Args:
        points: metres; with columns to the right and rows downwards seen from outside, normals point outside.
        rest: (R, C, 3) rest coordinates.
        part: material.
        closed: whether the last column joins the first.
    """
    rows, columns = points.shape[:2]
    across = np.roll(points, -1, 1) - np.roll(points, 1, 1) if closed else np.gradient(points, axis=1)
    down = np.gradient(points, axis=0)
    normals = np.cross(down, across)
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-9)
    index = np.arange(rows * columns).reshape(rows, columns)
    if closed:
        index = np.concatenate([index, index[:, :1]], axis=1)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    triangles = np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)])
    return Mesh(
        points.reshape(-1, 3).astype(np.float32),
        normals.reshape(-1, 3).astype(np.float32),
        rest.reshape(-1, 3).astype(np.float32),
        triangles.astype(np.int32),
        np.full(len(triangles), part, np.uint8),
    )


def tube(
    path: AnyFloatArray, radius: AnyFloatArray | float, part: Part, *, closed: bool = False, sides: int = 6
) -> Mesh:
    """A round tube along (N, 3) points; radius a number or (N,); rest is along, around (centimetres), radius.

    The mesh's normals point outwards.
    """
    following = np.roll(path, -1, axis=0) if closed else np.vstack([path[1:], 2 * path[-1:] - path[-2:-1]])
    before = np.roll(path, 1, axis=0) if closed else np.vstack([2 * path[:1] - path[1:2], path[:-1]])
    tangent = following - before
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    across = np.cross(tangent, np.array([0.13, 0.97, 0.2]))
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    over = np.cross(tangent, across)
    angle = 2 * np.pi * np.arange(sides) / sides
    normals = across[:, None] * np.cos(angle)[None, :, None] + over[:, None] * np.sin(angle)[None, :, None]
    size = np.broadcast_to(np.asarray(radius, float), (len(path),))
    vertices = path[:, None] + size[:, None, None] * normals
    count = len(path)
    ring = np.arange(count if closed else count - 1)[:, None]
    here, there = ring * sides, (ring + 1) % count * sides
    k, after = np.arange(sides)[None], (np.arange(sides)[None] + 1) % sides
    quads = np.stack([here + k, there + k, there + after, here + after], axis=-1).reshape(-1, 4)
    triangles = np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]]).astype(np.int32)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))]) * 100.0
    rest = np.stack(
        [
            np.repeat(along[:, None], sides, 1),
            angle[None] * size[:, None] * 100.0,
            np.broadcast_to(size[:, None] * 100.0, (count, sides)),
        ],
        axis=-1,
    )
    return Mesh(
        vertices.reshape(-1, 3).astype(np.float32),
        normals.reshape(-1, 3).astype(np.float32),
        rest.reshape(-1, 3).astype(np.float32),
        triangles,
        np.full(len(triangles), part, np.uint8),
    )


def moved(mesh: Mesh, rotation: AnyFloatArray, offset: AnyFloatArray) -> Mesh:
    """The mesh turned by (3, 3) and shifted by (3,) metres; rest coordinates stay."""
    turn = rotation.astype(np.float32)
    vertices: Float32Array = (mesh.vertices @ turn.T + offset.astype(np.float32)).astype(np.float32)
    return Mesh(vertices, (mesh.normals @ turn.T).astype(np.float32), mesh.rest, mesh.triangles, mesh.parts)
