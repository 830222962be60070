"""The objective of the temporal network: it is about flicker, and about nothing being late."""

import math

import pytest
import torch
from tests.training.triplanes.clips import flickering_clip

from chiaro.training.triplanes.temporal import TemporalNetwork
from chiaro.training.triplanes.temporal_objective import (
    CLIP,
    clip_of,
    finished,
    total_loss,
    true_motion,
)
from chiaro.training.triplanes.temporal_window import FRAMES, MAP_CHANNELS


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_flicker_costs_and_the_truth_costs_little() -> None:
    torch.manual_seed(0)
    network = TemporalNetwork(0, 0)
    clean, clean_terms = total_loss(network, flickering_clip(CLIP, 0.0), generator())
    noisy, noisy_terms = total_loss(network, flickering_clip(CLIP, 0.05), generator())
    assert clean_terms["short"] < 1e-3
    assert noisy_terms["short"] > 20 * clean_terms["short"]
    assert noisy > clean
    assert set(clean_terms) == set(noisy_terms)
    assert "planes" not in clean_terms
    assert math.isclose(sum(noisy_terms.values()), noisy.item(), rel_tol=1e-4)


def test_planes_are_asked_for_without_their_noise() -> None:
    torch.manual_seed(0)
    network = TemporalNetwork(4, 2)
    batch = flickering_clip(CLIP, 0.0)
    for name, channels in (("albedo_planes", 12), ("shading_planes", 6)):
        batch[name] = torch.randn(1, 1, channels, 64, 64, generator=generator(1)).expand(-1, CLIP, -1, -1, -1)
    loss, terms = total_loss(network, batch, generator(2))
    assert 0 < terms["planes"] < 0.1
    loss.backward()
    assert network.residual_albedo is not None
    assert network.residual_albedo.weight.grad is not None


@pytest.mark.slow
def test_a_few_steps_make_a_lag_costly_again() -> None:
    """A person whose albedo jumps between the window's frames: shares of the past fall."""
    torch.manual_seed(0)
    network = TemporalNetwork(0, 0)
    batch = flickering_clip(CLIP, 0.01)
    step = torch.zeros(1, CLIP, 1, 1, 1)
    step[:, FRAMES - 1 :] = 0.2
    batch["maps"][:, :, :3] += step
    batch["true_albedo"] = batch["true_albedo"] + step
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)

    def share() -> float:
        clip, _ = clip_of(batch)
        with torch.no_grad():
            return float(network(clip.frames(0, FRAMES - 1)).shares[:, -1, 0].mean())

    before = share()
    for _ in range(12):
        optimiser.zero_grad()
        total_loss(network, batch, generator(7))[0].backward()
        optimiser.step()
    assert share() > before + 0.02


def test_true_motion_of_a_still_person_is_none() -> None:
    _, truth = clip_of(flickering_clip(CLIP, 0.0))
    motion, seen = true_motion(truth.at(3), truth.at(1))
    assert (64 * motion).abs().max() < 0.01
    assert seen.min() > 0.99


def test_normals_count_with_length_one() -> None:
    maps = torch.rand(2, MAP_CHANNELS, 4, 4) + 0.5
    lengths = finished(maps)["normal"].norm(dim=1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths))
