"""Pixels to channels and back, as torch does it and as ONNX files have it."""

from collections.abc import Callable
from pathlib import Path

import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from chiaro.training.onnx_file import Interface, write_onnx
from chiaro.training.shuffling import pixel_shuffled, pixel_unshuffled


@pytest.mark.parametrize(
    ("ours", "theirs", "shape"),
    [
        (pixel_shuffled, functional.pixel_shuffle, (2, 36, 5, 7)),
        (pixel_unshuffled, functional.pixel_unshuffle, (2, 4, 15, 21)),
    ],
)
@pytest.mark.parametrize("exporting", [False, True])
def test_both_ways_are_those_of_torch(
    monkeypatch: pytest.MonkeyPatch,
    ours: Callable[[Tensor, int], Tensor],
    theirs: Callable[[Tensor, int], Tensor],
    shape: tuple[int, ...],
    exporting: bool,
) -> None:
    monkeypatch.setattr(torch.onnx, "is_in_onnx_export", lambda: exporting)
    image = torch.arange(torch.Size(shape).numel(), dtype=torch.float32).reshape(shape)
    torch.testing.assert_close(ours(image, 3), theirs(image, 3), rtol=0, atol=0)


class _Shuffles(nn.Module):
    def forward(self, image: Tensor) -> Tensor:
        """Down by four, up by two."""
        return pixel_shuffled(pixel_unshuffled(image, 4), 2)


def test_an_exported_network_moves_one_axis_at_a_time(tmp_path: Path) -> None:
    """For any number of pictures; `write_onnx` compares with torch."""
    path, image = tmp_path / "shuffles.onnx", torch.rand(2, 3, 16, 24)
    interface = Interface(("image",), ("out",), {"image": {0: "N"}, "out": {0: "N"}}, largest_difference=0.0)
    write_onnx(_Shuffles(), interface, [(image,)], path)
    nodes = onnx.load(str(path)).graph.node
    assert not [node for node in nodes if node.op_type in {"DepthToSpace", "SpaceToDepth"}]
    permutations = [list(node.attribute[0].ints) for node in nodes if node.op_type == "Transpose"]
    assert permutations
    for permutation in permutations:
        moved = [axis for place, axis in enumerate(permutation) if place != axis]
        assert moved == sorted(moved)[::-1] and len(moved) == 2
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    five = torch.rand(5, 3, 16, 24)
    found = torch.from_numpy(session.run(None, {"image": five.numpy()})[0])
    torch.testing.assert_close(found, functional.pixel_shuffle(functional.pixel_unshuffle(five, 4), 2), rtol=0, atol=0)
