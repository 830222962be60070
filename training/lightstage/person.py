"""One prepared person: a mesh with its light transport, stored so that samples can be drawn from it at once."""

import os
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path

import numpy as np

from ...runtime.arrays import Float32Array
from ..assets import AssetError

BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


class PersonKind(StrEnum):
    """Where a person's shape comes from; part of the file's name."""

    ICT = "ict"
    AVATAR = "avatar"


@dataclass(frozen=True)
class Person:
    """A prepared person in the head frame (origin midway between the ear canals, see `runtime.head`).

    Attributes:
        vertices: (V, 3) float32 metres.
        normals: (V, 3) float32.
        rest: (V, 4) float32: the mesh's rest coordinates (centimetres), and a fourth number: on skin how far the point
            lies inside the hairy scalp (centimetres), else 0.
        transport: (V, 9) float32, head axes.
        visibility: (V, 16) uint8, packed bits over `sphere_directions`.
        triangles: (T, 3) int32.
        parts: (T,) uint8 `Part`.
        neckline: index into body.NECKLINES.
        uv: (V, 2) float32 texture coordinates, zeros where the material is procedural.
        atlas: name of the avatar whose textures are used, '' for a person without textures.
        landmarks: (68, 3) float32 metres, in the usual 68-point (iBUG) order.
        triangle_texture: (T,) uint8: 0 procedural, 1 textured and opaque, 2 textured with alpha.
        expression: (E,) float32 weights of expressions that the mesh was built with, in the order of its model; empty
            where they are not known. Talking adds to them.
    """

    vertices: Float32Array
    normals: Float32Array
    rest: Float32Array
    transport: Float32Array
    visibility: BytesArray
    triangles: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
    parts: BytesArray
    neckline: int
    uv: Float32Array
    atlas: str
    landmarks: Float32Array
    triangle_texture: BytesArray
    expression: Float32Array = field(default_factory=lambda: np.zeros(0, np.float32))


HALF_PRECISION = ("normals", "transport")
"""Fields that are stored as float16."""
OPTIONAL = ("expression",)
"""Fields that a file may lack."""


def person_path(folder: Path, kind: PersonKind, seed: int, index: int) -> Path:
    """Where a person is kept."""
    return folder / f"person_{kind.value}_{seed}_{index:05d}.npz"


def save_person(person: Person, path: Path) -> None:
    """Write a person, compactly, through a temporary name."""
    arrays = {field.name: np.asarray(getattr(person, field.name)) for field in fields(Person)}
    for name in HALF_PRECISION:
        arrays[name] = arrays[name].astype(np.float16)
    temporary = path.with_suffix(f".{os.getpid()}.part")
    with temporary.open("wb") as file:
        np.savez(file, **arrays)
    temporary.replace(path)


def load_person(path: Path) -> Person:
    """Read a person.

    Raises:
        AssetError: when it has not been prepared, or by an older version.
    """
    if not path.exists():
        raise AssetError(
            f"{path} has not been prepared; run `chiaro-train prepare` with the same seed and cache first."
        )
    with np.load(path, allow_pickle=False) as archive:
        names = [field.name for field in fields(Person)]
        missing = [name for name in names if name not in archive and name not in OPTIONAL]
        if missing:
            raise AssetError(
                f"{path} lacks {', '.join(missing)} because another version wrote it; "
                "delete it and run `chiaro-train prepare` again."
            )
        arrays = {name: archive[name] for name in names if name in archive}
    for name in HALF_PRECISION:
        arrays[name] = arrays[name].astype(np.float32)
    arrays["neckline"], arrays["atlas"] = int(arrays["neckline"]), str(arrays["atlas"])
    return Person(**arrays)
