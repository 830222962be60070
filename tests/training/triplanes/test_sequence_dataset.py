"""Clips as the temporal network learns from them: the exported encoder's answers, and the truth at their size."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from tests.ball_head import ball_maps
from tests.tiny_networks import constant_portrait, write_weights

from chiaro.runtime.encode import DEFAULT_ROUGHNESS
from chiaro.runtime.errors import SettingsError, WeightsError
from chiaro.training.assets import AssetError
from chiaro.training.checkpoint import load_average
from chiaro.training.configuration import RunConfiguration
from chiaro.training.lightstage.sample import Sample
from chiaro.training.lightstage.stage import Stage
from chiaro.training.lightstage.view_store import StoredSequences
from chiaro.training.triplanes.sequence_dataset import (
    clip_batches,
    encoded_frame,
    frame_truth,
    frozen_encoder,
    plane_channels,
)
from chiaro.training.triplanes.temporal_exported import export_temporal
from chiaro.training.triplanes.temporal_objective import CLIP, clip_of
from chiaro.training.triplanes.temporal_train import new_temporal, train_temporal


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    return write_weights(folder, portrait=constant_portrait(ball_maps() | {"parts": parts()}))


def parts() -> np.ndarray:
    """A network of seven parts: what it does not know has none."""
    shares = np.zeros((1, 8, 256, 256), np.float32)
    shares[:, 2] = 1.0
    return shares


def sample(frame: int) -> Sample:
    random = np.random.default_rng(frame)

    def half(*shape: int) -> np.ndarray:
        return random.random(shape).astype(np.float16)

    return Sample(
        plate=half(3, 256, 256), albedo=half(3, 256, 256), normal=half(3, 256, 256), depth=half(256, 256),
        matte=half(256, 256), transport=half(9, 256, 256), parts=np.zeros((256, 256), np.uint8),
        light=random.random((9, 3)).astype(np.float32), head=random.random(9).astype(np.float32),
        roughness=half(256, 256), specular=half(256, 256), tangent=np.array(0.1, np.float32),
        mirrored=np.array(False),
    )  # fmt: skip


@dataclass(frozen=True)
class KnownSequences:
    """Sequence i consists of frames seeded by i."""

    def sequence(self, index: int) -> list[list[Sample]]:
        return [[sample(100 * index + frame) for frame in range(CLIP)]]


def source() -> StoredSequences:
    return cast("StoredSequences", KnownSequences())


def test_a_frame_holds_what_the_encoder_says(encoder: Path) -> None:
    frame = encoded_frame(sample(0), frozen_encoder(encoder))
    maps = ball_maps()
    assert frame["maps"].shape == (27, 128, 128)
    np.testing.assert_allclose(frame["maps"][8, 64, 64], maps["transport"][0, 0, 128, 128], atol=1e-3)
    assert frame["maps"][17].unique().item() == pytest.approx(DEFAULT_ROUGHNESS, abs=1e-3)
    assert frame["maps"][20].unique().item() == 1.0, "lips, the second part"
    assert frame["maps"][26].abs().max() == 0.0, "glasses are not known"
    np.testing.assert_allclose(frame["head"], maps["head"][0, :8])
    assert frame["albedo_planes"].shape == frame["shading_planes"].shape == (0, 64, 64)
    assert plane_channels(frozen_encoder(encoder)) == (0, 0)


def test_truth_is_averaged_over_the_matte() -> None:
    known = sample(1)
    truth = frame_truth(known)
    block = (slice(None), slice(10, 12), slice(20, 22))
    matte = known.matte[block[1:]].astype(np.float64)
    expected = (known.albedo[block].astype(np.float64) * matte).sum(axis=(1, 2)) / matte.sum()
    np.testing.assert_allclose(truth["true_albedo"][:, 5, 10], expected, atol=2e-3)
    np.testing.assert_allclose(truth["true_matte"][0, 5, 10], matte.mean(), atol=1e-3)


def test_batches_are_the_same_for_the_same_number(encoder: Path) -> None:
    batches = list(clip_batches(source(), encoder, clips=2, first=3, count=2, workers=0))
    again = next(iter(clip_batches(source(), encoder, clips=2, first=4, count=1, workers=0)))
    for name, values in batches[1].items():
        torch.testing.assert_close(values, again[name])
    clip, truth = clip_of(batches[0])
    assert clip.maps.shape == (2, CLIP, 27, 128, 128)
    assert truth.transport.shape == (2, CLIP, 9, 128, 128)
    np.testing.assert_allclose(truth.head[1, 2], sample(702).head)


def test_a_run_without_sequences_says_how_to_draw_them(encoder: Path, tmp_path: Path) -> None:
    nothing = cast("Stage", None)
    with pytest.raises(SettingsError, match=r"cached_views = 0.*prepare-views --views 0 --sequences N --frames 8"):
        train_temporal(RunConfiguration(), nothing, encoder, tmp_path, print)


def test_an_encoder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match='"portrait" is not listed'):
        new_temporal(1, tmp_path)


@pytest.mark.slow
def test_a_run_leaves_a_checkpoint_a_log_and_a_sheet(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(*_arguments: Any) -> KnownSequences:  # noqa: ANN401 - stands in for a constructor
        return KnownSequences()

    monkeypatch.setattr("chiaro.training.triplanes.temporal_train.StoredSequences", known)
    settings = RunConfiguration(
        cached_views=1,
        views=1,
        relights=1,
        samples=2,
        workers=0,
        threads=1,
        checkpoint_minutes=0.0,
        device="cpu",
        half_precision=False,  # many processors have to emulate it
    )
    train_temporal(settings, cast("Stage", None), encoder, tmp_path, print)
    assert {path.name for path in tmp_path.iterdir()} >= {"temporal.npz", "temporal.csv", "temporal_samples.png"}

    # Another run begins with this one's averaged weights, and at next to no rate stays there.
    trunk, still = tmp_path / "temporal.npz", replace(settings, learning_rate=1e-12, weight_decay=0.0)
    train_temporal(still, cast("Stage", None), encoder, tmp_path / "second", print, trunk)
    first, second = (new_temporal(1, encoder) for _ in range(2))
    load_average(trunk, first)
    load_average(tmp_path / "second" / "temporal.npz", second)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-7)
    # And so does one that begins with the exported network, as far as half floats say.
    (tmp_path / "weights").mkdir()
    export_temporal(first, tmp_path / "weights")
    train_temporal(still, cast("Stage", None), encoder, tmp_path / "fourth", print, tmp_path / "weights")
    load_average(tmp_path / "fourth" / "temporal.npz", second)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-6)
    with pytest.raises(AssetError, match=r"nowhere\.npz was not found"):
        train_temporal(still, cast("Stage", None), encoder, tmp_path / "third", print, tmp_path / "nowhere.npz")
