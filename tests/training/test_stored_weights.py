"""Exported weights: folded, rounded, half as large, and found again by name."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from chiaro.training.assets import AssetError
from chiaro.training.blocks import NormedConvolution
from chiaro.training.export import export_network
from chiaro.training.stored_weights import deployed, grown, store_halves, trainable_state


class Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = NormedConvolution(3, 16)
        self.last = nn.Linear(16, 32)

    def forward(self, plate: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"sum": self.last(self.first(plate).mean(dim=(2, 3)))}


def tiny() -> Tiny:
    torch.manual_seed(4)
    network = Tiny()
    with torch.no_grad():
        for value in network.first.norm.state_dict().values():
            if value.dtype.is_floating_point:
                value.add_(torch.rand_like(value))
    return network.eval()


def test_what_is_deployed_computes_the_same_to_eleven_bits() -> None:
    network, plate = tiny(), torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(deployed(network)(plate)["sum"], network(plate)["sum"], atol=2e-3, rtol=2e-3)
    assert isinstance(network.first.norm, nn.BatchNorm2d)  # the network itself is as it was


def test_a_weight_that_no_half_float_holds_is_named() -> None:
    network = tiny()
    with torch.no_grad():
        network.last.weight[3, 3] = 1e6
    with pytest.raises(AssetError, match=r"last\.weight is past 65504"):
        deployed(network)


def test_files_hold_halves_under_the_names_of_parameters(tmp_path: Path) -> None:
    network = tiny()
    export_network(network, ("sum",), 3, tmp_path / "tiny.onnx")
    kinds = {one.name: one.data_type for one in onnx.load(str(tmp_path / "tiny.onnx")).graph.initializer}
    assert kinds["network.last.weight/half"] == TensorProto.FLOAT16
    assert kinds["network.last.bias"] == TensorProto.FLOAT
    state = trainable_state(tmp_path / "tiny.onnx", "network.", network)
    again = Tiny()
    again.load_state_dict(state, strict=False)
    plate = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(again.eval()(plate)["sum"], network(plate)["sum"], atol=2e-3, rtol=2e-3)
    assert set(network.state_dict()) - set(state) == {"first.norm.num_batches_tracked"}


def test_numbers_that_are_no_halves_stay_as_they_are() -> None:
    exact, fine = np.full(300, 0.5, np.float32), np.full(300, 0.1, np.float32)
    graph = helper.make_graph(
        [helper.make_node("Add", ["exact", "fine"], ["sum"])],
        "two",
        [],
        [helper.make_tensor_value_info("sum", TensorProto.FLOAT, [300])],
        [numpy_helper.from_array(exact, "exact"), numpy_helper.from_array(fine, "fine")],
    )
    model = helper.make_model(graph)
    store_halves(model)
    assert {one.name: one.data_type for one in model.graph.initializer} == {
        "exact/half": TensorProto.FLOAT16,
        "fine": TensorProto.FLOAT,
    }
    assert [node.op_type for node in model.graph.node] == ["Cast", "Add"]


def test_a_weight_grows_without_listening_to_what_is_new() -> None:
    known, fresh = torch.ones(2, 3), torch.full((4, 5), 7.0)
    result = grown(known, fresh)
    assert torch.equal(result[:2], torch.tensor([[1.0, 1, 1, 0, 0]] * 2))
    assert torch.equal(result[2:], fresh[2:])
    with pytest.raises(AssetError, match=r"\(2, 3\) does not fit into \(1, 5\)"):
        grown(known, torch.zeros(1, 5))
