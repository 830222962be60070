"""People with the shapes of geometry: known distances, known transport."""

import numpy as np

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.light.harmonics import lambert_transport
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.person import Person

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]


def grid_triangles(rows: int, columns: int) -> IntArray:
    """Triangles of a sheet of rows × columns vertices whose columns wrap around."""
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns), indexing="ij")
    a, b = row * columns + column, row * columns + (column + 1) % columns
    c, d = a + columns, b + columns
    return np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)]).astype(
        np.int32
    )


def swept(profile: Float32Array, columns: int = 96) -> tuple[Float32Array, IntArray]:
    """The surface of revolution of (rows, 2) radii and heights around the y axis, from the top down."""
    angle = np.arange(columns) / columns * 2.0 * np.pi
    radius, height = profile[:, :1], profile[:, 1:]
    vertices = np.stack(
        [radius * np.cos(angle), np.broadcast_to(height, (len(profile), columns)), -radius * np.sin(angle)], axis=-1
    )
    triangles = grid_triangles(len(profile), columns)
    # All corners at a pole are one.
    poles = np.flatnonzero(profile[:, 0] < 1e-6)
    row = triangles // columns
    triangles = np.where(np.isin(row, poles), row * columns, triangles).astype(np.int32)
    flat = vertices.reshape(-1, 3).astype(np.float32)
    edges = flat[triangles] - flat[np.roll(triangles, 1, axis=1)]
    return flat, triangles[np.linalg.norm(edges, axis=2).min(axis=1) > 1e-7]


def sphere(radius: float, until: float = np.pi, rows: int = 97) -> tuple[Float32Array, IntArray]:
    """A sphere, or the cap of it down to a polar angle."""
    polar = np.linspace(0.0, until, rows)
    return swept(np.stack([radius * np.sin(polar), radius * np.cos(polar)], axis=1))


def capsule(radius: float, half_length: float) -> tuple[Float32Array, IntArray]:
    """A capsule along y."""
    polar = np.linspace(0.0, np.pi, 98)
    shift = np.where(np.arange(98) < 49, half_length, -half_length)
    return swept(np.stack([radius * np.sin(polar), radius * np.cos(polar) + shift], axis=1))


def person_of(
    vertices: Float32Array, triangles: IntArray, part: Part = Part.BODY, normals: Float32Array | None = None
) -> Person:
    """A person of one part whose surface is lit as if it stood open."""
    outward = vertices / np.maximum(np.linalg.norm(vertices, axis=1, keepdims=True), 1e-9)
    normals = outward.astype(np.float32) if normals is None else normals
    count = len(vertices)
    return Person(
        vertices=vertices.astype(np.float32),
        normals=normals,
        rest=np.c_[vertices * 100.0, np.full(count, -9.0 if part == Part.SKIN else 0.0)].astype(np.float32),
        transport=lambert_transport(normals).astype(np.float32),
        visibility=np.full((count, 16), 255, np.uint8),
        triangles=triangles,
        parts=np.full(len(triangles), part, np.uint8),
        neckline=0,
        uv=np.zeros((count, 2), np.float32),
        atlas="",
        landmarks=np.zeros((68, 3), np.float32),
        triangle_texture=np.zeros(len(triangles), np.uint8),
    )
