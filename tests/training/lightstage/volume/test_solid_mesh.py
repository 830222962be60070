"""What of a person counts as an opaque surface."""

from dataclasses import replace

import numpy as np
import pytest
from tests.training.lightstage.volume.shapes import IntArray, capsule, person_of, sphere, swept

from chiaro.runtime.arrays import Float32Array
from chiaro.training.assets import AssetError
from chiaro.training.lightstage.avatars.atlas import Atlas
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.person import Person
from chiaro.training.lightstage.volume.person_volume import person_grid
from chiaro.training.lightstage.volume.signed_distance import distances_at
from chiaro.training.lightstage.volume.solid_mesh import (
    STRAND_REACH,
    STRAND_WIDTH,
    lying_strands,
    open_edges,
    solid_mesh,
    strands,
    subdivided,
)


def _card(width: float, height: float, at: float) -> tuple[Float32Array, IntArray]:
    vertices = np.array([[0, 0, at], [width, 0, at], [width, height, at], [0, height, at]], np.float32)
    return vertices, np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def _textured(person: Person, alpha: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> tuple[Person, Atlas]:
    uv = (person.vertices[:, :2] / np.abs(person.vertices[:, :2]).max(axis=0)).astype(np.float32)
    colour = np.full((*alpha.shape, 4), 128, np.uint8)
    colour[..., 3] = alpha
    textured = replace(
        person, uv=uv * np.float32(0.999), atlas="card", triangle_texture=np.full(len(person.triangles), 2, np.uint8)
    )
    return textured, Atlas(colour, np.full((*alpha.shape, 3), 128, np.uint8), np.full(alpha.shape, 7, np.uint8))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_pieces_of_a_triangle_are_alike_and_fill_it(count: int) -> None:
    pieces = subdivided(count)
    assert pieces.shape == (count**2, 3, 2)
    edges = pieces[:, 1:] - pieces[:, :1]
    area = np.abs(edges[:, 0, 0] * edges[:, 1, 1] - edges[:, 0, 1] * edges[:, 1, 0])
    np.testing.assert_allclose(area, 1.0 / count**2, rtol=1e-5)
    assert pieces.min() >= 0.0
    assert pieces.sum(axis=2).max() <= 1.0 + 1e-6
    assert len(np.unique(pieces.mean(axis=1).round(4), axis=0)) == count**2


def test_cards_are_cut_out_along_their_alpha() -> None:
    alpha = np.zeros((64, 64), np.uint8)
    alpha[:, :32] = 255
    person, atlas = _textured(person_of(*_card(0.08, 0.08, 0.0)), alpha)
    mesh = solid_mesh(person, atlas)
    middle = mesh.vertices[mesh.triangles].mean(axis=1)
    assert middle[:, 0].max() < 0.0405, "the right half is transparent"
    corners = mesh.vertices[mesh.triangles]
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum()
    np.testing.assert_allclose(area, 0.5 * 0.08**2, rtol=0.08)
    source = person.vertices[person.triangles[mesh.source]]
    weights = mesh.corner_weights
    rebuilt = source[:, :1] + weights[..., :1] * (source[:, 1:2] - source[:, :1])
    rebuilt = rebuilt + weights[..., 1:] * (source[:, 2:] - source[:, :1])
    np.testing.assert_allclose(rebuilt, corners, atol=1e-6)


def test_cards_without_their_atlas_are_refused() -> None:
    person, _ = _textured(person_of(*_card(0.08, 0.08, 0.0)), np.full((4, 4), 255, np.uint8))
    with pytest.raises(AssetError, match=r"The person wears the textures of 'card', but no atlas was given; load it"):
        solid_mesh(person)


def _hair(gap: float) -> Person:
    """A wide lock, and a long narrow strand before it."""
    small, large = _card(0.004, 0.2, 0.1 + gap), _card(0.2, 0.2, 0.1)
    assert 0.004 < STRAND_WIDTH < 0.2
    return person_of(np.concatenate([small[0], large[0]]), np.concatenate([small[1], large[1] + 4]), Part.HAIR)


def test_strands_are_told_from_locks_by_their_width_and_from_other_parts() -> None:
    hair = _hair(0.001)
    np.testing.assert_array_equal(strands(hair), [True, True, False, False])
    assert not strands(replace(hair, parts=np.full(4, Part.GLASSES, np.uint8))).any()


def test_strands_that_lie_on_hair_are_no_surface_and_those_that_hang_free_are() -> None:
    lying, free = _hair(0.25 * STRAND_REACH), _hair(4.0 * STRAND_REACH)
    np.testing.assert_array_equal(lying_strands(lying), [True, True, False, False])
    np.testing.assert_array_equal(lying_strands(free), False)
    assert set(solid_mesh(free).source) == {0, 1, 2, 3}


def test_open_edges_are_those_of_one_triangle() -> None:
    edges = open_edges(np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    assert {tuple(edge) for edge in edges.tolist()} == {(0, 1), (1, 2), (2, 3), (0, 3)}
    assert len(open_edges(np.array([[0, 1, 2], [0, 3, 1], [1, 3, 2], [0, 2, 3]], np.int32))) == 0


def test_clear_lenses_are_no_surface() -> None:
    person = person_of(*sphere(0.1))
    assert len(solid_mesh(replace(person, parts=np.full(len(person.parts), Part.LENS, np.uint8))).source) == 0
    dark = replace(person, parts=np.full(len(person.parts), Part.DARK_LENS, np.uint8))
    assert set(solid_mesh(dark).source) == set(range(len(person.triangles)))


def test_a_body_cut_open_below_is_full_inside() -> None:
    heights = np.linspace(0.2, -0.44, 120)
    radius = 0.1 * np.sqrt(np.clip(1.0 - np.clip((heights - 0.1) / 0.1, 0.0, 1.0) ** 2, 0.0, 1.0))
    person = person_of(*swept(np.stack([radius, heights], axis=1)))
    axis = np.stack([np.zeros(20), np.linspace(-0.30, 0.15, 20), np.zeros(20)], axis=1).astype(np.float32)
    distance, _, _ = distances_at(person_grid(person), axis)
    assert (distance < -0.04).all()
    assert (solid_mesh(person).source < 0).any()
    assert (solid_mesh(person_of(*capsule(0.05, 0.05))).source >= 0).all(), "what is closed gets no lid"
