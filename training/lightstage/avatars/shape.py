"""What is kept of an avatar's body: positions, shape keys, joints and a wig, in the common order of vertices."""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ....runtime.arrays import Float32Array, Float64Array
from ...assets import AssetError
from .topology import BytesArray, IntArray, Topology

HalfArray = np.ndarray[tuple[int, ...], np.dtype[np.float16]]
LongArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


@dataclass(frozen=True)
class ShapeKeys:
    """Offsets of named expressions, only for the vertices that move.

    Attributes:
        names: of the keys, sorted.
        ends: (K + 1,) where each key's run begins and ends in the arrays below.
        indices: (N,) int32 vertices.
        offsets: (N, 3) float16 millimetres.
    """

    names: tuple[str, ...]
    ends: LongArray
    indices: IntArray
    offsets: HalfArray

    def add(self, vertices: Float32Array, name: str, weight: float) -> None:
        """Add a key's offsets times `weight` to `vertices` (V, 3) metres, in place.

        Raises:
            AssetError: when there is no such key.
        """
        if name not in self.names:
            raise AssetError(f"The avatar has no shape key {name}; it has {', '.join(self.names)}.")
        at = self.names.index(name)
        run = slice(self.ends[at], self.ends[at + 1])
        vertices[self.indices[run]] += np.float32(weight * 1e-3) * self.offsets[run].astype(np.float32)


@dataclass(frozen=True)
class Wig:
    """Hair that is a mesh of its own; empty where the hair is part of the body's mesh.

    Attributes:
        vertices: (W, 3) float32 metres, as the body's.
        uv: (W, 2) float32 of its own texture.
        triangles: (S, 3) int32.
    """

    vertices: Float32Array
    uv: Float32Array
    triangles: IntArray


@dataclass(frozen=True)
class AvatarShape:
    """An avatar's body, arms stretched out, metres, y up, facing +z, feet at the origin.

    Attributes:
        name: of the avatar.
        vertices: (V, 3) float32.
        joints: (V, 4) uint8 index into topology.JOINTS.
        weights: (V, 4) float32, summing to one.
        joint_positions: (J, 3) float32.
        keys: expressions.
        wig: hair.
    """

    name: str
    vertices: Float32Array
    joints: BytesArray
    weights: Float32Array
    joint_positions: Float32Array
    keys: ShapeKeys
    wig: Wig


def shape_path(folder: Path, name: str) -> Path:
    """Where an avatar's shape is kept."""
    return folder / "avatars" / f"{name}.npz"


def topology_path(folder: Path) -> Path:
    """Where the mesh that all avatars share is kept."""
    return folder / "avatars" / "topology.npz"


def save_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:  # type: ignore[type-arg]  # arrays of several types
    """Write named arrays through a temporary name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.part")
    with temporary.open("wb") as file:
        np.savez(file, **arrays)
    temporary.replace(path)


def _load(path: Path) -> dict[str, np.ndarray]:  # type: ignore[type-arg]  # arrays of several types
    if not path.exists():
        raise AssetError(f"{path} has not been prepared; run `chiaro-train prepare-avatars` with this cache first.")
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def save_shape(shape: AvatarShape, folder: Path) -> None:
    """Write an avatar's shape into the cache."""
    save_arrays(
        shape_path(folder, shape.name),
        {
            "vertices": shape.vertices,
            "joints": shape.joints,
            "weights": shape.weights,
            "joint_positions": shape.joint_positions,
            "key_names": np.array(shape.keys.names),
            "key_ends": shape.keys.ends,
            "key_indices": shape.keys.indices,
            "key_offsets": shape.keys.offsets,
            "wig_vertices": shape.wig.vertices,
            "wig_uv": shape.wig.uv,
            "wig_triangles": shape.wig.triangles,
        },
    )


@lru_cache(maxsize=64)
def load_shape(folder: Path, name: str) -> AvatarShape:
    """Read an avatar's shape from the cache; kept for this process.

    Raises:
        AssetError: when it has not been prepared.
    """
    arrays = _load(shape_path(folder, name))
    names = tuple(str(key) for key in arrays["key_names"])
    return AvatarShape(
        name=name,
        vertices=arrays["vertices"],
        joints=arrays["joints"],
        weights=arrays["weights"],
        joint_positions=arrays["joint_positions"],
        keys=ShapeKeys(names, arrays["key_ends"], arrays["key_indices"], arrays["key_offsets"]),
        wig=Wig(arrays["wig_vertices"], arrays["wig_uv"], arrays["wig_triangles"]),
    )


def save_topology(topology: Topology, folder: Path) -> None:
    """Write the shared mesh into the cache."""
    save_arrays(topology_path(folder), dict(vars(topology)))


@lru_cache(maxsize=4)
def load_topology(folder: Path) -> Topology:
    """Read the shared mesh from the cache.

    Raises:
        AssetError: when the avatars have not been prepared.
    """
    return Topology(**_load(topology_path(folder)))


def rest_path(folder: Path) -> Path:
    """Where the morphable head's coordinates of the shared mesh are kept."""
    return folder / "avatars" / "rest.npy"


@lru_cache(maxsize=4)
def load_rest(folder: Path) -> Float32Array:
    """(V, 3) centimetres on the morphable head (see `registration.py`).

    Raises:
        AssetError: when the avatars have not been prepared.
    """
    path = rest_path(folder)
    if not path.exists():
        raise AssetError(f"{path} has not been prepared; run `chiaro-train prepare-avatars` with this cache first.")
    rest: Float32Array = np.load(path, allow_pickle=False)
    return rest


def mean_vertices(shapes: list[AvatarShape]) -> Float64Array:
    """(V, 3) mean position of each vertex, each avatar moved to have the middle of its eyes at the origin."""
    eyes = [shape.joint_positions[-2:].mean(axis=0) for shape in shapes]
    result: Float64Array = np.mean([s.vertices - e for s, e in zip(shapes, eyes, strict=True)], axis=0)
    return result
