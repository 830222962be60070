"""A person's materials as one texture in which every triangle has a block of texels to itself.

Another renderer then needs nothing of our materials: it looks colours up, on visible and on hidden surfaces alike, so
that light that bounces has the right colour too. A block holds the triangle's barycentric square, of which one half is
the triangle; the texels beyond the diagonal repeat the points on it.
"""

from dataclasses import dataclass

import numpy as np

from ....runtime.arrays import Float32Array
from ..appearance import Appearance
from ..avatars.atlas import Atlas
from ..person import Person
from ..volume.surface_material import surface_material

TEXEL_METRES = 0.001
"""Finer than a pixel of a 256² crop, which is 2 mm of a head."""
BLOCK_SIZES = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
WIDTH = 4096
_CHUNK = 1 << 20

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


@dataclass(frozen=True)
class BakedSurface:
    """Materials of one person under one appearance.

    Attributes:
        uv: (T, 3, 2) float32 texture coordinates of each triangle's corners; v = 0 is the last row.
        colour: (H, W, 4) float32 linear albedo and alpha.
        gloss: (H, W, 3) float32: roughness, F0, and 1 where the triangle is textured.
    """

    uv: Float32Array
    colour: Float32Array
    gloss: Float32Array


def block_sizes(person: Person, texel: float = TEXEL_METRES) -> IntArray:
    """(T,) texels along the sides of each triangle's block: its longest edge, rounded up to one of BLOCK_SIZES."""
    corners = person.vertices[person.triangles]
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    sizes: IntArray = np.asarray(BLOCK_SIZES, np.int64)[
        np.minimum(np.searchsorted(BLOCK_SIZES, edges / texel), len(BLOCK_SIZES) - 1)
    ]
    return sizes


def placed_blocks(sizes: IntArray, width: int = WIDTH) -> tuple[IntArray, int]:
    """Lay blocks out in rows of equal size.

    Returns:
        (T, 2) first row and column of each block, and the height of the texture.
    """
    places = np.zeros((len(sizes), 2), np.int64)
    top = 0
    for size in np.unique(sizes)[::-1]:
        members = np.flatnonzero(sizes == size)
        across = width // int(size)
        order = np.arange(len(members))
        places[members, 0] = top + order // across * size
        places[members, 1] = order % across * size
        top += -(-len(members) // across) * int(size)
    return places, top


def block_weights(size: int) -> Float32Array:
    """(size², 2) barycentric weights of the second and third corner at the texels of a block, row by row."""
    centre = (np.arange(size) + 0.5) / size
    second, third = np.broadcast_to(centre, (size, size)), np.broadcast_to(centre[:, None], (size, size))
    beyond = np.maximum(second + third, 1.0)
    weights: Float32Array = np.stack([second / beyond, third / beyond], axis=-1).reshape(-1, 2).astype(np.float32)
    return weights


def bake_surface(
    person: Person, appearance: Appearance, masks: Float32Array, atlas: Atlas | None = None, texel: float = TEXEL_METRES
) -> BakedSurface:
    """Evaluate a person's materials all over the surface.

    Args:
        person: the person.
        appearance: colours.
        masks: `skin.facial_masks`.
        atlas: of a textured person.
        texel: size of a texel, metres.
    """
    sizes = block_sizes(person, texel)
    places, height = placed_blocks(sizes)
    texture = np.zeros((height, WIDTH, 6), np.float32)
    for size in np.unique(sizes):
        weights = block_weights(int(size))
        members = np.flatnonzero(sizes == size)
        for some in np.array_split(members, -(-len(members) * len(weights) // _CHUNK)):
            values = _evaluated(person, some, weights, appearance, masks, atlas)
            rows = places[some, 0][:, None] + np.arange(size * size) // size
            columns = places[some, 1][:, None] + np.arange(size * size) % size
            texture[rows, columns] = values
    gloss = np.zeros((height, WIDTH, 3), np.float32)
    gloss[..., :2] = texture[..., 4:6]
    for size in np.unique(sizes):
        textured = places[(sizes == size) & (person.triangle_texture > 0)]
        within = np.arange(size * size)
        gloss[textured[:, :1] + within // size, textured[:, 1:] + within % size, 2] = 1.0
    return BakedSurface(_corner_uv(sizes, places, height), np.ascontiguousarray(texture[..., :4]), gloss)


def _evaluated(  # noqa: PLR0917 - everything a material depends on
    person: Person,
    some: IntArray,
    weights: Float32Array,
    appearance: Appearance,
    masks: Float32Array,
    atlas: Atlas | None,
) -> Float32Array:
    """(M, n², 6) albedo, alpha, roughness, F0."""
    material = surface_material(
        person,
        np.repeat(some, len(weights)).astype(np.int32),
        np.tile(weights, (len(some), 1)),
        appearance=appearance,
        masks=masks,
        atlas=atlas,
    )
    values = np.column_stack([material.albedo, material.alpha, material.roughness, material.specular])
    shaped: Float32Array = values.reshape(len(some), len(weights), 6).astype(np.float32)
    return shaped


def _corner_uv(sizes: IntArray, places: IntArray, height: int) -> Float32Array:
    """(T, 3, 2) corners a hundredth of a texel inside their blocks, so that no lookup falls into a neighbour."""
    inset = 0.01
    low = places + inset
    high = places + sizes[:, None] - inset
    rows = np.stack([low[:, 0], low[:, 0], high[:, 0]], axis=1)
    columns = np.stack([low[:, 1], high[:, 1], low[:, 1]], axis=1)
    uv: Float32Array = np.stack([columns / WIDTH, 1.0 - rows / height], axis=-1).astype(np.float32)
    return uv
