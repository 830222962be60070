"""A random person built from ICT-FaceKit's head, with a torso, hair, clothes and accessories."""

from dataclasses import dataclass, replace

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array
from ..assets import FaceModel
from .accessories import cap_mesh, glasses_mesh
from .body import NECKLINES, bend_neck, random_torso, skin_mesh, with_neck_of
from .clothing import clothes
from .facial_hair import beard_density, beard_hair, brows, lashes, random_facial_hair
from .hair_growth import head_hair, scalp_distance
from .hair_styles import random_hair_style
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
from .skin_distance import SkinDistance
from .parts import Part
from .person import Person
from .strands import IntegerArray, Strands, hair_body, lifted, outward_of, ribbon_mesh, unit
from .transport import vertex_transport

BODY_SPACING = 0.0055
"""Grid of the hair's body, metres."""


@dataclass(frozen=True)
class _Growth:
    """Strands and what casts their shadow.

    Attributes:
        strands: the strands.
        part: their material.
        body: their common body, or None for hair too thin to have one.
    """

    strands: Strands
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
    head = head_mesh(model, bent)
    skin = SkinDistance(head)
    growths = []
    hair = head_hair(style, head, skin, torso, random)
    capped = random.uniform() < 0.06
    if hair is not None and not capped:
        body = hair_body(hair, Part.HAIR, BODY_SPACING) if style.style != "buzz" else None
        growths.append(_Growth(hair, Part.HAIR, body))
    beard = beard_hair(head, skin, facial, random)
    if beard is not None:
        body = hair_body(beard, Part.BEARD, 0.0045, 0.55) if facial.beard_length > 0.03 else None
        growths.append(_Growth(beard, Part.BEARD, body))
    brow = brows(head, model.vertices[model.landmarks], facial, random)
    if brow is not None:
        growths.append(_Growth(brow, Part.BROW, None))
    growths.append(_Growth(lashes(bent[model.landmarks], facial, random), Part.LASH, None))
    scalp = scalp_distance(head.rest, style, np.zeros(len(head.rest)))
    if style.style == "bald" and style.clean:
        scalp[:] = -9.0
    hairy = np.maximum(scalp, 2.0 * beard_density(head.rest, facial, np.zeros(len(head.rest))) - 1.0)
    head = _with_scalp(head, hairy, hair is not None, beard is not None)
    pieces = [head, skin_mesh(torso), *clothes(torso, random)]
    if random.uniform() < 0.14:
        pieces.append(glasses_mesh(eyes, random))
    if capped:
        pieces.append(cap_mesh(skin, random))
    pieces += [growth.body for growth in growths if growth.body is not None]
    mesh = merged(pieces)
    transport, visibility = vertex_transport(mesh)
    fourth = np.zeros(len(mesh.vertices), np.float32)
    fourth[: len(head.vertices)] = hairy
    lit = _LitMesh(mesh, transport, visibility, fourth)
    for growth in growths:
        lit = _with_ribbons(lit, growth)
    return Person(
        vertices=lit.mesh.vertices,
        normals=lit.mesh.normals,
        rest=np.c_[lit.mesh.rest, lit.fourth].astype(np.float32),
        transport=lit.transport.astype(np.float32),
        visibility=lit.visibility,
        triangles=lit.mesh.triangles,
        parts=lit.mesh.parts,
        neckline=NECKLINES.index(torso.neckline),
        uv=np.zeros((len(lit.mesh.vertices), 2), np.float32),
        atlas="",
        landmarks=bent[model.landmarks].astype(np.float32),
        triangle_texture=np.zeros(len(lit.mesh.triangles), np.uint8),
        expression=np.array([expression.get(name, 0.0) for name in model.expression_names], np.float32),
    )


def _with_scalp(head: Mesh, hairy: AnyFloatArray, haired: bool, bearded: bool) -> Mesh:
    """The head with skin under hair named SCALP."""
    parts = head.parts.copy()
    touched = (hairy[head.triangles] > -0.8).any(axis=1) & (parts == Part.SKIN)
    low = head.rest[head.triangles[:, 0], 1] < 2.6
    parts[touched & np.where(low & (head.rest[head.triangles[:, 0], 2] > -0.5), bearded, haired)] = Part.SCALP
    return Mesh(head.vertices, head.normals, head.rest, head.triangles, parts)


@dataclass(frozen=True)
class _LitMesh:
    """A mesh with its transport, its visibility and the fourth rest coordinate."""

    mesh: Mesh
    transport: Float32Array
    visibility: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    fourth: Float32Array


def _outer(mesh: Mesh, candidates: IntegerArray) -> IntegerArray:
    """Those vertices of a body of hair that do not look at the head: strands lie on its outside."""
    points = mesh.vertices[candidates]
    axis = np.stack([0 * points[:, 0], np.clip(points[:, 1], -0.25, 0.055), np.full(len(points), -0.015)], axis=1)
    outward = np.einsum("ij,ij->i", mesh.normals[candidates], unit(points - axis))
    kept = candidates[outward > -0.05]
    return kept if len(kept) else candidates


def _with_ribbons(lit: _LitMesh, growth: _Growth) -> _LitMesh:
    """Add ribbons, which share the light of the nearest point that was cast: of their body, else of the skin."""
    skin = (lit.mesh.parts == Part.SKIN) | (lit.mesh.parts == Part.SCALP)
    candidates = np.unique(lit.mesh.triangles[skin])
    if growth.body is not None:
        body = np.unique(lit.mesh.triangles[lit.mesh.parts == growth.part])
        candidates = np.concatenate([candidates, _outer(lit.mesh, body)])
    base = Mesh(
        lit.mesh.vertices[candidates],
        lit.mesh.normals[candidates],
        lit.mesh.rest[candidates],
        np.zeros((0, 3), np.int32),
        np.zeros(0, np.uint8),
    )
    outward, nearest = outward_of(growth.strands.paths, base)
    if growth.body is not None:
        growth = replace(growth, strands=lifted(growth.strands, base, outward, nearest))
    ribbons = ribbon_mesh(growth.strands, outward, growth.part)
    source = np.repeat(candidates[nearest].ravel(), 2)
    steps = growth.strands.paths.shape[1]
    tip = np.tile(np.repeat(np.linspace(0.0, 1.0, steps), 2), len(growth.strands.paths)).astype(np.float32)
    return _LitMesh(
        merged([lit.mesh, ribbons]),
        np.concatenate([lit.transport, lit.transport[source]]),
        np.concatenate([lit.visibility, lit.visibility[source]]),
        np.concatenate([lit.fourth, tip]),
    )
