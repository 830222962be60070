"""The shared mesh: names of vertices, seams, normals."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chiaro.training.lightstage.avatars.topology import JOINTS, PARENTS, seam_normals, vertex_keys, welded


@given(st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 6))
def test_a_texture_coordinate_and_a_mesh_name_a_vertex(u: int, v: int, mesh: int) -> None:
    uv = np.array([[u, v], [v, u]]) / 65535.0
    keys = vertex_keys(uv, mesh)
    assert (keys[0] == keys[1]) == (u == v)
    assert keys[0] >> 40 == mesh
    assert keys[0] != vertex_keys(uv, (mesh + 1) % 7)[0]


def test_a_seam_leaves_no_crease() -> None:
    # A roof of two triangles that share an edge, whose vertices exist twice.
    vertices = np.array([[-1, 0, 0], [0, 1, 0], [0, 1, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0]], np.float32)
    triangles = np.array([[0, 2, 1], [3, 4, 5]], np.int32)
    weld = welded(vertices.astype(np.float64), np.zeros(6, np.uint8))
    normals = seam_normals(vertices, triangles, weld)
    np.testing.assert_array_equal(normals[1], normals[3])
    np.testing.assert_allclose(normals[1], [0, 1, 0], atol=1e-6)
    assert abs(normals[0, 0]) > 0.5


def test_places_on_different_meshes_are_not_joined() -> None:
    weld = welded(np.zeros((2, 3)), np.array([0, 1], np.uint8))
    assert weld[0] != weld[1]


def test_parents_come_before_their_joints() -> None:
    assert all(parent < index for index, parent in enumerate(PARENTS))
    assert len(JOINTS) == len(PARENTS)
