"""The exported temporal network computes what torch computes, for windows of any length."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from chiaro.runtime.errors import WeightsError
from chiaro.runtime.network import load_network
from chiaro.training.export import write_manifest
from chiaro.training.triplanes.temporal import TemporalNetwork
from chiaro.training.triplanes.temporal_exported import INPUTS, example_window, export_temporal
from chiaro.training.triplanes.temporal_window import FRAMES


def restless(albedo_planes: int, shading_planes: int) -> TemporalNetwork:
    """A network whose residuals are not zero."""
    torch.manual_seed(1)
    network = TemporalNetwork(albedo_planes, shading_planes)
    for name, parameter in network.named_parameters():
        if name.startswith("residual"):
            nn.init.normal_(parameter, std=0.02)
    return network


@pytest.mark.parametrize("planes", [(4, 2), (0, 0)])
def test_it_agrees_with_torch_for_every_length(tmp_path: Path, planes: tuple[int, int]) -> None:
    network = restless(*planes)
    export_temporal(network, tmp_path)  # compares with torch itself, for two frames and for all
    write_manifest(tmp_path)
    exported = load_network("temporal", folder=tmp_path)
    names = [given.name for given in exported.session.get_inputs()]
    assert names == list(INPUTS if planes[0] else INPUTS[:3])
    for frames in range(2, FRAMES + 1):
        window = example_window(network, frames)
        outputs = exported.run(**{name: value.numpy() for name, value in zip(names, window, strict=True)})
        assert outputs["change"].shape == (27, 256, 256)
        assert np.isfinite(outputs["change"]).all()
        assert ("steady_albedo_planes" in outputs) == (planes[0] > 0)


def test_it_holds_no_operator_that_providers_lack(tmp_path: Path) -> None:
    export_temporal(restless(4, 2), tmp_path)
    graph = onnx.load(str(tmp_path / "temporal.onnx"))
    assert {node.domain for node in graph.graph.node} <= {"", "ai.onnx"}
    assert "GridSample" not in {node.op_type for node in graph.graph.node}


def test_another_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="A Linear is no temporal network"):
        export_temporal(nn.Linear(1, 1), tmp_path)
    assert list(tmp_path.iterdir()) == []
