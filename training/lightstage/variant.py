"""A random person built from ICT-FaceKit's head, with a torso, hair and accessories."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import Float32Array
from ..assets import FaceModel
from .accessories import cap_mesh, glasses_mesh
from .body import NECKLINES, bend_neck, body_mesh, random_torso
from .hair import HairStyle, hair_ribbons, hair_volume, random_hair_style, scalp_distance
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
from .implicit import SkinDistance
from .person import Person
from .transport import vertex_transport


def build_ict_person(model: FaceModel, seed: int, index: int) -> Person:
    """A random person; the same for the same (seed, index)."""
    random = np.random.default_rng((seed, 7919, index))
    gaze = (float(np.clip(random.normal() * 0.2, -0.6, 0.6)), float(np.clip(random.normal() * 0.12, -0.4, 0.4)))
    expression = {**gaze_expression(*gaze), **random_expression(random)}
    torso, style = random_torso(random), random_hair_style(random)
    vertices = posed_vertices(model, random_identity(random), expression, gaze)
    eyes = (vertices[LEFT_EYE].mean(axis=0), vertices[RIGHT_EYE].mean(axis=0))
    bent = bend_neck(vertices, torso)
    head = head_mesh(model, bent)
    skin = SkinDistance(head)
    capped = random.uniform() < 0.06
    pieces = [head, body_mesh(torso, random)]
    if random.uniform() < 0.14:
        pieces.append(glasses_mesh(eyes, random))
    if capped:
        pieces.append(cap_mesh(skin, random))
    volume = None if capped and style.length == 0.0 else hair_volume(style, skin, random)
    if volume is not None:
        pieces.append(volume)
    mesh = merged(pieces)
    transport, visibility = vertex_transport(mesh)
    scalp = np.zeros(len(mesh.vertices), np.float32)
    scalp[: len(head.vertices)] = scalp_distance(head.rest, style, np.zeros(len(head.rest)))
    if style.style == "bald":
        scalp[:] = np.where(random.uniform() < 0.5, -9.0, scalp)
    lit = _LitMesh(mesh, transport, visibility, scalp)
    if volume is not None:
        lit = _with_ribbons(lit, style, volume, random)
    return Person(
        vertices=lit.mesh.vertices,
        normals=lit.mesh.normals,
        rest=np.c_[lit.mesh.rest, lit.scalp].astype(np.float32),
        transport=lit.transport.astype(np.float32),
        visibility=lit.visibility,
        triangles=lit.mesh.triangles,
        parts=lit.mesh.parts,
        neckline=NECKLINES.index(torso.neckline),
        uv=np.zeros((len(lit.mesh.vertices), 2), np.float32),
        atlas="",
        landmarks=bent[model.landmarks].astype(np.float32),
        triangle_texture=np.zeros(len(lit.mesh.triangles), np.uint8),
    )


@dataclass(frozen=True)
class _LitMesh:
    """A mesh with its transport, its visibility and how far its skin lies inside the scalp."""

    mesh: Mesh
    transport: Float32Array
    visibility: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    scalp: Float32Array


def _with_ribbons(lit: _LitMesh, style: HairStyle, volume: Mesh, random: np.random.Generator) -> _LitMesh:
    """Add the ribbons, which share the light of the nearest point of the volume (the last piece of the mesh)."""
    ribbons, nearest = hair_ribbons(style, volume, random)
    nearest = nearest + len(lit.mesh.vertices) - len(volume.vertices)
    return _LitMesh(
        merged([lit.mesh, ribbons]),
        np.concatenate([lit.transport, lit.transport[nearest]]),
        np.concatenate([lit.visibility, lit.visibility[nearest]]),
        np.concatenate([lit.scalp, np.zeros(len(nearest), np.float32)]),
    )
