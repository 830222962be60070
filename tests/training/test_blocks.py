"""What the networks are built of computes what torch's own layers do."""

import pytest
import torch
from torch import nn

from chiaro.training.blocks import StridedConvolution


@pytest.mark.parametrize(("kernel", "stride", "bias"), [(3, 2, False), (4, 4, True)])
def test_a_strided_convolution_is_trained_as_torch_trains_it(kernel: int, stride: int, bias: bool) -> None:
    torch.manual_seed(0)
    ours = StridedConvolution(6, 5, kernel, stride=stride, padding=kernel // 2 if stride == 2 else 0, bias=bias)
    theirs = nn.Conv2d(6, 5, kernel, stride=stride, padding=ours.padding, bias=bias)
    theirs.load_state_dict(ours.state_dict())
    gradients = []
    for layer in (ours, theirs):
        x = torch.randn(3, 6, 16, 16, generator=torch.Generator().manual_seed(1), requires_grad=True)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = layer(x)
        assert found.dtype == torch.bfloat16
        found.float().square().mean().backward()
        gradients.append([found.float(), x.grad, *(parameter.grad for parameter in layer.parameters())])
    for a, b in zip(*gradients, strict=True):
        torch.testing.assert_close(a, b, rtol=0.03, atol=0.01 * float(b.abs().max()))


def test_without_half_precision_it_is_torchs_own_layer() -> None:
    torch.manual_seed(0)
    layer = StridedConvolution(3, 4, 3, stride=2, padding=1)
    x = torch.randn(1, 3, 8, 8)
    torch.testing.assert_close(layer(x), nn.functional.conv2d(x, layer.weight, layer.bias, 2, 1), rtol=0, atol=0)
