"""A contact sheet of the prepared avatars, each as a random person would wear it, to look at before training."""

from pathlib import Path

import numpy as np

from ....runtime.arrays import Float32Array
from ....runtime.light.harmonics import harmonics_of_distant_light
from ....runtime.transfer import srgb_from_linear
from ..appearance import Appearance, random_appearance
from ..body import rotation_yaw_pitch_roll
from ..person import Person
from ..surface_maps import draw_surface
from .atlas import load_atlas
from .avatar_person import AvatarModel, build_named_person

HALF_WIDTH = 0.25
"""Metres, of the picture at the head."""
DISTANCE = 1.6
BACKDROP = 0.10
NO_MASKS = np.zeros((8, 1, 1), np.float32)
"""Masks of the morphable head's skin, which avatars do not have."""


def studio_light() -> Float32Array:
    """(9, 3) a soft key from the upper right and grey fill."""
    towards = np.array([0.55, 0.45, 0.7]) / np.linalg.norm([0.55, 0.45, 0.7])
    light = harmonics_of_distant_light(towards, np.full(3, 2.2))
    light[0] += 1.1
    return light.astype(np.float32)


def person_picture(person: Person, appearance: Appearance, folder: Path, yaw: float, size: int) -> Float32Array:
    """(size, size, 3) sRGB-encoded diffuse picture of a textured person.

    Args:
        person: the person.
        appearance: colours.
        folder: cache with the atlases.
        yaw: radians to which the face turns.
        size: pixels along each side.
    """
    rotation = rotation_yaw_pitch_roll(yaw, 0.0, 0.0)
    maps = draw_surface(
        person,
        camera_from_head=rotation,
        offset=np.array([0.0, 0.02, -DISTANCE]),
        tangent=HALF_WIDTH / DISTANCE,
        size=size,
        appearance=appearance,
        masks=NO_MASKS,
        atlas=load_atlas(folder, person.atlas),
    )
    shading = np.maximum(maps.transport @ studio_light(), 0.0)
    matte = maps.matte[..., None]
    return srgb_from_linear(maps.albedo * shading * matte + BACKDROP * (1.0 - matte))


def avatar_rows(
    model: AvatarModel, seed: int, size: int = 192, yaws: tuple[float, ...] = (0.0, 0.8)
) -> list[Float32Array]:
    """One row of pictures per avatar: a random person on its head, from several sides, in random colours."""
    rows = []
    for index, name in enumerate(model.names):
        person = build_named_person(model, name, seed, index)
        appearance = random_appearance(np.random.default_rng((seed, 977, index)))
        rows.append(np.hstack([person_picture(person, appearance, model.folder, yaw, size) for yaw in yaws]))
    return rows


def arranged(rows: list[Float32Array], columns: int) -> Float32Array:
    """Pictures of one size side by side in rows of `columns`; the last row is filled with black."""
    missing = -len(rows) % columns
    filled = rows + [np.zeros_like(rows[0])] * missing
    return np.vstack([np.hstack(filled[i : i + columns]) for i in range(0, len(filled), columns)])
