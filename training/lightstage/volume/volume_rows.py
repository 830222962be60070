"""Rows of pictures that show volumes beside the meshes they were made from."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ....runtime.arrays import Float32Array
from ...assets import AssetError
from ..appearance import random_appearance
from ..avatars.atlas import load_atlas
from ..body import rotation_yaw_pitch_roll
from ..person import load_person
from ..surface_maps import draw_surface
from .person_volume import load_volume, volume_path
from .sphere_tracing import trace_volume

VIEWS = ((0.0, 0.0), (0.7, 0.1), (-1.2, 0.0), (2.6, 0.2), (0.3, -0.7))
"""Yaw and pitch of the head against the camera, radians."""
SIZE = 256
OFFSET = np.array([0.0, 0.04, -2.0])
TANGENT = 0.3 / 2.0


def volume_rows(cache: Path, count: int) -> Iterator[Float32Array]:
    """Two rows for each of `count` people: normals of the mesh, and of the volume's zero level.

    Raises:
        AssetError: when nobody in the cache has a volume.
    """
    people = [path for path in sorted(cache.glob("person_*.npz")) if volume_path(path).exists()]
    if not people:
        raise AssetError(f"{cache} holds no volumes; run `chiaro-train prepare-volumes` with this cache first.")
    for place in np.unique(np.linspace(0, len(people) - 1, count).astype(int)):
        yield _row(people[place])


def _row(path: Path) -> Float32Array:
    person, volume = load_person(path), load_volume(volume_path(path))
    atlas = load_atlas(path.parent, person.atlas) if person.atlas else None
    appearance = random_appearance(np.random.default_rng(1))
    tiles = []
    for yaw, pitch in VIEWS:
        turn = rotation_yaw_pitch_roll(yaw, pitch, 0.0)
        depth, normals = trace_volume(volume, turn, OFFSET, TANGENT, SIZE)
        maps = draw_surface(
            person,
            camera_from_head=turn,
            offset=OFFSET,
            tangent=TANGENT,
            size=SIZE,
            appearance=appearance,
            masks=np.zeros((8, 4, 4), np.float32),
            atlas=atlas,
        )
        mesh = (maps.normal * 0.5 + 0.5) * maps.matte[..., None]
        level = (normals * 0.5 + 0.5) * (depth > 0.0)[..., None]
        tiles.append(np.concatenate([mesh, level], axis=0))
    row: Float32Array = np.concatenate(tiles, axis=1).astype(np.float32)
    return row
