"""Losses of the temporal network, on cases whose value is known."""

import pytest
import torch

from chiaro.training.triplanes.temporal_losses import (
    head_loss,
    long_term_loss,
    plane_loss,
    short_term_loss,
    visibility,
    warping_error,
    with_plane_noise,
)

IMAGE = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
STILL = torch.zeros(1, 2, 16, 16)
EVERYWHERE = torch.ones(1, 1, 16, 16)


def shifted(columns: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The image moved to the right, the motion back to it, and where it came from inside the picture."""
    seen = EVERYWHERE.clone()
    seen[..., :columns] = 0.0
    motion = STILL.clone()
    motion[:, 0] = -2.0 * columns / 16
    return torch.roll(IMAGE, columns, dims=3), motion, seen


def test_what_moves_rightly_costs_nothing() -> None:
    present, motion, seen = shifted(3)
    assert short_term_loss(present, IMAGE, motion, seen) < 1e-6
    assert warping_error(present, IMAGE, motion, seen) < 1e-12
    assert short_term_loss(present, IMAGE, STILL, EVERYWHERE) > 0.1


def test_a_change_costs_its_size() -> None:
    for loss in (short_term_loss, long_term_loss):
        assert loss(IMAGE + 0.1, IMAGE, STILL, EVERYWHERE).item() == pytest.approx(0.1, rel=1e-4)
    assert warping_error(IMAGE + 0.1, IMAGE, STILL, EVERYWHERE).item() == pytest.approx(0.01, rel=1e-4)


def test_what_is_not_seen_costs_nothing() -> None:
    half = EVERYWHERE.clone()
    half[..., 8:] = 0.0
    changed = IMAGE.clone()
    changed[..., 8:] += 1.0
    assert short_term_loss(changed, IMAGE, STILL, half) == 0.0
    assert short_term_loss(changed, IMAGE, STILL, 0.0 * half) == 0.0


def test_visibility_falls_where_the_truth_differs() -> None:
    other = IMAGE.clone()
    other[..., 8:] += 0.2
    seen = visibility(other, IMAGE, STILL, EVERYWHERE)
    torch.testing.assert_close(seen[..., :8], EVERYWHERE[..., :8])
    expected = torch.exp(torch.tensor(-50.0 * 3 * 0.2**2))
    torch.testing.assert_close(seen[..., 8:], expected.expand(1, 1, 16, 8), rtol=1e-3, atol=0)
    assert (visibility(other, IMAGE, STILL, 0.0 * EVERYWHERE) == 0.0).all()


def test_plane_noise_has_the_size_that_was_asked_for() -> None:
    planes = torch.randn(2, 5, 4, 32, 32, generator=torch.Generator().manual_seed(1)) * torch.tensor(
        [0.1, 1.0, 5.0, 20.0]
    ).reshape(1, 1, 4, 1, 1)
    noisy = with_plane_noise(planes, 0.2, torch.Generator().manual_seed(2))
    share = (noisy - planes).std(dim=(0, 1, 3, 4)) / planes.std(dim=(0, 1, 3, 4))
    torch.testing.assert_close(share, torch.full((4,), 0.2), atol=0.01, rtol=0)
    again = with_plane_noise(planes, 0.2, torch.Generator().manual_seed(2))
    torch.testing.assert_close(noisy, again)
    none = torch.zeros(1, 5, 0, 8, 8)
    assert with_plane_noise(none, 0.2, torch.Generator()) is none


def test_plane_loss_counts_deviations() -> None:
    clean = torch.randn(1, 2, 64, 64, generator=torch.Generator().manual_seed(3))
    scaled = clean * torch.tensor([1.0, 10.0])[None, :, None, None]
    step = scaled.std(dim=(0, 2, 3), keepdim=True)
    assert plane_loss(scaled + 0.5 * step, scaled).item() == pytest.approx(0.5, rel=1e-4)


def test_head_loss_is_zero_for_the_truth() -> None:
    true = torch.rand(3, 9)
    assert head_loss(true[:, :8], true) == 0.0
    assert head_loss(true[:, :8] + 0.1, true).item() == pytest.approx(0.1 + 0.2, rel=1e-4)
