"""A random person built from ICT-FaceKit's head, with a torso, hair, clothes and accessories."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array
from ..assets import FaceModel
from .accessories import random_accessories
from .body import NECKLINES, bend_neck, random_torso, skin_mesh, with_neck_of
from .clothing import clothes
from .facial_hair import FacialHair, beard_density, beard_hair, brows, lashes, random_facial_hair
from .hair_growth import head_hair, scalp_distance
from .hair_styles import HairStyle, random_hair_style
from .head_mesh import (
    LEFT_EYE,
    RIGHT_EYE,
    Mesh,
    gaze_expression,
    head_mesh,
    merged,
    posed_vertices,
    random_expression,
    random_identity,
)
from .head_shape import random_head_shape
from .parts import Part
from .person import Person
from .skin_distance import SkinDistance
from .strands import IntegerArray, Strands, hair_body, lifted, nearest_vertices, ribbon_mesh, unit
from .transport import vertex_transport

BODY_SPACING = 0.0055
"""Grid of the hair's body, metres."""
HIDEABLE = (Part.BODY, Part.FABRIC, Part.HAIR, Part.BEARD)
"""Parts whose hidden surfaces are left out; what a closed mouth hides may be seen when it speaks."""


IndexArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]
BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
BooleanArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class _Growth:
    """Strands and what casts their shadow.

    Attributes:
        strands: the strands, or None.
        part: their material.
        body: their common body, or None for hair too thin to have one.
    """

    strands: Strands | None
    part: Part
    body: Mesh | None


def build_ict_person(model: FaceModel, seed: int, index: int) -> Person:
    """A random person; the same for the same (seed, index)."""
    random = np.random.default_rng((seed, 7919, index))
    gaze = (float(np.clip(random.normal() * 0.2, -0.6, 0.6)), float(np.clip(random.normal() * 0.12, -0.4, 0.4)))
    expression = {**gaze_expression(*gaze), **random_expression(random)}
    torso, style, facial = random_torso(random), random_hair_style(random), random_facial_hair(random)
    shape = random_head_shape(random)
    vertices = posed_vertices(model, random_identity(random), expression, gaze, shape)
    eyes = (vertices[LEFT_EYE].mean(axis=0), vertices[RIGHT_EYE].mean(axis=0))
    torso = with_neck_of(torso, vertices)
    bent = bend_neck(vertices, torso)
    landmarks = bent[model.landmarks]
    head = head_mesh(model, bent)
    skin = SkinDistance(head)
    accessories = random_accessories(head, skin, landmarks, eyes, torso, random)
    growths = [
        _hair(head_hair(style, head, skin, torso, random, accessories.headwear), style),
        _beard(beard_hair(head, skin, facial, random), facial),
        _Growth(brows(head, model.vertices[model.landmarks], facial, random), Part.BROW, None),
        _Growth(lashes(landmarks, facial, random), Part.LASH, None),
    ]
    hairy = _hairy(head, style, facial)
    head = _with_scalp(head, hairy, growths[0].strands is not None, growths[1].strands is not None)
    pieces = [head, skin_mesh(torso), *clothes(torso, random), *accessories.pieces]
    grown = _bald([*pieces, *(growth.body for growth in growths if growth.body is not None)], hairy)
    for growth in growths:
        grown = _with_ribbons(grown, growth)
    transport, visibility = vertex_transport(grown.mesh, sources=grown.sources)
    kept = _seen_from_outside(grown.mesh, visibility)
    used, triangles = np.unique(grown.mesh.triangles[kept], return_inverse=True)
    return Person(
        vertices=grown.mesh.vertices[used],
        normals=grown.mesh.normals[used],
        rest=np.c_[grown.mesh.rest, grown.fourth].astype(np.float32)[used],
        transport=transport.astype(np.float32)[used],
        visibility=visibility[used],
        triangles=triangles.reshape(-1, 3).astype(np.int32),
        parts=grown.mesh.parts[kept],
        neckline=NECKLINES.index(torso.neckline),
        uv=np.zeros((len(used), 2), np.float32),
        atlas="",
        landmarks=landmarks.astype(np.float32),
        triangle_texture=np.zeros(int(kept.sum()), np.uint8),
        expression=np.array([expression.get(name, 0.0) for name in model.expression_names], np.float32),
    )


def _hair(strands: Strands | None, style: HairStyle) -> _Growth:
    body = hair_body(strands, Part.HAIR, BODY_SPACING) if strands is not None and style.style != "buzz" else None
    return _Growth(strands, Part.HAIR, body)


