"""Normals of strands are means over all that a pixel shows."""

import numpy as np

from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.strand_normals import average_strand_normals
from chiaro.training.lightstage.surface_samples import MeshArrays

SIZE = 4
FIRST, SECOND, SKIN = (0.6, 0.0, 0.8), (0.0, -0.8, 0.6), (0.0, 0.0, 1.0)


def _mesh() -> MeshArrays:
    """Three triangles, each of which fills the picture, a metre before the camera: two strands and skin."""
    corners = np.array([[-9.0, -9.0, -1.0], [27.0, -9.0, -1.0], [-9.0, 27.0, -1.0]], np.float32)
    vertices = np.tile(corners, (3, 1))
    screen = np.c_[(vertices[:, :2] + 9.0) * 2.0 - 18.0, np.ones(9)].astype(np.float32)
    return MeshArrays(
        screen=screen,
        vertices=vertices,
        normals=np.repeat(np.array([FIRST, SECOND, SKIN], np.float32), 3, axis=0),
        rest=np.zeros((9, 4), np.float32),
        uv=np.zeros((9, 2), np.float32),
        tangents=np.zeros((9, 4), np.float32),
        triangles=np.arange(9, dtype=np.int32).reshape(3, 3),
        parts=np.array([Part.HAIR, Part.BEARD, Part.SKIN], np.uint8),
        triangle_texture=np.zeros(3, np.uint8),
        neckline=0,
        eye_axes=np.zeros((2, 3, 3), np.float32),
        camera=np.zeros(3, np.float32),
    )


def test_the_mean_is_taken_over_all_covered_sub_samples() -> None:
    seen = np.random.default_rng(4).integers(-1, 3, (3 * SIZE, 3 * SIZE)).astype(np.int32)
    before = np.full((SIZE, SIZE, 3), 7.0, np.float32)
    normal = before.copy()
    average_strand_normals(seen, _mesh(), normal)
    blocks = seen.reshape(SIZE, 3, SIZE, 3).transpose(0, 2, 1, 3).reshape(SIZE, SIZE, 9)
    counts = np.stack([(blocks == t).sum(axis=-1) for t in range(3)], axis=-1)
    expected = counts @ np.array([FIRST, SECOND, SKIN])
    expected /= np.linalg.norm(expected, axis=-1, keepdims=True)
    np.testing.assert_allclose(normal, expected, atol=1e-5)


def test_pixels_without_strands_stay_as_they_are() -> None:
    seen = np.full((3 * SIZE, 3 * SIZE), 2, np.int32)
    seen[:3, :3] = -1
    normal = np.full((SIZE, SIZE, 3), 7.0, np.float32)
    average_strand_normals(seen, _mesh(), normal)
    assert (normal == 7.0).all()


def test_a_strand_seen_from_behind_counts_with_its_other_side() -> None:
    mesh = _mesh()
    turned = mesh._replace(normals=-mesh.normals)
    seen = np.zeros((3 * SIZE, 3 * SIZE), np.int32)
    normal = np.zeros((SIZE, SIZE, 3), np.float32)
    average_strand_normals(seen, turned, normal)
    np.testing.assert_allclose(normal[1, 2], FIRST, atol=1e-5)
