"""From the avatars' files to their shapes in one common order of vertices."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ....runtime.arrays import AnyFloatArray, Float64Array
from ...assets import AssetError, asset
from .glb import Glb, IndexArray, accessor, normalised, open_glb, skinned, world_from_nodes
from .shape import AvatarShape, ShapeKeys, Wig
from .topology import (
    BELOW_EYES,
    JOINTS,
    MESHES,
    WIG,
    WRIST,
    IntArray,
    Topology,
    chart_of_triangles,
    vertex_keys,
    welded,
)

LEAST_OFFSET = 3e-5
"""Metres: smaller offsets of a shape key are the rounding of the file and are dropped."""


@dataclass(frozen=True)
class _MeshData:
    """One mesh of a file as it stands there.

    Attributes:
        positions: (V, 3) metres, arms stretched out.
        linear: (V, 3, 3) of the skinning, for offsets.
        uv: (V, 2).
        triangles: (T, 3).
        joints: (V, 4) node indices.
        weights: (V, 4).
        targets: offsets (V, 3) in bind space by name.
    """

    positions: Float64Array
    linear: Float64Array
    uv: Float64Array
    triangles: IntArray
    joints: IndexArray
    weights: AnyFloatArray
    targets: dict[str, Float64Array]


def avatar_files(data: Path | None) -> list[Path]:
    """The avatars of the asset folder in alphabetical order.

    Raises:
        AssetError: when there are none.
    """
    folder = asset(data, "avatars")
    files = sorted(folder.glob("*.glb"))
    if not files:
        raise AssetError(f"{folder} holds no .glb file; training/README.md says where to get the avatars.")
    return files


def avatar_name(path: Path) -> str:
    """Short name of an avatar's file: without the outfit that all of them share."""
    return path.stem.removesuffix("_Casual")


def key_name(target: str) -> str:
    """Name of a shape key: `h_expressions.MouthOpen_h`, `h_teeth.t_MouthOpen_h` and `t_MouthOpen_h` are `MouthOpen`."""
    name = target.rpartition(".")[2].removesuffix("_h")
    if name.endswith("_tg"):
        return "tongue" + name.removesuffix("_tg")
    return name.removeprefix("t_")


def _node_index(glb: Glb, name: str) -> int | None:
    names = [node.get("name") for node in glb.document["nodes"]]
    return names.index(name) if name in names else None


def _read_mesh(glb: Glb, name: str, world: Float64Array) -> _MeshData | None:
    index = _node_index(glb, name)
    if index is None:
        return None
    node = glb.document["nodes"][index]
    mesh: dict[str, Any] = glb.document["meshes"][node["mesh"]]
    primitive, skin = mesh["primitives"][0], glb.document["skins"][node["skin"]]
    attributes = primitive["attributes"]
    inverse = accessor(glb, skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1).astype(np.float64)
    nodes = np.array(skin["joints"])
    world_from_bind = world[nodes] @ inverse
    local = accessor(glb, attributes["JOINTS_0"]).astype(np.int64)
    weights = normalised(glb, attributes["WEIGHTS_0"])
    weights = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    names = mesh.get("extras", {}).get("targetNames", [])
    targets = {
        key_name(target): normalised(glb, entry["POSITION"])
        for target, entry in zip(names, primitive.get("targets", []), strict=True)
    }
    return _MeshData(
        positions=skinned(normalised(glb, attributes["POSITION"]), local, weights, world_from_bind),
        linear=np.einsum("vj,vjab->vab", weights, world_from_bind[local][..., :3, :3]),
        uv=normalised(glb, attributes["TEXCOORD_0"]),
        triangles=accessor(glb, primitive["indices"]).reshape(-1, 3).astype(np.int32),
        joints=nodes[local],
        weights=weights,
        targets=targets,
    )


@dataclass(frozen=True)
class RawAvatar:
    """An opened avatar.

    Attributes:
        name: of the avatar.
        glb: its file, for the textures.
        meshes: the shared meshes in the order of MESHES.
        wig: the hair that is a mesh of its own, if any.
        world: (nodes, 4, 4) world_from_node.
    """

    name: str
    glb: Glb
    meshes: tuple[_MeshData, ...]
    wig: _MeshData | None
    world: Float64Array