def _beard(strands: Strands | None, facial: FacialHair) -> _Growth:
    long = strands is not None and facial.beard_length > 0.03
    return _Growth(strands, Part.BEARD, hair_body(strands, Part.BEARD, 0.0045, 0.55) if strands and long else None)


def _hairy(head: Mesh, style: HairStyle, facial: FacialHair) -> AnyFloatArray:
    """(V,) centimetres inside the hairy scalp or the beard."""
    even = np.zeros(len(head.rest))
    scalp = scalp_distance(head.rest, style, even)
    if style.style == "bald" and style.clean:
        scalp = np.full(len(head.rest), -9.0)
    return np.maximum(scalp, 2.0 * beard_density(head.rest, facial, even) - 1.0)


def _with_scalp(head: Mesh, hairy: AnyFloatArray, haired: bool, bearded: bool) -> Mesh:
    """The head with skin under hair named SCALP."""
    parts = head.parts.copy()
    touched = (hairy[head.triangles] > -0.8).any(axis=1) & (parts == Part.SKIN)
    low = head.rest[head.triangles[:, 0], 1] < 2.6
    parts[touched & np.where(low & (head.rest[head.triangles[:, 0], 2] > -0.5), bearded, haired)] = Part.SCALP
    return Mesh(head.vertices, head.normals, head.rest, head.triangles, parts)


@dataclass(frozen=True)
class _GrownMesh:
    """A mesh with hair on it, the vertex whose light each vertex shares, and the fourth rest coordinate."""

    mesh: Mesh
    sources: IndexArray
    fourth: Float32Array


def _bald(pieces: list[Mesh], hairy: AnyFloatArray) -> _GrownMesh:
    """The pieces as one mesh, on which nothing has grown yet; the first is the head."""
    mesh = merged(pieces)
    fourth = np.zeros(len(mesh.vertices), np.float32)
    fourth[: len(hairy)] = hairy
    return _GrownMesh(mesh, np.arange(len(mesh.vertices), dtype=np.int32), fourth)


def _seen_from_outside(mesh: Mesh, visibility: BytesArray) -> BooleanArray:
    """(T,) whether a camera may see a triangle: from it, or from around it, some direction is free."""
    seen = visibility.any(axis=1)
    around = np.zeros(len(seen), bool)
    around[mesh.triangles[seen[mesh.triangles].any(axis=1)]] = True
    result: BooleanArray = around[mesh.triangles].any(axis=1) | ~np.isin(mesh.parts, HIDEABLE)
    return result


def _outer(mesh: Mesh, candidates: IntegerArray) -> IntegerArray:
    """Those vertices of a body of hair that do not look at the head: strands lie on its outside."""
    points = mesh.vertices[candidates]
    axis = np.stack([0 * points[:, 0], np.clip(points[:, 1], -0.25, 0.055), np.full(len(points), -0.015)], axis=1)
    outward = np.einsum("ij,ij->i", mesh.normals[candidates], unit(points - axis))
    kept = candidates[outward > -0.05]
    return kept if len(kept) else candidates


def _with_ribbons(grown: _GrownMesh, growth: _Growth) -> _GrownMesh:
    """Add ribbons that lie along their body or the skin; each is lit at three points along it."""
    if growth.strands is None:
        return grown
    candidates = np.unique(grown.mesh.triangles[np.isin(grown.mesh.parts, (Part.SKIN, Part.SCALP))])
    if growth.body is not None:
        body = np.unique(grown.mesh.triangles[grown.mesh.parts == growth.part])
        candidates = np.concatenate([candidates, _outer(grown.mesh, body)])
    vertices = grown.mesh.vertices[candidates]
    strands = growth.strands
    nearest = nearest_vertices(strands.paths, vertices)
    outward = grown.mesh.normals[candidates][nearest].astype(np.float64)
    if growth.body is not None:
        strands = lifted(strands, vertices[nearest], outward)
    count, steps = strands.paths.shape[:2]
    tip = np.tile(np.repeat(np.linspace(0.0, 1.0, steps), 2), count).astype(np.float32)
    return _GrownMesh(
        merged([grown.mesh, ribbon_mesh(strands, outward, growth.part)]),
        np.concatenate([grown.sources, len(grown.mesh.vertices) + _lit_points(count, steps)]),
        np.concatenate([grown.fourth, tip]),
    )


def _lit_points(strands: int, steps: int) -> IndexArray:
    """(strands · steps · 2,) which vertex of its ribbon shares its light with each."""
    points = np.unique(np.linspace(0, steps - 1, 7).astype(int)[1::2])
    nearest = points[np.abs(np.arange(steps)[:, None] - points).argmin(axis=1)]
    return (np.repeat(np.arange(strands)[:, None] * steps + nearest, 2) * 2).astype(np.int32)
