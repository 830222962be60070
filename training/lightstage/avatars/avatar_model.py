"""All that people are built from, and which avatars are kept for evaluation."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ....runtime.arrays import Float32Array
from .layout import EAR_CANAL_UV, LANDMARK_UV, SurfacePoints, surface_points
from .prepare_avatars import avatar_names
from .shape import load_rest, load_topology
from .topology import Topology

HELD_OUT_FIRST = 90_000
"""People from this index on are built from the held-out avatars."""
HELD_OUT_AVATARS = 4
"""The last ones in alphabetical order."""


@dataclass(frozen=True)
class AvatarModel:
    """All that people are built from.

    Attributes:
        folder: cache that `prepare_avatars` filled.
        names: of the avatars, in alphabetical order.
        topology: the shared mesh.
        landmarks: the 68 landmarks on it.
        ears: the two ear canals on it.
        rest: (V, 3) its coordinates on the morphable head, centimetres.
    """

    folder: Path
    names: tuple[str, ...]
    topology: Topology
    landmarks: SurfacePoints
    ears: SurfacePoints
    rest: Float32Array


@lru_cache(maxsize=2)
def load_avatar_model(folder: Path) -> AvatarModel:
    """Read what `chiaro-train prepare-avatars` wrote; kept for this process.

    Raises:
        AssetError: when it has not been run.
    """
    names = tuple(avatar_names(folder))
    topology = load_topology(folder)
    return AvatarModel(
        folder,
        names,
        topology,
        surface_points(topology, LANDMARK_UV),
        surface_points(topology, EAR_CANAL_UV),
        load_rest(folder),
    )


def avatars_of(model: AvatarModel, index: int) -> tuple[str, ...]:
    """Names of the avatars that a person of this index may be built from."""
    return model.names[-HELD_OUT_AVATARS:] if index >= HELD_OUT_FIRST else model.names[:-HELD_OUT_AVATARS]
