"""A person that is a ball, or several: shapes whose light is known in closed form."""

import numpy as np

from chiaro.training.lightstage.head_mesh import Mesh
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.person import Person
from chiaro.training.lightstage.transport import vertex_transport

RADIUS = 0.1


def ball_mesh(centre: tuple[float, float, float], radius: float, part: Part = Part.BODY, rows: int = 40) -> Mesh:
    """A ball with poles along y; `rest` is such that BODY is bare skin."""
    polar = np.linspace(1e-3, np.pi - 1e-3, rows)
    azimuth = np.linspace(0.0, 2 * np.pi, 2 * rows, endpoint=False)
    p, a = np.meshgrid(polar, azimuth, indexing="ij")
    normals = np.stack([np.sin(p) * np.cos(a), np.cos(p), np.sin(p) * np.sin(a)], -1).reshape(-1, 3).astype(np.float32)
    index = np.arange(rows * 2 * rows).reshape(rows, 2 * rows)
    following = np.roll(index, -1, axis=1)
    one = np.stack([index[:-1], following[:-1], index[1:]], -1).reshape(-1, 3)
    two = np.stack([following[:-1], following[1:], index[1:]], -1).reshape(-1, 3)
    triangles = np.concatenate([one, two]).astype(np.int32)
    vertices = (np.asarray(centre) + radius * normals).astype(np.float32)
    rest = np.zeros_like(vertices)
    rest[:, 2] = -1.0
    return Mesh(vertices, normals, rest, triangles, np.full(len(triangles), part, np.uint8))


def person_of(mesh: Mesh, triangle_texture: np.ndarray | None = None, uv: np.ndarray | None = None) -> Person:  # type: ignore[type-arg]  # any numbers
    """A person with ray-cast transport."""
    transport, visibility = vertex_transport(mesh)
    count = len(mesh.vertices)
    return Person(
        vertices=mesh.vertices,
        normals=mesh.normals,
        rest=np.c_[mesh.rest, np.zeros(count)].astype(np.float32),
        transport=transport.astype(np.float32),
        visibility=visibility,
        triangles=mesh.triangles,
        parts=mesh.parts,
        neckline=0,
        uv=np.zeros((count, 2), np.float32) if uv is None else uv,
        atlas="",
        landmarks=np.zeros((68, 3), np.float32),
        triangle_texture=np.zeros(len(mesh.triangles), np.uint8) if triangle_texture is None else triangle_texture,
    )
