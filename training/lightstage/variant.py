"""One prepared person: a mesh with its light transport, stored so that samples can be drawn from it at once."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...runtime.arrays import Float32Array
from ..assets import AssetError, FaceModel
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
from .transport import vertex_transport


@dataclass(frozen=True)
class Variant:
    """A prepared person in the head frame.

    Attributes:
        vertices: (V, 3) float32 metres.
        normals: (V, 3) float32.
        rest: (V, 4) float32: the mesh's rest coordinates (centimetres), and a fourth number: on skin how far the point
            lies inside the hairy scalp (centimetres), else 0.
        transport: (V, 9) float32, head axes.
        visibility: (V, 16) uint8, packed bits over `sphere_directions`.
        triangles: (T, 3) int32.
        parts: (T,) uint8.
        neckline: index into body.NECKLINES.
    """

    vertices: Float32Array
    normals: Float32Array
    rest: Float32Array
    transport: Float32Array
    visibility: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    triangles: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
    parts: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    neckline: int


def build_variant(model: FaceModel, seed: int, index: int) -> Variant:
    """A random person; the same for the same (seed, index)."""
    random = np.random.default_rng((seed, 7919, index))
    gaze = (float(np.clip(random.normal() * 0.2, -0.6, 0.6)), float(np.clip(random.normal() * 0.12, -0.4, 0.4)))
    expression = {**gaze_expression(*gaze), **random_expression(random)}
    torso, style = random_torso(random), random_hair_style(random)
    vertices = posed_vertices(model, random_identity(random), expression, gaze)
    eyes = (vertices[LEFT_EYE].mean(axis=0), vertices[RIGHT_EYE].mean(axis=0))
    head = head_mesh(model, bend_neck(vertices, torso))
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
    return Variant(
        vertices=lit.mesh.vertices,
        normals=lit.mesh.normals,
        rest=np.c_[lit.mesh.rest, lit.scalp].astype(np.float32),
        transport=lit.transport.astype(np.float32),
        visibility=lit.visibility,
        triangles=lit.mesh.triangles,
        parts=lit.mesh.parts,
        neckline=NECKLINES.index(torso.neckline),
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


def variant_path(folder: Path, seed: int, index: int) -> Path:
    """Where a variant is kept."""
    return folder / f"variant_{seed}_{index:05d}.npz"


def save_variant(variant: Variant, path: Path) -> None:
    """Write a variant, compactly, through a temporary name."""
    temporary = path.with_suffix(f".{os.getpid()}.part")
    with temporary.open("wb") as file:
        np.savez(
            file,
            vertices=variant.vertices,
            normals=variant.normals.astype(np.float16),
            rest=variant.rest.astype(np.float32),
            transport=variant.transport.astype(np.float16),
            visibility=variant.visibility,
            triangles=variant.triangles,
            parts=variant.parts,
            neckline=np.int64(variant.neckline),
        )
    temporary.replace(path)


def load_variant(path: Path) -> Variant:
    """Read a variant.

    Raises:
        AssetError: when it has not been prepared.
    """
    if not path.exists():
        raise AssetError(
            f"{path} has not been prepared; run `chiaro-train prepare` with the same seed and cache first."
        )
    archive = np.load(path, allow_pickle=False)
    return Variant(
        vertices=archive["vertices"],
        normals=archive["normals"].astype(np.float32),
        rest=archive["rest"],
        transport=archive["transport"].astype(np.float32),
        visibility=archive["visibility"],
        triangles=archive["triangles"],
        parts=archive["parts"],
        neckline=int(archive["neckline"]),
    )
