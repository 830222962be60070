"""Torsos and what they wear, without any assets."""

import numpy as np
import pytest

from chiaro.training.lightstage.body import (
    NECKLINES,
    head_points,
    naked_distance,
    neckline_distance,
    random_torso,
    skin_mesh,
    torso_points,
)
from chiaro.training.lightstage.clothing import clothes
from chiaro.training.lightstage.parts import Part


@pytest.mark.parametrize("seed", range(6))
def test_clothes_lie_on_the_skin_and_end_at_the_neckline(seed: int) -> None:
    random = np.random.default_rng(seed)
    torso = random_torso(random)
    pieces = clothes(torso, random)
    shell = pieces[0]
    local = torso_points(shell.vertices.astype(np.float64), torso)
    assert naked_distance(local, torso).min() > -0.012
    assert (shell.rest[:, 2] > 0.0).all()
    inside = neckline_distance(local, torso)
    assert inside.min() > -0.012
    for piece in pieces:
        assert np.isfinite(piece.vertices).all()
        assert np.abs(piece.vertices).max() < 0.6
        np.testing.assert_allclose(np.linalg.norm(piece.normals, axis=1), 1.0, atol=0.05)
        assert piece.triangles.max() < len(piece.vertices)
        assert set(np.unique(piece.parts)) <= {Part.BODY, Part.FABRIC, Part.PLASTIC, Part.METAL}


def test_skin_is_built_only_where_clothes_leave_it_free() -> None:
    torso = random_torso(np.random.default_rng(2))
    skin = skin_mesh(torso)
    local = torso_points(skin.vertices.astype(np.float64), torso)
    assert neckline_distance(local, torso).max() < 0.025
    assert (skin.rest[:, 2] < 0.0).all()
    np.testing.assert_allclose(naked_distance(local, torso), 0.0, atol=0.004)


def test_torso_points_and_head_points_undo_each_other() -> None:
    torso = random_torso(np.random.default_rng(7))
    points = np.random.default_rng(1).normal(size=(20, 3)) * 0.2
    np.testing.assert_allclose(head_points(torso_points(points, torso), torso), points, atol=1e-12)


def test_every_neckline_is_drawn() -> None:
    drawn = {random_torso(np.random.default_rng(seed)).neckline for seed in range(300)}
    assert drawn == set(NECKLINES)


def test_a_v_shows_more_in_the_middle_than_at_the_side() -> None:
    torso = next(t for t in (random_torso(np.random.default_rng(s)) for s in range(300)) if t.neckline == "v")
    middle, side = np.array([[0.0, -0.05, 0.1]]), np.array([[0.09, -0.05, 0.1]])
    assert neckline_distance(middle, torso)[0] < 0.0 < neckline_distance(side, torso)[0]
