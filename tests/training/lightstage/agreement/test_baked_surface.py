"""Blocks of texels: none overlaps another, and each holds its triangle's own material."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.training.lightstage.volume.shapes import person_of, sphere

from chiaro.training.lightstage.agreement.baked_surface import (
    BLOCK_SIZES,
    WIDTH,
    bake_surface,
    block_sizes,
    block_weights,
    placed_blocks,
)
from chiaro.training.lightstage.appearance import random_appearance
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.volume.surface_material import surface_material

MASKS = np.zeros((8, 4, 4), np.float32)


@given(st.lists(st.sampled_from(BLOCK_SIZES), min_size=1, max_size=200))
def test_blocks_do_not_overlap(sizes: list[int]) -> None:
    places, height = placed_blocks(np.array(sizes), width=256)
    used = np.zeros((height, 256), int)
    for size, (row, column) in zip(sizes, places, strict=True):
        assert column + size <= 256
        used[row : row + size, column : column + size] += 1
    assert used.max() == 1
    assert used.sum() == sum(size * size for size in sizes)


def test_weights_of_a_block_cover_the_triangle_and_repeat_its_far_edge() -> None:
    weights = block_weights(8).reshape(8, 8, 2)
    np.testing.assert_allclose(weights[0, 0], [1 / 16, 1 / 16])
    np.testing.assert_allclose(weights[2, 3], [3.5 / 8, 2.5 / 8])
    np.testing.assert_allclose(weights[7, 7].sum(), 1.0)
    assert weights.min() >= 0.0
    assert weights.sum(axis=2).max() <= 1.0 + 1e-6


def test_large_triangles_get_large_blocks() -> None:
    vertices, triangles = sphere(0.1, rows=13)
    person = person_of(vertices, triangles)
    corners = vertices[triangles]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    sizes = block_sizes(person, texel=0.002)
    assert (sizes * 0.002 >= longest - 1e-6).all()
    assert (sizes * 0.002 < longest * 2.0 + 0.004).all()


def test_a_lookup_at_a_corner_finds_the_material_of_that_corner() -> None:
    vertices, triangles = sphere(0.1, rows=25)
    person = person_of(vertices, triangles, Part.HAIR)
    # Rest coordinates that differ strongly from triangle to triangle: a wrong block would be seen.
    person = replace(person, rest=(person.rest * np.float32(3.0)))
    appearance = random_appearance(np.random.default_rng(3))
    surface = bake_surface(person, appearance, MASKS, texel=0.0005)
    height = surface.colour.shape[0]
    middle = surface.uv.mean(axis=1)
    row = np.floor((1.0 - middle[:, 1]) * height).astype(int)
    column = np.floor(middle[:, 0] * WIDTH).astype(int)
    everyone = np.arange(len(triangles), dtype=np.int32)
    third = np.full((len(triangles), 2), 1.0 / 3.0, np.float32)
    truth = surface_material(person, everyone, third, appearance=appearance, masks=MASKS)
    difference = np.abs(surface.colour[row, column, :3] - truth.albedo)
    assert np.quantile(difference, 0.98) < 0.06 * truth.albedo.max()
    assert np.ptp(truth.albedo, axis=0).max() > 0.3 * truth.albedo.max(), "or the test could not fail"
    np.testing.assert_allclose(surface.colour[row, column, 3], 1.0)
    np.testing.assert_allclose(surface.gloss[row, column, 0], truth.roughness, atol=1e-3)
    inside = (surface.uv > 0.0) & (surface.uv < 1.0)
    assert inside.all()
