"""The temporal network: what it does before it has learned anything, and what it may never do."""

import pytest
import torch
from tests.training.triplanes.clips import random_window, still_window

from chiaro.training.triplanes.temporal import GROUPS, TemporalNetwork, carried_lines, group_selection
from chiaro.training.triplanes.temporal_window import FRAMES, MAP_CHANNELS, RANGES, joined, named


@pytest.fixture(params=[(4, 2), (0, 0)], ids=["planes", "no planes"])
def network(request: pytest.FixtureRequest) -> TemporalNetwork:
    torch.manual_seed(0)
    return TemporalNetwork(*request.param).eval()


def test_a_still_picture_stays_as_it_is_whatever_was_learned(network: TemporalNetwork) -> None:
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    window = still_window(network)
    with torch.no_grad():
        steadied = network(window)
    for name in ("maps", "head", "albedo_planes", "shading_planes"):
        torch.testing.assert_close(getattr(steadied, name), getattr(window, name)[:, -1], atol=1e-5, rtol=0)


def test_noise_falls_and_shares_are_one(network: TemporalNetwork) -> None:
    still = still_window(network)
    generator = torch.Generator().manual_seed(4)
    noisy = still._replace(maps=still.maps + 0.02 * torch.randn(still.maps.shape, generator=generator))
    with torch.no_grad():
        steadied = network(noisy)
    before = (noisy.maps[:, -1] - still.maps[:, -1]).std()
    after = (steadied.maps - still.maps[:, -1]).std()
    assert after < 0.6 * before, "a mean of five frames has less than half the noise"
    torch.testing.assert_close(steadied.shares.sum(dim=1), torch.ones_like(steadied.shares[:, 0]))


@pytest.mark.parametrize("frames", range(2, FRAMES + 1))
def test_windows_may_be_short(network: TemporalNetwork, frames: int) -> None:
    window = random_window(network, frames)
    with torch.no_grad():
        steadied = network(window)
    assert steadied.maps.shape == window.maps[:, -1].shape
    assert steadied.albedo_planes.shape == window.albedo_planes[:, -1].shape
    assert steadied.shares.shape[1] == frames


def test_every_parameter_learns(network: TemporalNetwork) -> None:
    network.train()
    for name, parameter in network.named_parameters():
        if name.startswith("residual"):
            torch.nn.init.normal_(parameter, std=0.01)
        if "contract.weight" in name:
            torch.nn.init.normal_(parameter, std=0.01)
    steadied = network(random_window(network, FRAMES))
    sum(field.square().mean() for field in steadied[:4] if field.numel()).backward()
    silent = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
    assert silent == []


def test_maps_are_named_and_joined() -> None:
    maps = torch.rand(1, MAP_CHANNELS, 2, 2)
    torch.testing.assert_close(joined(named(maps)), maps)
    assert named(maps)["transport"].shape[1] == 9


def test_every_map_belongs_to_one_group() -> None:
    assert group_selection().sum(dim=1).tolist() == [1.0] * MAP_CHANNELS
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(RANGES)


def test_lines_are_carried_as_pixels_are() -> None:
    plane = torch.rand(1, 3, 16, 8)
    shift = torch.full((1, 16), 2.0 / 16 * 3)
    moved = carried_lines(plane, shift, rows=True)
    torch.testing.assert_close(moved[:, :, :13], plane[:, :, 3:])
    torch.testing.assert_close(moved[:, :, 13:], plane[:, :, -1:].expand(-1, -1, 3, -1))
    turned = carried_lines(plane.transpose(2, 3), shift, rows=False)
    torch.testing.assert_close(turned, moved.transpose(2, 3))
