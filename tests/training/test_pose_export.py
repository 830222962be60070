"""The pose network is the portrait network's word on the pose, and nothing else is ever written."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tests.tiny_networks import constant_portrait, write_weights

from chiaro.runtime.errors import WeightsError
from chiaro.runtime.network import load_network
from chiaro.runtime.recentre import pose_network
from chiaro.training.assets import AssetError
from chiaro.training.export import write_manifest
from chiaro.training.pose_export import export_pose

PORTRAIT = constant_portrait(
    {"head": np.arange(9, dtype=np.float32)[None], "matte": np.ones((1, 1, 256, 256), np.float32)}, unsteady="head"
)


def test_it_says_what_the_whole_network_says(tmp_path: Path) -> None:
    write_weights(tmp_path, portrait=PORTRAIT)
    export_pose(tmp_path)
    write_manifest(tmp_path)
    plate = np.random.default_rng(1).random((1, 5, 256, 256), np.float32)
    whole, part = (load_network(name, folder=tmp_path).run(plate=plate) for name in ("portrait", "pose"))
    assert list(part) == ["head"]
    assert np.array_equal(part["head"], whole["head"])
    assert (tmp_path / "pose.md").read_text().startswith("# pose")


def test_weights_without_it_recentre_with_the_whole_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_weights(tmp_path, portrait=PORTRAIT)
    monkeypatch.setenv("CHIARO_WEIGHTS", str(tmp_path))
    assert pose_network().name == "portrait"
    export_pose(tmp_path)
    write_manifest(tmp_path)
    assert pose_network().name == "pose"


def test_there_must_be_a_portrait_network(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"There is no portrait network in .*; run `chiaro-train export` first"):
        export_pose(tmp_path)


def test_it_must_have_a_pose(tmp_path: Path) -> None:
    node = helper.make_node("Identity", ["plate"], ["matte"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 5, 256, 256]) for name in ("plate", "matte")]
    graph = helper.make_graph([node], "no pose", ends[:1], ends[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), str(tmp_path / "portrait.onnx"))
    with pytest.raises(WeightsError, match='has the outputs matte; "head" is expected'):
        export_pose(tmp_path)
    assert not (tmp_path / "pose.onnx").exists()