def read_avatar(path: Path) -> RawAvatar:
    """Open an avatar's file.

    Raises:
        AssetError: when it is damaged or lacks one of the shared meshes.
    """
    glb = open_glb(path)
    world = world_from_nodes(glb)
    found = {name: _read_mesh(glb, name, world) for name in (*MESHES, WIG)}
    missing = [name for name in MESHES if found[name] is None]
    if missing:
        raise AssetError(
            f"{path} lacks the mesh {missing[0]}; the avatars of valid-avatars-glb are expected: fetch the file again."
        )
    meshes = tuple(mesh for name, mesh in found.items() if name in MESHES and mesh is not None)
    return RawAvatar(avatar_name(path), glb, meshes, found[WIG], world)


def _joint_position(raw: RawAvatar, name: str) -> Float64Array:
    index = _node_index(raw.glb, name)
    if index is None:
        raise AssetError(f"{raw.glb.path} lacks the joint {name}; fetch the file again.")
    result: Float64Array = raw.world[index, :3, 3]
    return result


def _all_keys(raw: RawAvatar) -> IndexArray:
    return np.concatenate([vertex_keys(mesh.uv, index) for index, mesh in enumerate(raw.meshes)])


def _in_order(raw: RawAvatar, wanted: IndexArray) -> IndexArray:
    """(V,) index into the file's concatenated vertices of each wanted key.

    Raises:
        AssetError: when the file has another layout.
    """
    keys = _all_keys(raw)
    order = np.argsort(keys, kind="stable")
    place = np.searchsorted(keys[order], wanted).clip(0, len(keys) - 1)
    result: IndexArray = order[place]
    if not (keys[result] == wanted).all():
        raise AssetError(
            f"{raw.glb.path} has another texture layout than the other avatars; valid-avatars-glb is expected."
        )
    return result


def build_topology(raws: list[RawAvatar]) -> tuple[Topology, IndexArray]:
    """The mesh that all avatars share, cut off below the chest and at the wrists, and the keys of its vertices.

    Args:
        raws: a few avatars; the first gives the triangles, all of them tell which vertices lie on a seam.
    """
    first = raws[0]
    offsets = np.cumsum([0] + [len(mesh.uv) for mesh in first.meshes[:-1]])
    triangles = np.concatenate([m.triangles + o for m, o in zip(first.meshes, offsets, strict=True)]).astype(np.int32)
    of_triangle = np.repeat(np.arange(len(MESHES)), [len(m.triangles) for m in first.meshes]).astype(np.uint8)
    uv = np.concatenate([mesh.uv for mesh in first.meshes])
    keys, index = np.unique(_all_keys(first), return_inverse=True)
    # Vertices that differ only in their normal are one here.
    merged = index.reshape(-1).astype(np.int32)[triangles]
    place = np.zeros((len(keys), 2))
    place[index.reshape(-1)] = uv
    charts = chart_of_triangles(place, merged, of_triangle)
    positions = np.zeros((len(keys), 3))
    positions[index.reshape(-1)] = np.concatenate([mesh.positions for mesh in first.meshes])
    eyes = _joint_position(first, "LeftEye")[1]
    near = (np.abs(positions[:, 0]) < WRIST) & (positions[:, 1] > eyes - BELOW_EYES)
    kept = (charts != 255) & near[merged].all(axis=1) & _proper(merged)
    used, flat = np.unique(merged[kept], return_inverse=True)
    wanted = keys[used]
    mesh_of_vertex = (wanted >> 40).astype(np.uint8)
    together = np.hstack([_positions(raw, wanted) for raw in raws])
    topology = Topology(
        uv=place[used].astype(np.float32),
        triangles=flat.reshape(-1, 3).astype(np.int32),
        charts=charts[kept],
        weld=welded(together, mesh_of_vertex),
        mesh=mesh_of_vertex,
    )
    return topology, wanted


