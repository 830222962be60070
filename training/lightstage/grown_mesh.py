"""A mesh on which hair has grown: strands of ribbons over a common body, lit at a few points along each."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import Float32Array
from .head_mesh import Mesh, merged
from .parts import Part
from .strands import IntegerArray, Strands, lifted, nearest_vertices, ribbon_mesh, unit

IndexArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]


@dataclass(frozen=True)
class Growth:
    """Strands and what casts their common shadow.

    Attributes:
        strands: the strands, or None.
        part: their material.
        body: their common body, or None for hair too thin to have one.
    """

    strands: Strands | None
    part: Part
    body: Mesh | None


@dataclass(frozen=True)
class GrownMesh:
    """A mesh with hair on it.

    Attributes:
        mesh: the mesh.
        sources: (V,) the vertex whose light each vertex shares, itself for most.
        fourth: (V,) the fourth rest coordinate.
    """

    mesh: Mesh
    sources: IndexArray
    fourth: Float32Array


def bare(pieces: list[Mesh], fourth: Float32Array) -> GrownMesh:
    """The pieces as one mesh, on which nothing has grown yet; `fourth` is that of the first ones, else 0."""
    mesh = merged(pieces)
    whole = np.zeros(len(mesh.vertices), np.float32)
    whole[: len(fourth)] = fourth
    return GrownMesh(mesh, np.arange(len(mesh.vertices), dtype=np.int32), whole)


def with_ribbons(grown: GrownMesh, growth: Growth) -> GrownMesh:
    """Add ribbons that lie along their body or the skin; each is lit at three points along it."""
    if growth.strands is None:
        return grown
    candidates = np.unique(grown.mesh.triangles[np.isin(grown.mesh.parts, (Part.SKIN, Part.SCALP))])
    if growth.body is not None:
        body = np.unique(grown.mesh.triangles[grown.mesh.parts == growth.part])
        candidates = np.concatenate([candidates, _outer(grown.mesh, body)])
    vertices = grown.mesh.vertices[candidates]
    strands = growth.strands
    nearest = nearest_vertices(strands.paths, vertices)
    outward = grown.mesh.normals[candidates][nearest].astype(np.float64)
    if growth.body is not None:
        strands = lifted(strands, vertices[nearest], outward)
    count, steps = strands.paths.shape[:2]
    tip = np.tile(np.repeat(np.linspace(0.0, 1.0, steps), 2), count).astype(np.float32)
    return GrownMesh(
        merged([grown.mesh, ribbon_mesh(strands, outward, growth.part)]),
        np.concatenate([grown.sources, len(grown.mesh.vertices) + _lit_points(count, steps)]),
        np.concatenate([grown.fourth, tip]),
    )


def _outer(mesh: Mesh, candidates: IntegerArray) -> IntegerArray:
    """Those vertices of a body of hair that do not look at the head: strands lie on its outside."""
    points = mesh.vertices[candidates]
    axis = np.stack([0 * points[:, 0], np.clip(points[:, 1], -0.25, 0.055), np.full(len(points), -0.015)], axis=1)
    outward = np.einsum("ij,ij->i", mesh.normals[candidates], unit(points - axis))
    kept = candidates[outward > -0.05]
    return kept if len(kept) else candidates


def _lit_points(strands: int, steps: int) -> IndexArray:
    """(strands · steps · 2,) which vertex of its ribbon shares its light with each."""
    points = np.unique(np.linspace(0, steps - 1, 7).astype(int)[1::2])
    nearest = points[np.abs(np.arange(steps)[:, None] - points).argmin(axis=1)]
    return (np.repeat(np.arange(strands)[:, None] * steps + nearest, 2) * 2).astype(np.int32)
