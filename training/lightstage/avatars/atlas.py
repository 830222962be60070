"""The picture that an avatar wears: colour, coverage, normals and what each texel is, in the cache of training."""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from pathlib import Path

import numpy as np

from ...assets import AssetError

BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

CLASS_MASK = 15
"""The low four bits of a region are its `PartClass`."""


class Region(IntEnum):
    """What a texel of an atlas is: its `PartClass` in the low four bits, above them which kind of it."""

    NONE = 0
    SKIN = 1
    LIPS = 2
    BROWS = 3
    """Hairs of a brow over skin."""
    SCLERA = 4
    MOUTH = 5
    HAIR = 6
    """Hair that is a mesh of its own."""
    CLOTHING = 7
    GLASSES = 8
    THIN_HAIR = 16 + 1
    """Skin that shows between the hairs of the head or a beard."""
    THIN_BROW = 32 + 1
    IRIS = 16 + 4
    TEETH = 16 + 5
    ROOTED = 16 + 6
    """Hair painted on the head."""
    BEARD = 32 + 6


@dataclass(frozen=True)
class Atlas:
    """One avatar's textures; texel (0, 0) is the corner u = 0, v = 0, u runs along columns and v along rows.

    Colours are canonical (see `canonical.py`): skin and the hair on it have one fixed mean tone, wigs and irises a
    mean of 0.18 in each channel, so that `material.textured_material` can give them any colour.

    Attributes:
        colour: (H, W, 4) uint8 sRGB and alpha. On free-standing hair alpha is coverage, for cut-out triangles; on hair,
            brows and beards over skin it is how much of the skin they hide; else it is 255.
        normal: (H, W, 3) uint8 tangent-space normal, 128 is 0; x along u, y against v (the glTF convention).
        classes: (H, W) uint8 `Region`; its low four bits are a `PartClass`.
    """

    colour: BytesArray
    normal: BytesArray
    classes: BytesArray


def atlas_paths(folder: Path, name: str) -> tuple[Path, Path, Path]:
    """Where the three maps of an avatar's atlas are kept: colour, normal, classes."""
    return (
        folder / "avatars" / f"{name}_colour.npy",
        folder / "avatars" / f"{name}_normal.npy",
        folder / "avatars" / f"{name}_classes.npy",
    )


@lru_cache(maxsize=64)
def load_atlas(cache_folder: Path, name: str) -> Atlas:
    """An avatar's atlas, memory-mapped and kept for this process.

    Args:
        cache_folder: the training cache that `chiaro-train prepare-avatars` wrote into.
        name: of the avatar, as in `Person.atlas`.

    Raises:
        AssetError: when the avatar has not been prepared.
    """
    paths = atlas_paths(cache_folder, name)
    for path in paths:
        if not path.exists():
            raise AssetError(f"{path} has not been prepared; run `chiaro-train prepare-avatars` with this cache first.")
    colour, normal, classes = (np.load(path, mmap_mode="r", allow_pickle=False) for path in paths)
    return Atlas(colour, normal, classes)
