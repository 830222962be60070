"""Settings, the learning rate and the running average."""

import copy
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.errors import SettingsError
from chiaro.training.configuration import RunConfiguration, configuration_text, read_configuration
from chiaro.training.schedule import averaging_decay, learning_rate, update_average

RECIPES = Path(__file__).resolve().parents[2] / "training"


def test_settings_survive_a_round_trip(tmp_path: Path) -> None:
    settings = RunConfiguration(samples=1234, learning_rate=3e-4, half_precision=False)
    path = tmp_path / "run.toml"
    path.write_text(configuration_text(settings))
    assert read_configuration(path) == settings


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*/*.toml")), ids=lambda path: path.stem)
def test_the_recipes_can_be_read(path: Path) -> None:
    assert read_configuration(path).steps > 100


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sampels = 3", "sampels, which is no setting"),
        ("samples = ", "not valid TOML"),
        ('optimiser = "sgd"', "adamw or muon is expected"),
        ("samples = 0", "counts above zero"),
    ],
)
def test_bad_settings_say_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        read_configuration(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.toml was not found"):
        read_configuration(tmp_path / "nothing.toml")


@settings(max_examples=25, deadline=None)
@given(st.integers(100, 100_000))
def test_the_rate_rises_holds_and_falls_to_nothing(samples: int) -> None:
    settings = RunConfiguration(samples=samples, views=1, relights=1)
    rates = [learning_rate(settings, step) for step in range(0, samples + 1, max(1, samples // 97))]
    peak = rates.index(max(rates))
    assert all(a <= b + 1e-12 for a, b in pairwise(rates[: peak + 1]))
    assert all(a >= b - 1e-12 for a, b in pairwise(rates[peak:]))
    assert learning_rate(settings, int(samples * 0.3)) == settings.learning_rate
    assert learning_rate(settings, samples) == pytest.approx(0.0, abs=1e-12)


def test_the_average_follows_and_copies_counters() -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    average = copy.deepcopy(network)
    before = average[0].weight.clone()
    with torch.no_grad():
        network[0].weight += 1.0
    network(torch.randn(4, 2))
    update_average(average, network, 0.75)
    torch.testing.assert_close(average[0].weight, before + 0.25)
    assert int(average[1].num_batches_tracked) == 1
    assert averaging_decay(RunConfiguration(), 0) == pytest.approx(0.1)
    assert averaging_decay(RunConfiguration(), 10**6) == RunConfiguration().average
