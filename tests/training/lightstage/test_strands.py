"""Strands as paths, ribbons and bodies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.training.lightstage.head_mesh import Mesh
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.strands import (
    Strands,
    curled,
    gathered,
    hair_body,
    lifted,
    ribbon_mesh,
    scattered_roots,
)


def _plane(part: Part = Part.SKIN) -> Mesh:
    """Two squares of one metre, side by side along x, looking up."""
    x, z = np.meshgrid([0.0, 1.0, 2.0], [0.0, 1.0], indexing="ij")
    vertices = np.stack([x, 0 * x, z], axis=-1).reshape(-1, 3).astype(np.float32)
    triangles = np.array([[0, 1, 2], [1, 3, 2], [2, 3, 4], [3, 5, 4]], np.int32)
    normals = np.tile(np.array([[0.0, 1.0, 0.0]], np.float32), (6, 1))
    return Mesh(vertices, normals, vertices * 100, triangles, np.full(4, part, np.uint8))


def _straight(count: int = 60, steps: int = 9) -> np.ndarray:  # type: ignore[type-arg]  # (count, steps, 3)
    random = np.random.default_rng(3)
    roots = random.uniform(-0.03, 0.03, (count, 3)) * [1.0, 0.0, 1.0]
    return roots[:, None] + np.linspace(0, 0.1, steps)[None, :, None] * np.array([0.0, -1.0, 0.0])


def test_roots_lie_on_skin_as_dense_as_asked() -> None:
    plane = _plane()
    density = np.where(plane.vertices[:, 0] > 1.5, 1.0, 0.0)
    roots = scattered_roots(plane, density, 4000, np.random.default_rng(1))
    np.testing.assert_allclose(roots.position[:, 1], 0.0, atol=1e-7)
    np.testing.assert_allclose(roots.rest, roots.position * 100.0, atol=1e-3)
    assert roots.position[:, 0].min() >= 1.0
    even = scattered_roots(plane, np.ones(6), 4000, np.random.default_rng(1))
    assert even.position[:, 0].mean() == pytest.approx(1.0, abs=0.05)


def test_nothing_grows_where_nothing_may() -> None:
    assert len(scattered_roots(_plane(), np.zeros(6), 50, np.random.default_rng(0)).position) == 0


@settings(max_examples=10, deadline=None)
@given(st.floats(0.0, 1.0))
def test_gathering_draws_tips_and_leaves_roots(pull: float) -> None:
    paths = _straight()
    drawn, lock = gathered(paths, 5, pull, np.random.default_rng(2))
    np.testing.assert_allclose(drawn[:, 0], paths[:, 0])
    assert len(np.unique(lock)) <= 5
    for name in np.unique(lock):
        before, after = paths[lock == name, -1], drawn[lock == name, -1]
        np.testing.assert_allclose(np.ptp(after, axis=0), (1.0 - pull) * np.ptp(before, axis=0), atol=1e-9)


def test_a_curl_winds_at_its_radius_and_pitch() -> None:
    paths = _straight(20, 81)
    wound = curled(paths, 0.004, 0.025, np.zeros(20), np.ones(20))
    offset = np.linalg.norm((wound - paths)[:, 20:], axis=2)
    np.testing.assert_allclose(offset, 0.004, rtol=1e-6)
    # Ten centimetres hold four turns: the offset along any axis changes sign eight times.
    turns = (np.diff(np.sign((wound - paths)[:, 1:, 0]), axis=1) != 0).sum(axis=1)
    assert np.abs(turns - 8).max() <= 1


def test_ribbons_are_as_wide_as_their_strands_and_taper() -> None:
    paths = _straight(4, 6)
    strands = Strands(paths, np.full(4, 0.002), np.linspace(-1, 1, 4), np.arange(4.0))
    mesh = ribbon_mesh(strands, np.broadcast_to([0.0, 0.0, 1.0], paths.shape), Part.HAIR, taper=0.5)
    edges = mesh.vertices.reshape(4, 6, 2, 3)
    width = np.linalg.norm(edges[:, :, 1] - edges[:, :, 0], axis=-1)
    np.testing.assert_allclose(width[:, 0], 0.004, rtol=1e-4)
    np.testing.assert_allclose(width[:, -1], 0.002, rtol=1e-4)
    rest = mesh.rest.reshape(4, 6, 2, 3)
    np.testing.assert_allclose(rest[:, -1, 0, 1], 10.0, rtol=1e-4)
    np.testing.assert_allclose(rest[:, 2, 1, 2], np.arange(4.0))
    assert (mesh.normals[:, 2] > 0.9).all()


def test_the_body_of_hair_holds_its_strands_together() -> None:
    paths = _straight(900, 9)
    strands = Strands(paths, np.full(900, 0.001), np.zeros(900), np.zeros(900))
    body = hair_body(strands, Part.HAIR, 0.006)
    assert body is not None
    low, high = body.vertices.min(axis=0), body.vertices.max(axis=0)
    np.testing.assert_allclose(low, [-0.03, -0.1, -0.03], atol=0.012)
    np.testing.assert_allclose(high, [0.03, 0.0, 0.03], atol=0.012)
    centre = np.array([0.0, -0.05, 0.0])
    assert ((body.vertices - centre) * body.normals).sum(axis=1).mean() > 0.0


def test_no_strands_have_no_body() -> None:
    none = Strands(np.zeros((0, 5, 3)), np.zeros(0), np.zeros(0), np.zeros(0))
    assert hair_body(none, Part.HAIR, 0.006) is None


def test_strands_just_under_a_surface_rise_above_it_and_their_roots_stay() -> None:
    paths = _straight(30, 9)
    outward = np.broadcast_to([1.0, 0.0, 0.0], paths.shape)
    strands = Strands(paths, np.full(30, 0.001), np.zeros(30), np.linspace(-2, 2, 30))
    risen = lifted(strands, paths + 0.003 * outward, outward)
    np.testing.assert_allclose(risen.paths[:, 0], paths[:, 0])
    assert ((risen.paths - paths)[:, 3:, 0] > 0.003).all()
    deep = lifted(strands, paths + 0.02 * outward, outward)
    np.testing.assert_allclose(deep.paths, paths)
