"""A person as opaque triangles: cards cut out along their alpha, strands and clear lenses left out, the body closed."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ....runtime.arrays import Float32Array
from ...assets import AssetError
from ..avatars.atlas import Atlas
from ..parts import Part
from ..person import Person

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]

CUTOUT = 2
"""Value of `Person.triangle_texture` for triangles whose texture has alpha."""
CARD_EDGE_METRES = 0.004
"""Cards are cut into triangles of about this size, which are kept or dropped whole."""
MOST_CUTS = 64
STRAND_PARTS = (Part.HAIR, Part.BROW, Part.BEARD, Part.LASH)
STRAND_AREA = 6e-4
"""Square metres below which a loose piece of these parts is a strand. Mattes know strands, signed distances do not: a
network could only learn pimples from them."""
CUT_HEIGHT = -0.15
"""Metres, head frame: what ends above is no bust."""
_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], np.float32)


@dataclass(frozen=True)
class SolidMesh:
    """Opaque triangles, each a part of one of the person's.

    Attributes:
        vertices: (V, 3) metres, head frame.
        triangles: (T, 3) int32.
        source: (T,) int32 index of the person's triangle, −1 for what closes the body.
        corner_weights: (T, 3, 2) weights of the source's second and third corner at each corner.
    """

    vertices: Float32Array
    triangles: IntArray
    source: IntArray
    corner_weights: Float32Array


def solid_mesh(person: Person, atlas: Atlas | None = None) -> SolidMesh:
    """The opaque surface of a person.

    Raises:
        AssetError: when the person has cards and no atlas is given.
    """
    drawn = (person.parts != Part.LENS) & ~strands(person)
    opaque = np.flatnonzero(drawn & (person.triangle_texture != CUTOUT)).astype(np.int32)
    weights = np.broadcast_to(_CORNERS, (len(opaque), 3, 2))
    plain = SolidMesh(person.vertices, person.triangles[opaque], opaque, weights)
    pieces = [plain, body_cap(person.vertices, plain.triangles)]
    cards = np.flatnonzero(drawn & (person.triangle_texture == CUTOUT)).astype(np.int32)
    if len(cards):
        if atlas is None:
            raise AssetError(
                f"The person wears the textures of {person.atlas!r}, but no atlas was given; load it with `load_atlas`."
            )
        pieces.append(cut_cards(person, cards, atlas))
    return _joined(pieces)


def strands(person: Person) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(T,) triangles of small loose pieces of hair, brows, beard and lashes."""
    found = np.zeros(len(person.triangles), bool)
    loose = np.flatnonzero(np.isin(person.parts, STRAND_PARTS))
    if len(loose) == 0:
        return found
    triangles, count = person.triangles[loose], len(person.vertices)
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]]])
    graph = coo_matrix((np.ones(len(edges), bool), (edges[:, 0], edges[:, 1])), shape=(count, count))
    _, piece_of_vertex = connected_components(graph, directed=False)
    piece = piece_of_vertex[triangles[:, 0]]
    a, b, c = (person.vertices[triangles[:, i]] for i in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    found[loose] = np.bincount(piece, area)[piece] < STRAND_AREA
    return found


def _joined(pieces: list[SolidMesh]) -> SolidMesh:
    offsets = np.cumsum([0, *(len(piece.vertices) for piece in pieces[:-1])])
    triangles = [piece.triangles + offset for piece, offset in zip(pieces, offsets, strict=True)]
    return SolidMesh(
        np.concatenate([piece.vertices for piece in pieces]).astype(np.float32),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate([piece.source for piece in pieces]).astype(np.int32),
        np.concatenate([piece.corner_weights for piece in pieces]).astype(np.float32),
    )


def body_cap(vertices: Float32Array, triangles: IntArray) -> SolidMesh:
    """A fan that closes a bust cut open at its lowest centimetre, so that nothing is seen from below inside."""
    lowest = float(vertices[triangles, 1].min()) if len(triangles) else 0.0
    low = triangles[:0] if lowest > CUT_HEIGHT else triangles[vertices[triangles, 1].min(axis=1) < lowest + 0.02]
    edges = np.sort(np.concatenate([low[:, [0, 1]], low[:, [1, 2]], low[:, [2, 0]]]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True) if len(edges) else (edges, np.zeros(0, int))
    border = unique[(count == 1) & (vertices[unique, 1].max(axis=1) < lowest + 0.01)] if len(unique) else unique
    if len(border) == 0:
        return SolidMesh(
            np.zeros((0, 3), np.float32),
            np.zeros((0, 3), np.int32),
            np.zeros(0, np.int32),
            np.zeros((0, 3, 2), np.float32),
        )
    ring = vertices[border].reshape(-1, 3)
    fan = np.concatenate([ring, ring.mean(axis=0, keepdims=True)])
    index = np.arange(len(border), dtype=np.int32)
    spokes = np.stack([2 * index, 2 * index + 1, np.full_like(index, len(ring))], axis=1)
    return SolidMesh(
        fan.astype(np.float32), spokes, np.full(len(spokes), -1, np.int32), np.zeros((len(spokes), 3, 2), np.float32)
    )


def cut_cards(person: Person, cards: IntArray, atlas: Atlas) -> SolidMesh:
    """Small pieces of the given triangles, those whose middle the texture covers."""
    corners = person.vertices[person.triangles[cards]]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    cuts = np.clip(np.ceil(longest / CARD_EDGE_METRES).astype(int), 1, MOST_CUTS)
    sources, weights = [], []
    for count in np.unique(cuts):
        members, pattern = cards[cuts == count], subdivided(int(count))
        sources.append(np.repeat(members, len(pattern)))
        weights.append(np.tile(pattern, (len(members), 1, 1)))
    source, corner_weights = np.concatenate(sources), np.concatenate(weights)
    middle = corner_weights.mean(axis=1)
    uv = _interpolated(person.uv, person.triangles[source], middle)
    height, width = atlas.colour.shape[:2]
    rows, columns = (np.floor(uv[:, i] * n).astype(int) % n for i, n in ((1, height), (0, width)))
    kept = np.asarray(atlas.colour)[rows, columns, 3] >= 128
    source, corner_weights = source[kept], corner_weights[kept]
    vertices = np.stack(
        [_interpolated(person.vertices, person.triangles[source], corner_weights[:, i]) for i in range(3)], axis=1
    )
    triangles = np.arange(3 * len(source), dtype=np.int32).reshape(-1, 3)
    return SolidMesh(vertices.reshape(-1, 3), triangles, source, corner_weights)


def subdivided(count: int) -> Float32Array:
    """(count², 3, 2) corner weights of a triangle cut into count² alike ones."""
    pieces = []
    for row in range(count):
        for column in range(count - row):
            pieces.append([(column, row), (column + 1, row), (column, row + 1)])
            if column + row < count - 1:
                pieces.append([(column + 1, row), (column + 1, row + 1), (column, row + 1)])
    return np.array(pieces, np.float32) / np.float32(count)


def _interpolated(values: Float32Array, corners: IntArray, weights: Float32Array) -> Float32Array:
    """(N, k) values at (N, 2) weights of (N, 3) corners."""
    first = values[corners[:, 0]]
    second, third = values[corners[:, 1]] - first, values[corners[:, 2]] - first
    result: Float32Array = first + weights[:, :1] * second + weights[:, 1:] * third
    return result
