"""Exported networks compute what torch computes, and the manifest names them."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from chiaro.runtime.errors import WeightsError
from chiaro.training.export import export_network, write_manifest
from chiaro.training.locator.network import LocatorNetwork
from chiaro.training.portrait.network import PortraitNetwork, PortraitSize
from chiaro.training.portrait_model import OUTPUTS, PortraitModel


def test_a_portrait_network_survives_the_export(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = PortraitNetwork(PortraitSize(fine=16, middle=16, coarse=32, attention_blocks=1, refinement=8))
    path = tmp_path / "portrait.onnx"
    export_network(network, OUTPUTS, 5, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert [o.name for o in session.get_outputs()] == list(OUTPUTS)
    plate = np.random.default_rng(0).uniform(size=(3, 5, 256, 256)).astype(np.float32)
    matte = session.run(["matte"], {"plate": plate})[0]
    with torch.no_grad():
        expected = network.eval()(torch.from_numpy(plate))["matte"]
    np.testing.assert_allclose(matte, expected.numpy(), atol=1e-4)
    assert PortraitModel(path)(plate[:1])["depth"].shape == (256, 256)
    assert [p.name for p in tmp_path.iterdir()] == ["portrait.onnx"]


def test_the_locator_survives_the_export_and_the_manifest_holds_its_hash(tmp_path: Path) -> None:
    torch.manual_seed(0)
    export_network(LocatorNetwork(), ("score", "box"), 3, tmp_path / "locator.onnx")
    write_manifest(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    digest = hashlib.sha256((tmp_path / "locator.onnx").read_bytes()).hexdigest()
    assert manifest == {"locator": {"file": "locator.onnx", "sha256": digest}}


def test_a_missing_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="chiaro-train export"):
        PortraitModel(tmp_path / "portrait.onnx")
