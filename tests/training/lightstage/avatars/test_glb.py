"""Reading of compressed binary glTF."""

import json
import struct
from pathlib import Path

import meshoptimizer
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from chiaro.training.assets import AssetError
from chiaro.training.lightstage.avatars.glb import (
    accessor,
    node_matrix,
    normalised,
    open_glb,
    skinned,
    world_from_nodes,
)


def _write(path: Path, document: dict[str, object], binary: bytes) -> None:
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x004E4942) + binary
    path.write_bytes(b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks)


def _compressed_document(values: np.ndarray) -> tuple[dict[str, object], bytes]:  # type: ignore[type-arg]  # int16
    rows = np.zeros((len(values), 4), np.int16)
    rows[:, :3] = values
    encoded = meshoptimizer.encode_vertex_buffer(rows.view(np.float32).reshape(len(values), 2), len(values), 8)
    compressed = {"buffer": 0, "byteOffset": 0, "byteLength": len(encoded), "byteStride": 8, "count": len(values)}
    view = {
        "buffer": 1,
        "byteLength": rows.nbytes,
        "byteStride": 8,
        "extensions": {"EXT_meshopt_compression": {**compressed, "mode": "ATTRIBUTES"}},
    }
    entry = {"bufferView": 0, "componentType": 5122, "type": "VEC3", "count": len(values), "normalized": True}
    return {"bufferViews": [view], "accessors": [entry]}, bytes(encoded)


@given(arrays(np.int16, st.tuples(st.integers(1, 40), st.just(3)), elements=st.integers(-32767, 32767)))
def test_compressed_positions_come_back(tmp_path_factory: pytest.TempPathFactory, values: np.ndarray) -> None:  # type: ignore[type-arg]  # int16
    path = tmp_path_factory.mktemp("glb") / "a.glb"
    document, encoded = _compressed_document(values)
    _write(path, document, encoded)
    glb = open_glb(path)
    np.testing.assert_array_equal(accessor(glb, 0), values)
    np.testing.assert_allclose(normalised(glb, 0), values / 32767.0)


def test_a_damaged_buffer_is_named(tmp_path: Path) -> None:
    document, encoded = _compressed_document(np.arange(60, dtype=np.int16).reshape(20, 3))
    _write(tmp_path / "a.glb", document, b"\xff" * len(encoded))
    with pytest.raises(AssetError, match=r"a\.glb is damaged"):
        accessor(open_glb(tmp_path / "a.glb"), 0)


def test_what_is_no_glb_is_said(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="was not found"):
        open_glb(tmp_path / "none.glb")
    (tmp_path / "text.glb").write_text("hello" * 20)
    with pytest.raises(AssetError, match="is not a binary glTF"):
        open_glb(tmp_path / "text.glb")
    (tmp_path / "cut.glb").write_bytes(b"glTF" + struct.pack("<IIII", 2, 900, 880, 0x4E4F534A) + b" " * 40)
    with pytest.raises(AssetError, match="cut short"):
        open_glb(tmp_path / "cut.glb")


@given(st.integers(0, 10_000))
def test_node_matrices_follow_the_quaternion(seed: int) -> None:
    rotation = Rotation.random(rng=np.random.default_rng(seed))
    matrix = node_matrix({"rotation": rotation.as_quat().tolist(), "translation": [1, 2, 3], "scale": [2, 2, 2]})
    np.testing.assert_allclose(matrix[:3, :3], 2.0 * rotation.as_matrix(), atol=1e-9)
    np.testing.assert_allclose(matrix[:, 3], [1, 2, 3, 1])


def test_world_matrices_chain_in_any_order(tmp_path: Path) -> None:
    nodes = [{"translation": [0, 1, 0]}, {"translation": [1, 0, 0], "children": [0]}]
    _write(tmp_path / "a.glb", {"nodes": nodes}, b"")
    world = world_from_nodes(open_glb(tmp_path / "a.glb"))
    np.testing.assert_allclose(world[0, :3, 3], [1, 1, 0])


def test_skinning_blends_matrices() -> None:
    shift = np.tile(np.eye(4), (2, 1, 1))
    shift[1, 0, 3] = 4.0
    joints, weights = np.array([[0, 1, 0, 0]]), np.array([[0.25, 0.75, 0.0, 0.0]])
    np.testing.assert_allclose(skinned(np.array([[1.0, 2.0, 3.0]]), joints, weights, shift), [[4.0, 2.0, 3.0]])
