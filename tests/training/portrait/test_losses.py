"""Each loss: zero for the truth, the value worked out by hand, and what it must not see."""

import pytest
import torch
from torch.nn import functional

from chiaro.runtime.encode import rotation_from_6d as runtime_rotation
from chiaro.training.portrait.losses import (
    albedo_loss,
    depth_loss,
    head_loss,
    light_loss,
    matte_loss,
    normal_loss,
    parts_loss,
    rendered,
    rendering_loss,
    rotation_from_6d,
    scale_invariant_loss,
    soft_overlap_loss,
    transport_loss,
    weighted_mean,
)


@pytest.fixture
def weight() -> torch.Tensor:
    return torch.ones(2, 1, 8, 8)


def _random(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(4)) * 0.8 + 0.1


def test_losses_vanish_at_the_truth(weight: torch.Tensor) -> None:
    albedo, transport, light = _random(2, 3, 8, 8), _random(2, 9, 8, 8), _random(2, 9, 3)
    normal = functional.normalize(_random(2, 3, 8, 8), dim=1)
    for value in (
        albedo_loss(albedo, albedo, weight),
        scale_invariant_loss(albedo, albedo, weight),
        normal_loss(normal, normal, weight),
        depth_loss(albedo[:, :1], albedo[:, :1], weight),
        transport_loss(transport, transport, weight),
        light_loss(light, light),
        head_loss(_random(2, 9), _random(2, 9)),
        rendering_loss(rendered(albedo, transport, light), rendered(albedo, transport, light), weight),
    ):
        assert float(value) == pytest.approx(0.0, abs=1e-5)


def test_nothing_outside_the_weight_counts(weight: torch.Tensor) -> None:
    weight[:, :, :4] = 0.0
    true = _random(2, 3, 8, 8)
    spoiled = true.clone()
    spoiled[:, :, :4] = 0.9
    assert float(albedo_loss(spoiled, true, weight)) == pytest.approx(0.0, abs=1e-6)
    assert float(weighted_mean(spoiled, torch.zeros_like(weight))) == 0.0


def test_relative_albedo_ignores_brightness_of_each_picture(weight: torch.Tensor) -> None:
    true = _random(2, 3, 8, 8)
    brighter = (true + 0.01) * torch.tensor([0.5, 2.0])[:, None, None, None] - 0.01
    assert float(scale_invariant_loss(brighter, true, weight)) == pytest.approx(0.0, abs=1e-5)
    assert float(albedo_loss(brighter, true, weight)) > 0.05


def test_albedo_loss_is_the_difference_of_roots(weight: torch.Tensor) -> None:
    assert float(albedo_loss(torch.full((2, 3, 8, 8), 0.25), torch.full((2, 3, 8, 8), 0.16), weight)) == pytest.approx(
        0.1
    )


def test_opposite_normals_cost_two_plus_the_absolute_part(weight: torch.Tensor) -> None:
    normal = torch.zeros(2, 3, 8, 8)
    normal[:, 2] = 1.0
    assert float(normal_loss(-normal, normal, weight)) == pytest.approx(2.0 + 0.3 * 2.0 / 3.0)


def test_depth_loss_counts_offset_once_and_slope_twice(weight: torch.Tensor) -> None:
    true = torch.zeros(2, 1, 8, 8)
    assert float(depth_loss(true + 0.02, true, weight)) == pytest.approx(0.02)
    slope = torch.arange(8.0)[None, None, None] * 0.01
    assert float(depth_loss(true + slope, true, weight)) == pytest.approx(0.035 + 0.01)


def test_depth_jumps_of_the_truth_are_left_out(weight: torch.Tensor) -> None:
    true = torch.zeros(2, 1, 8, 8)
    true[..., 4:] = 1.0
    smooth = torch.zeros_like(true)
    # Only the offset of the right half counts, not the missing step.
    assert float(depth_loss(smooth, true, weight)) == pytest.approx(0.5)


def test_light_loss_is_relative_to_the_mean_light() -> None:
    true = _random(2, 9, 3) + 1.0
    assert float(light_loss(true * 1.1, true)) == pytest.approx(float(light_loss(true * 2.2, true * 2.0)), rel=1e-4)


def test_matte_and_parts_losses_reward_confidence_in_the_truth() -> None:
    true = torch.ones(1, 1, 4, 4)
    assert (
        float(matte_loss(torch.full_like(true, 9.0), true))
        < 1e-3
        < float(matte_loss(torch.full_like(true, -9.0), true))
    )
    logit = torch.zeros(1, 8, 4, 4)
    logit[:, 6] = 20.0
    classes = torch.full((1, 4, 4), 6)
    assert float(parts_loss(logit, classes)) < 1e-4
    assert float(parts_loss(logit, classes - 1)) > 10.0


def test_overlap_counts_every_class_alike() -> None:
    true = torch.zeros(1, 8, 8, dtype=torch.long)
    true[0, 0, :2] = 1
    right = functional.one_hot(true, 3).movedim(-1, 1).float()
    assert float(soft_overlap_loss(right, true)) == pytest.approx(0.0, abs=1e-6)
    # Two pixels of 64 are given away: that is one class of two; a class that is not there costs nothing.
    background = torch.zeros_like(right)
    background[:, 0] = 1.0
    assert float(soft_overlap_loss(background, true)) == pytest.approx(0.5 * (2.0 / 64.0 + 1.0), rel=1e-5)


def test_rotations_agree_with_the_runtime() -> None:
    values = torch.randn(5, 6, generator=torch.Generator().manual_seed(1))
    ours = rotation_from_6d(values)
    for index in range(5):
        torch.testing.assert_close(
            ours[index].double(), torch.from_numpy(runtime_rotation(values[index].numpy())), atol=1e-5, rtol=1e-5
        )


def test_rendering_is_albedo_times_transport_times_light() -> None:
    albedo, transport = torch.full((1, 3, 1, 1), 0.5), torch.zeros(1, 9, 1, 1)
    transport[:, 0] = 0.25
    light = torch.zeros(1, 9, 3)
    light[:, 0] = torch.tensor([4.0, 8.0, -4.0])
    assert rendered(albedo, transport, light).flatten().tolist() == pytest.approx([0.5, 1.0, 0.0])
