"""Motion of pictures whose motion is known."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from chiaro.training.triplanes.temporal_alignment import aligned_motion, averaged, gradients, warped


def texture(channels: int = 4, seed: int = 0) -> torch.Tensor:
    """(1, channels, 128, 128) smooth blotches of about 0..1."""
    noise = torch.rand(1, channels, 32, 32, generator=torch.Generator().manual_seed(seed))
    return functional.interpolate(noise, scale_factor=4.0, mode="bicubic")


@given(x=st.floats(-1.5, 1.5), y=st.floats(-1.5, 1.5))
@settings(max_examples=10, deadline=None)
def test_lookups_are_those_of_grid_sample(x: float, y: float) -> None:
    image = torch.rand(2, 3, 12, 20, generator=torch.Generator().manual_seed(1))
    bend = 0.1 * torch.randn(2, 2, 12, 20, generator=torch.Generator().manual_seed(2))
    motion = bend + torch.tensor([x, y])[None, :, None, None]
    row = (torch.arange(12) * 2.0 + 1.0) / 12 - 1.0
    column = (torch.arange(20) * 2.0 + 1.0) / 20 - 1.0
    grid = torch.stack([column.expand(12, 20), row[:, None].expand(12, 20)])[None] + motion
    expected = functional.grid_sample(
        image, grid.permute(0, 2, 3, 1), mode="bilinear", padding_mode="border", align_corners=False
    )
    torch.testing.assert_close(warped(image, motion), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("shift", [(0, 0), (3, 0), (0, -5), (-6, 4)])
def test_a_shifted_picture_is_found_where_it_was(shift: tuple[int, int]) -> None:
    past = texture()
    present = torch.roll(past, shift, dims=(3, 2))
    motion = 64.0 * aligned_motion(present, past)[0, :, 20:108, 20:108]
    expected = -torch.tensor(shift, dtype=torch.float32)
    error = (motion - expected[:, None, None]).norm(dim=0)
    assert error.median() < 0.1
    assert error.quantile(0.9) < 0.5


def test_brighter_light_is_no_motion() -> None:
    past = texture()
    motion = 64.0 * aligned_motion(past + 0.3, past)
    assert motion.abs().max() < 0.05


def test_an_even_wall_stands_still() -> None:
    even = torch.full((1, 4, 128, 128), 0.4)
    noisy = even + 0.01 * torch.randn(1, 4, 128, 128, generator=torch.Generator().manual_seed(3))
    assert (64.0 * aligned_motion(noisy, even)).norm(dim=1).mean() < 0.3


def test_averages_at_the_border_are_of_what_is_there() -> None:
    assert averaged(torch.ones(1, 1, 9, 9)).unique().tolist() == [1.0]


def test_gradients_of_a_ramp() -> None:
    ramp = torch.arange(8.0).expand(1, 1, 8, 8)
    along_x, along_y = gradients(ramp)
    assert along_x[..., 1:-1].unique().tolist() == [1.0]
    assert along_y.abs().max() == 0.0
