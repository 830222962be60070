"""Volumes for all prepared people of a cache."""

import zlib
from pathlib import Path

import numpy as np

from ...assets import AssetError
from ..avatars.atlas import load_atlas
from ..person import load_person
from .person_volume import build_volume, save_volume, volume_path


def waiting_people(folder: Path) -> list[Path]:
    """Files of prepared people who have no volume yet, by name.

    Raises:
        AssetError: when the folder holds no prepared people.
    """
    people = sorted(folder.glob("person_*.npz"))
    if not people:
        raise AssetError(f"{folder} holds no prepared people; run `chiaro-train prepare` with this cache first.")
    return [path for path in people if not volume_path(path).exists()]


def prepare_volume(path: Path) -> Path:
    """Build and write the volume of one prepared person; the same for the same name of the file.

    Returns:
        The volume's file.
    """
    person = load_person(path)
    atlas = load_atlas(path.parent, person.atlas) if person.atlas else None
    random = np.random.default_rng((zlib.crc32(path.stem.encode()), 80051))
    save_volume(build_volume(person, random, atlas), volume_path(path))
    return volume_path(path)
