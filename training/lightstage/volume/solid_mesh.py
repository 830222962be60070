"""A person as opaque triangles: cards cut out along their alpha, strands and clear lenses left out, the body closed."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ....runtime.arrays import Float32Array
from ...assets import AssetError
from ..avatars.atlas import Atlas
from ..parts import Part
from ..person import Person

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]
BooleanArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

CUTOUT = 2
"""Value of `Person.triangle_texture` for triangles whose texture has alpha."""
CARD_EDGE_METRES = 0.004
"""Cards are cut into triangles of about this size, which are kept or dropped whole."""
MOST_CUTS = 64
STRAND_PARTS = (Part.HAIR, Part.BROW, Part.BEARD, Part.LASH)
STRAND_AREA, STRAND_WIDTH = 6e-4, 0.008
"""Square metres and metres of mean width below which a loose piece of these parts is a strand."""
STRAND_REACH = 0.008
"""Metres: strands that lie so near to a body of hair or to skin are left out. Mattes know them, signed distances do
not: a network could only learn pimples from them."""
CUT_HEIGHT = -0.15
"""Metres, head frame: an open border that reaches below is where a bust, a sleeve or a hem was cut."""
_WELD_METRES = 1e-5
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
    drawn = (person.parts != Part.LENS) & ~lying_strands(person)
    opaque = np.flatnonzero(drawn & (person.triangle_texture != CUTOUT)).astype(np.int32)
    weights = np.broadcast_to(_CORNERS, (len(opaque), 3, 2))
    plain = SolidMesh(person.vertices, person.triangles[opaque], opaque, weights)
    pieces = [plain, body_caps(person.vertices, plain.triangles)]
    cards = np.flatnonzero(drawn & (person.triangle_texture == CUTOUT)).astype(np.int32)
    if len(cards):
        if atlas is None:
            raise AssetError(
                f"The person wears the textures of {person.atlas!r}, but no atlas was given; load it with `load_atlas`."
            )
        pieces.append(cut_cards(person, cards, atlas))
    return _joined(pieces)


def strands(person: Person) -> BooleanArray:
    """(T,) triangles of small or narrow loose pieces of hair, brows, beard and lashes."""
    found = np.zeros(len(person.triangles), bool)
    loose = np.flatnonzero(np.isin(person.parts, STRAND_PARTS))
    if len(loose) == 0:
        return found
    triangles = person.triangles[loose]
    piece_of_vertex = _pieces(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]]]), len(person.vertices))
    piece = piece_of_vertex[triangles[:, 0]]
    a, b, c = (person.vertices[triangles[:, i]] for i in range(3))
    area = np.bincount(piece, 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1), piece_of_vertex.max() + 1)
    border = open_edges(triangles)
    length = np.linalg.norm(person.vertices[border[:, 0]] - person.vertices[border[:, 1]], axis=1)
    outline = np.bincount(piece_of_vertex[border[:, 0]], length, len(area))
    # A long strip's area is its length times its width, and its outline twice its length.
    width = np.divide(2.0 * area, outline, out=np.full(len(area), np.inf), where=outline > 0.0)
    found[loose] = ((area < STRAND_AREA) | (width < STRAND_WIDTH))[piece]
    return found


def lying_strands(person: Person) -> BooleanArray:
    """(T,) triangles of strands most of which lie within STRAND_REACH of what is no strand."""
    found = strands(person)
    if not found.any() or found.all():
        return found
    loose = person.triangles[found]
    body = np.unique(person.triangles[~found & (person.parts != Part.LENS)])
    used = np.unique(loose)
    distance, _ = cKDTree(person.vertices[body]).query(person.vertices[used], distance_upper_bound=0.05)
    count = len(person.vertices)
    near = np.zeros(count)
    near[used] = distance < STRAND_REACH
    piece = _pieces(np.concatenate([loose[:, [0, 1]], loose[:, [1, 2]]]), count)
    share = np.bincount(piece[used], near[used], piece.max() + 1) / np.maximum(
        np.bincount(piece[used], minlength=piece.max() + 1), 1
    )
    found[found] = (share > 0.5)[piece[loose[:, 0]]]
    return found


def _pieces(edges: IntArray, count: int) -> IntArray:
    """(count,) number of the connected piece that each vertex belongs to."""
    graph = coo_matrix((np.ones(len(edges), bool), (edges[:, 0], edges[:, 1])), shape=(count, count))
    _, piece = connected_components(graph, directed=False)
    return np.asarray(piece, np.int32)


def open_edges(triangles: IntArray) -> IntArray:
    """(E, 2) edges that belong to one triangle only."""
    edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    keys = edges[:, 0].astype(np.int64) << 32 | edges[:, 1]
    _, first, count = np.unique(keys, return_index=True, return_counts=True)
    return np.asarray(edges[first[count == 1]], np.int32)


def _joined(pieces: list[SolidMesh]) -> SolidMesh:
    offsets = np.cumsum([0, *(len(piece.vertices) for piece in pieces[:-1])])
    triangles = [piece.triangles + offset for piece, offset in zip(pieces, offsets, strict=True)]
    return SolidMesh(
        np.concatenate([piece.vertices for piece in pieces]).astype(np.float32),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate([piece.source for piece in pieces]).astype(np.int32),
        np.concatenate([piece.corner_weights for piece in pieces]).astype(np.float32),
    )


def body_caps(vertices: Float32Array, triangles: IntArray) -> SolidMesh:
    """A fan over every open border that reaches below CUT_HEIGHT, so that nothing is seen through a cut inside.

    Where the border is a sleeve's or a hem's, the fan hides in the body.
    """
    # Where texture coordinates jump a vertex is there twice: borders are between places.
    low = triangles[vertices[triangles, 1].min(axis=1) < CUT_HEIGHT + 0.15]
    used, place = np.unique(low, return_inverse=True)
    codes = np.rint(vertices[used] / _WELD_METRES).astype(np.int64)
    _, first, welded = np.unique(codes @ np.array([1 << 42, 1 << 21, 1]), return_index=True, return_inverse=True)
    border = open_edges(welded[place.reshape(low.shape)].astype(np.int32))
    # What `low` leaves out opens borders of its own, higher up.
    places = vertices[used[first]]
    border = border[places[border, 1].max(axis=1) < CUT_HEIGHT + 0.1]
    loop = _pieces(border, len(places))[border[:, 0]]
    lowest = np.full(len(places), np.inf)
    np.minimum.at(lowest, loop, places[border, 1].min(axis=1))
    border, loop = border[lowest[loop] < CUT_HEIGHT], loop[lowest[loop] < CUT_HEIGHT]
    loops, number = np.unique(loop, return_inverse=True)
    middle = np.zeros((len(loops), 3))
    np.add.at(middle, number, places[border].mean(axis=1))
    middle /= np.maximum(np.bincount(number, minlength=len(loops)), 1)[:, None]
    spokes = np.column_stack([border, len(places) + number]).astype(np.int32)
    return SolidMesh(
        np.concatenate([places, middle]).astype(np.float32),
        spokes,
        np.full(len(spokes), -1, np.int32),
        np.zeros((len(spokes), 3, 2), np.float32),
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
