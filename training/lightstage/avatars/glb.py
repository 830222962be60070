"""Read binary glTF files with meshopt-compressed, quantised buffers: accessors as arrays, images as bytes.

The container and the accessors are those of the glTF 2.0 specification (sections 3.6 and 4), the compression that of
the vendor extension EXT_meshopt_compression, without its filters: normals are computed afresh from the positions.
"""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import meshoptimizer
import numpy as np

from ....runtime.arrays import AnyFloatArray, Float64Array
from ...assets import AssetError

COMPONENTS = {5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
MESHOPT = "EXT_meshopt_compression"
JSON_CHUNK = 0x4E4F534A

RawArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
IndexArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


@dataclass(frozen=True)
class Glb:
    """An opened file.

    Attributes:
        path: where it was read from.
        document: the JSON part.
        binary: the binary part, buffer 0.
        views: decoded buffer views, filled as they are read.
    """

    path: Path
    document: dict[str, Any]
    binary: bytes
    views: dict[int, RawArray]


def open_glb(path: Path) -> Glb:
    """Read a .glb file.

    Raises:
        AssetError: when it is not there or is no binary glTF.
    """
    if not path.exists():
        raise AssetError(f"{path} was not found; training/README.md says where to get the avatars.")
    content = path.read_bytes()
    if content[:4] != b"glTF" or len(content) < 28:
        raise AssetError(f"{path} is not a binary glTF file; fetch it again.")
    length, kind = struct.unpack("<II", content[12:20])
    if kind != JSON_CHUNK or 28 + length > len(content):
        raise AssetError(f"{path} is cut short or damaged; fetch it again.")
    return Glb(path, json.loads(content[20 : 20 + length]), content[28 + length :], {})


def _decoded(glb: Glb, view: dict[str, Any], compressed: dict[str, Any]) -> RawArray:
    start = compressed.get("byteOffset", 0)
    encoded = glb.binary[start : start + compressed["byteLength"]]
    count, stride, mode = compressed["count"], compressed["byteStride"], compressed["mode"]
    try:
        if mode == "ATTRIBUTES":
            rows = meshoptimizer.decode_vertex_buffer(count, stride, encoded, np.dtype((np.uint8, stride)))
        elif mode == "TRIANGLES":
            wide = meshoptimizer.decode_index_buffer(count, 4, encoded)
            rows = wide.astype(np.uint16 if stride == 2 else np.uint32)
        else:
            raise AssetError(f"{glb.path} has a buffer in meshopt's mode {mode}, which these avatars do not use.")
    except (RuntimeError, ValueError) as error:
        raise AssetError(f"{glb.path} is damaged: a compressed buffer cannot be decoded; fetch it again.") from error
    result: RawArray = np.frombuffer(np.ascontiguousarray(rows).tobytes(), np.uint8)
    if len(result) != view["byteLength"]:
        raise AssetError(f"{glb.path} is damaged: a buffer has {len(result)} bytes, not {view['byteLength']}.")
    return result


def view_bytes(glb: Glb, index: int) -> RawArray:
    """The bytes of a buffer view, decompressed."""
    if index not in glb.views:
        view = glb.document["bufferViews"][index]
        compressed = view.get("extensions", {}).get(MESHOPT)
        start = view.get("byteOffset", 0)
        glb.views[index] = (
            np.frombuffer(glb.binary[start : start + view["byteLength"]], np.uint8)
            if compressed is None
            else _decoded(glb, view, compressed)
        )
    return glb.views[index]


def accessor(glb: Glb, index: int) -> np.ndarray[Any, np.dtype[Any]]:
    """(N, width) numbers of an accessor as stored, integers not yet normalised."""
    entry = glb.document["accessors"][index]
    if "sparse" in entry:
        raise AssetError(f"{glb.path} has a sparse accessor, which these avatars do not use.")
    kind = np.dtype(COMPONENTS[entry["componentType"]])
    width, count = WIDTHS[entry["type"]], entry["count"]
    if "bufferView" not in entry:
        return np.zeros((count, width), kind)
    view = glb.document["bufferViews"][entry["bufferView"]]
    stride = view.get("byteStride", width * kind.itemsize)
    data = view_bytes(glb, entry["bufferView"])[entry.get("byteOffset", 0) :]
    rows = np.lib.stride_tricks.as_strided(data, (count, width * kind.itemsize), (stride, 1), writeable=False)
    return np.ascontiguousarray(rows).view(kind)


def normalised(glb: Glb, index: int) -> Float64Array:
    """(N, width) float64 of an accessor: normalised integers as −1..1 or 0..1."""
    values = accessor(glb, index)
    if glb.document["accessors"][index].get("normalized", False):
        return np.maximum(values.astype(np.float64) / np.iinfo(values.dtype).max, -1.0)
    return values.astype(np.float64)


def image_bytes(glb: Glb, texture: int) -> bytes:
    """The encoded file of a texture's image."""
    entry = glb.document["textures"][texture]
    source = entry.get("extensions", {}).get("EXT_texture_webp", entry).get("source")
    return view_bytes(glb, glb.document["images"][source]["bufferView"]).tobytes()


def node_matrix(node: dict[str, Any]) -> Float64Array:
    """(4, 4) parent_from_node."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0.0, 0.0, 0.0, 1.0))
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * np.array(node.get("scale", (1.0, 1.0, 1.0)))
    matrix[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return matrix


def world_from_nodes(glb: Glb) -> Float64Array:
    """(nodes, 4, 4) world_from_node of every node as the file poses it."""
    nodes = glb.document["nodes"]
    parent = {child: index for index, node in enumerate(nodes) for child in node.get("children", [])}
    result = np.zeros((len(nodes), 4, 4))
    done: set[int] = set()

    def place(index: int) -> None:
        if index in done:
            return
        local = node_matrix(nodes[index])
        if index in parent:
            place(parent[index])
            local = result[parent[index]] @ local
        result[index] = local
        done.add(index)

    for index in range(len(nodes)):
        place(index)
    return result


def skinned(
    positions: AnyFloatArray, joints: IndexArray, weights: AnyFloatArray, world_from_bind: Float64Array
) -> Float64Array:
    """(V, 3) positions moved by their joints (linear blend skinning).

    Args:
        positions: (V, 3) in the bind space of the mesh.
        joints: (V, 4) joint indices.
        weights: (V, 4), summing to one.
        world_from_bind: (joints, 4, 4): world_from_joint @ inverse bind matrix.
    """
    blended = np.einsum("vj,vjab->vab", weights, world_from_bind[joints])
    result: Float64Array = np.einsum("vab,vb->va", blended[:, :3, :3], positions) + blended[:, :3, 3]
    return result
