"""The exported field computes what torch computes, with operators that every provider runs."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from chiaro.training.triplanes.exported import DISTANCE_INPUTS, SURFACE_INPUTS, example_inputs, export_field
from chiaro.training.triplanes.field import Field
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


def test_planes_are_read_by_four_dimensional_float_grid_samples(tmp_path: Path) -> None:
    export_field(Field(SIZE), SIZE, tmp_path)
    for name, count in (("field_distance.onnx", 5), ("field_surface.onnx", 8)):
        graph = onnx.shape_inference.infer_shapes(onnx.load(str(tmp_path / name)))
        assert 16 <= graph.opset_import[0].version <= 19
        types = {value.name: value.type.tensor_type for value in [*graph.graph.value_info, *graph.graph.input]}
        samples = [node for node in graph.graph.node if node.op_type == "GridSample"]
        assert len(samples) == count
        for node in samples:
            for tensor in node.input:
                assert types[tensor].elem_type == onnx.TensorProto.FLOAT
                assert len(types[tensor].shape.dim) == 4


def test_an_optimised_session_keeps_every_grid_sample(tmp_path: Path) -> None:
    export_field(Field(SIZE), SIZE, tmp_path)
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    onnxruntime.InferenceSession(str(tmp_path / "field_surface.onnx"), options, providers=["CPUExecutionProvider"])
    nodes = onnx.load(str(tmp_path / "optimised.onnx")).graph.node
    assert sum(node.op_type == "GridSample" for node in nodes) == 8
