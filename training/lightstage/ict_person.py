"""A random person built from ICT-FaceKit's head, with a torso, hair, clothes and accessories."""

import numpy as np

from ...runtime.arrays import AnyFloatArray
from ..assets import FaceModel
from .accessories import random_accessories
from .body import NECKLINES, bend_neck, random_torso, skin_mesh, with_neck_of
from .clothing import clothes
from .facial_hair import FacialHair, beard_density, beard_hair, brows, lashes, random_facial_hair
from .grown_mesh import Growth, bare, with_ribbons
from .hair_growth import head_hair, scalp_distance
from .hair_styles import HairStyle, random_hair_style
from .head_mesh import (
    LEFT_EYE,
    RIGHT_EYE,
    Mesh,
    gaze_expression,
    head_mesh,
    posed_vertices,
    random_expression,
    random_identity,
)
from .head_shape import random_head_shape
from .parts import Part
from .person import Person
from .skin_distance import SkinDistance
from .strands import Strands, hair_body
from .transport import vertex_transport

BODY_SPACING = 0.0055
"""Grid of the hair's body, metres."""
HIDEABLE = (Part.BODY, Part.FABRIC, Part.HAIR, Part.BEARD)
"""Parts whose hidden surfaces are left out; what a closed mouth hides may be seen when it speaks."""

BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
BooleanArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


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
        Growth(brows(head, model.vertices[model.landmarks], facial, random), Part.BROW, None),
        Growth(lashes(landmarks, facial, random), Part.LASH, None),
    ]
    hairy = _hairy(head, style, facial)
    head = _with_scalp(head, hairy, growths[0].strands is not None, growths[1].strands is not None)
    pieces = [head, skin_mesh(torso), *clothes(torso, random), *accessories.pieces]
    grown = bare([*pieces, *(growth.body for growth in growths if growth.body is not None)], hairy.astype(np.float32))
    for growth in growths:
        grown = with_ribbons(grown, growth)
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


def _hair(strands: Strands | None, style: HairStyle) -> Growth:
    body = hair_body(strands, Part.HAIR, BODY_SPACING) if strands is not None and style.style != "buzz" else None
    return Growth(strands, Part.HAIR, body)


def _beard(strands: Strands | None, facial: FacialHair) -> Growth:
    long = strands is not None and facial.beard_length > 0.03
    return Growth(strands, Part.BEARD, hair_body(strands, Part.BEARD, 0.0045, 0.55) if strands and long else None)


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


def _seen_from_outside(mesh: Mesh, visibility: BytesArray) -> BooleanArray:
    """(T,) whether a camera may see a triangle: from it, or from around it, some direction is free."""
    seen = visibility.any(axis=1)
    around = np.zeros(len(seen), bool)
    around[mesh.triangles[seen[mesh.triangles].any(axis=1)]] = True
    result: BooleanArray = around[mesh.triangles].any(axis=1) | ~np.isin(mesh.parts, HIDEABLE)
    return result
