"""Networks of a few nodes, made on the spot, whose answers are known: for tests of what surrounds the real ones."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


def _model(nodes: list[onnx.NodeProto], inputs: dict[str, list[int]], outputs: dict[str, list[int | None]],
           constants: dict[str, NDArray[np.float32]]) -> bytes:  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(np.asarray(value, dtype=np.float32), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def constant_portrait(outputs: dict[str, NDArray[np.float32]], *, unsteady: str = "") -> bytes:
    """A portrait network that always gives these outputs, whatever it sees.

    Args:
        outputs: by name.
        unsteady: the one to which the mean of the plate's numbers is added.
    """
    nodes = [
        helper.make_node("ReduceMean", ["plate"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "nought"], ["nothing"]),
    ]
    nodes += [
        helper.make_node("Add", [f"{name}_value", "mean" if name == unsteady else "nothing"], [name])
        for name in outputs
    ]
    constants = {f"{name}_value": value for name, value in outputs.items()} | {"nought": np.float32(0)}
    shapes: dict[str, list[int | None]] = {name: list(value.shape) for name, value in outputs.items()}
    return _model(nodes, {"plate": [1, 5, 256, 256]}, shapes, constants)


def mean_temporal(channels: int) -> bytes:
    """A temporal network without planes that gives the mean of a window's frames.

    Args:
        channels: of its maps.
    """
    nodes = [
        helper.make_node("ReduceMean", ["maps"], ["mean"], axes=[0], keepdims=1),
        helper.make_node("Slice", ["maps", "last", "end", "first_axis"], ["present"]),
        helper.make_node("Sub", ["mean", "present"], ["small"]),
        helper.make_node("Resize", ["small", "", "scales"], ["wide"], mode="nearest"),
        helper.make_node("Squeeze", ["wide", "first_axis"], ["change"]),
        helper.make_node("ReduceMean", ["head"], ["steady_head"], axes=[0], keepdims=0),
        helper.make_node("ReduceSum", ["luminance"], ["unused"]),
    ]
    graph = helper.make_graph(
        nodes,
        "mean",
        [
            helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["F", channels, 128, 128]),
            helper.make_tensor_value_info("luminance", TensorProto.FLOAT, ["F", 1, 128, 128]),
            helper.make_tensor_value_info("head", TensorProto.FLOAT, ["F", 8]),
        ],
        [
            helper.make_tensor_value_info("change", TensorProto.FLOAT, [channels, 256, 256]),
            helper.make_tensor_value_info("steady_head", TensorProto.FLOAT, [8]),
        ],
        [
            numpy_helper.from_array(np.array([-1], np.int64), "last"),
            numpy_helper.from_array(np.array([2**31], np.int64), "end"),
            numpy_helper.from_array(np.array([0], np.int64), "first_axis"),
            numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def red_disc_locator(half_size: float = 64.0, disc_share: float = 0.15) -> bytes:
    """A locator that takes a pure red disc for a head.

    The score of a cell is how red a disc of `disc_share` of the half size around it is, so a disc must have about that
    radius. All boxes have the same half size, in input pixels; so only a disc at that scale is placed precisely.
    """
    radius = half_size * disc_share
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = (np.hypot(x, y) <= radius).astype(np.float32)
    kernel = np.stack([disc, -disc, -disc])[None] / disc.sum()
    box = np.zeros((1, 7, 32, 32), dtype=np.float32)
    box[:, 2] = np.log2(half_size)
    box[:, 4] = 1.0
    nodes = [
        helper.make_node(
            "Conv", ["plate", "kernel"], ["redness"], strides=[8, 8], pads=[reach - 4, reach - 4, reach, reach]
        ),
        helper.make_node("Sub", ["redness", "half"], ["centred"]),
        helper.make_node("Mul", ["centred", "sharpness"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["score"]),
        helper.make_node("Identity", ["box_value"], ["box"]),
    ]
    constants = {"kernel": kernel, "half": np.float32(0.6), "sharpness": np.float32(20), "box_value": box}
    return _model(nodes, {"plate": [1, 3, 256, 256]}, {"score": [1, 1, 32, 32], "box": [1, 7, 32, 32]}, constants)


def write_weights(folder: Path, **networks: bytes) -> Path:
    """A weights folder with a manifest."""
    manifest = {}
    for name, content in networks.items():
        (folder / f"{name}.onnx").write_bytes(content)
        manifest[name] = {"file": f"{name}.onnx", "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
