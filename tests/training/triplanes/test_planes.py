"""Planes are read where crop coordinates say."""

import pytest
import torch

from chiaro.training.triplanes.planes import FoldedPlane, TriPlanes, sample_planes


def _ramp(size: int) -> torch.Tensor:
    return (torch.arange(size) + 0.5) / size * 2.0 - 1.0


def test_each_plane_is_read_along_its_own_two_axes() -> None:
    size = 64
    ramp = _ramp(size)
    rows, columns = ramp[:, None].expand(size, size), ramp[None, :].expand(size, size)
    zero = torch.zeros(size, size)
    front = torch.stack([columns, rows, zero, zero, zero, zero])[None]  # y down, x right
    side = torch.stack([zero, zero, rows, columns, zero, zero])[None]  # y down, z right
    top = torch.stack([zero, zero, zero, zero, rows, columns])[None]  # z down, x right
    points = torch.rand(1, 200, 3, generator=torch.Generator().manual_seed(1)) * 1.8 - 0.9
    read = sample_planes(TriPlanes(front, side, top), points)[0]
    x, y, z = points[0].T
    torch.testing.assert_close(read, torch.stack([x, y, y, z, z, x]), atol=1e-5, rtol=0)


def test_a_coordinate_maps_pixel_centre_is_that_coordinate() -> None:
    front = torch.arange(16.0).reshape(1, 1, 4, 4)
    empty = torch.zeros(1, 1, 4, 4)
    point = torch.tensor([[[0.25, -0.75, 0.3]]])  # third column, first row
    assert float(sample_planes(TriPlanes(front, empty, empty), point)) == pytest.approx(2.0)


@pytest.mark.parametrize("fold_rows", [False, True])
def test_a_folded_plane_keeps_the_axis_that_is_not_folded(fold_rows: bool) -> None:
    torch.manual_seed(0)
    plane = FoldedPlane(6, 4, 32, fold_rows=fold_rows).eval()
    features = torch.randn(1, 6, 32, 32)
    changed = features.clone()
    line = (slice(None), slice(None), slice(None), 10) if fold_rows else (slice(None), slice(None), 10)
    changed[line] += 1.0
    with torch.no_grad():
        difference = (plane(changed) - plane(features)).abs().sum(dim=1)[0]
    touched = difference.sum(dim=0 if fold_rows else 1)  # along depth
    assert plane(features).shape == (1, 4, 64, 64)
    assert float(touched[:17].max()) < 1e-4  # the line is cells 20 and 21 of 64; up- and smoothing reach three further
    assert float(touched[18:24].max()) > 1e-3
    assert float(touched[25:].max()) < 1e-4
