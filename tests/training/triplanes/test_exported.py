"""The exported field computes what torch computes, with operators that every provider runs."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from hypothesis import given
from hypothesis import strategies as st

from chiaro.training.triplanes.exported import DISTANCE_INPUTS, SURFACE_INPUTS, example_inputs, export_field
from chiaro.training.triplanes.field import Field
from chiaro.training.triplanes.planes import gathered_plane, sample_plane
from chiaro.training.triplanes.size import ModelSize

SIZE = ModelSize(albedo_planes=6, shading_planes=4, field=16)


def test_distance_and_surface_agree_with_each_other_and_with_torch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    export_field(Field(SIZE), SIZE, tmp_path)  # compares with torch itself
    sessions = [
        onnxruntime.InferenceSession(str(tmp_path / f"field_{name}.onnx"), providers=["CPUExecutionProvider"])
        for name in ("distance", "surface")
    ]
    inputs = dict(zip(SURFACE_INPUTS, (t.numpy() for t in example_inputs(SIZE, SURFACE_INPUTS, 77)), strict=True))
    distance = sessions[0].run(["distance"], {name: inputs[name] for name in DISTANCE_INPUTS})[0]
    surface = sessions[1].run(None, inputs)
    assert distance.shape == (1, 1, 77)
    np.testing.assert_allclose(surface[0], distance, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(surface[2], axis=1), 1.0, atol=1e-4)


def test_planes_are_read_by_operators_of_every_provider(tmp_path: Path) -> None:
    export_field(Field(SIZE), SIZE, tmp_path)
    for name in ("field_distance.onnx", "field_surface.onnx"):
        graph = onnx.load(str(tmp_path / name))
        assert 16 <= graph.opset_import[0].version <= 19
        assert not any(node.domain for node in graph.graph.node)
        kinds = {node.op_type for node in graph.graph.node}
        assert "Gather" in kinds
        assert "GridSample" not in kinds  # one channel after the other on a CPU, and no 5-D form on GPUs


@given(st.lists(st.tuples(*[st.floats(-1.5, 1.5, width=32)] * 2), min_size=1, max_size=20))
def test_gathered_texels_say_what_a_grid_sample_says(places: list[tuple[float, float]]) -> None:
    plane = torch.rand(1, 5, 8, 6, generator=torch.Generator().manual_seed(4))
    horizontal, vertical = torch.tensor(places).T[:, None]
    expected = sample_plane(plane, horizontal, vertical)
    torch.testing.assert_close(gathered_plane(plane, horizontal, vertical), expected, atol=1e-5, rtol=0)