def _proper(triangles: IntArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Triangles with three different corners."""
    a, b, c = triangles.T
    result: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (a != b) & (b != c) & (c != a)
    return result


def _positions(raw: RawAvatar, wanted: IndexArray) -> Float64Array:
    result: Float64Array = np.concatenate([mesh.positions for mesh in raw.meshes])[_in_order(raw, wanted)]
    return result


def _kept_joint(raw: RawAvatar) -> IndexArray:
    """(nodes,) index into JOINTS of the nearest joint at or above each node; the hips for anything else."""
    nodes = raw.glb.document["nodes"]
    parent = {child: index for index, node in enumerate(nodes) for child in node.get("children", [])}
    result = np.zeros(len(nodes), np.int64)
    for index in range(len(nodes)):
        at: int | None = index
        while at is not None and nodes[at].get("name") not in JOINTS:
            at = parent.get(at)
        result[index] = JOINTS.index(nodes[at]["name"]) if at is not None else 0
    return result


def _wig(raw: RawAvatar) -> Wig:
    if raw.wig is None:
        return Wig(np.zeros((0, 3), np.float32), np.zeros((0, 2), np.float32), np.zeros((0, 3), np.int32))
    # Vertices of the file differ in normals too; one per texture coordinate and place is enough.
    rows = np.c_[np.round(raw.wig.positions * 1e6), np.round(raw.wig.uv * 65535.0)].astype(np.int64)
    _, first, flat = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    triangles = flat.reshape(-1).astype(np.int32)[raw.wig.triangles]
    return Wig(
        raw.wig.positions[first].astype(np.float32),
        raw.wig.uv[first].astype(np.float32),
        triangles[_proper(triangles)],
    )


def _shape_keys(raw: RawAvatar, order: IndexArray) -> ShapeKeys:
    counts = [len(mesh.uv) for mesh in raw.meshes]
    starts = np.cumsum([0, *counts[:-1]])
    names = sorted({name for mesh in raw.meshes for name in mesh.targets})
    indices, offsets, ends = [], [], [0]
    for name in names:
        full = np.zeros((sum(counts), 3))
        for mesh, start in zip(raw.meshes, starts, strict=True):
            if name in mesh.targets:
                full[start : start + len(mesh.uv)] = np.einsum("vab,vb->va", mesh.linear, mesh.targets[name])
        ordered = full[order]
        moved = np.flatnonzero(np.linalg.norm(ordered, axis=1) > LEAST_OFFSET)
        indices.append(moved.astype(np.int32))
        offsets.append((ordered[moved] * 1000.0).astype(np.float16))
        ends.append(ends[-1] + len(moved))
    return ShapeKeys(tuple(names), np.array(ends, np.int64), np.concatenate(indices), np.concatenate(offsets))


def avatar_shape(raw: RawAvatar, wanted: IndexArray) -> AvatarShape:
    """An avatar in the common order of vertices.

    Args:
        raw: the opened avatar.
        wanted: keys of the vertices, from `build_topology`.
    """
    order = _in_order(raw, wanted)
    kept = _kept_joint(raw)
    joints = kept[np.concatenate([mesh.joints for mesh in raw.meshes])[order]]
    weights = np.concatenate([mesh.weights for mesh in raw.meshes])[order]
    return AvatarShape(
        name=raw.name,
        vertices=_positions(raw, wanted).astype(np.float32),
        joints=joints.astype(np.uint8),
        weights=weights.astype(np.float32),
        joint_positions=np.stack([_joint_position(raw, name) for name in JOINTS]).astype(np.float32),
        keys=_shape_keys(raw, order),
        wig=_wig(raw),
    )


def texture_index(raw: RawAvatar, mesh: str, kind: str) -> int | None:
    """Index of the texture that a mesh wears, `baseColorTexture` or `normalTexture`; None where it has none."""
    node = _node_index(raw.glb, mesh)
    if node is None:
        return None
    document = raw.glb.document
    material = document["materials"][document["meshes"][document["nodes"][node]["mesh"]]["primitives"][0]["material"]]
    entry = material.get(kind) or material["pbrMetallicRoughness"].get(kind)
    return None if entry is None else int(entry["index"])
