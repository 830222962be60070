"""The frozen benchmark: digests, the hash file and what is said when they differ."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chiaro.training import benchmark
from chiaro.training.benchmark import (
    BenchmarkError,
    Digest,
    check,
    freeze_hash,
    frozen_hash,
    load_sample,
    sample_digest,
)
from chiaro.training.lightstage.sample import Sample


def _sample() -> Sample:
    half = np.zeros((4, 4), np.float16)
    return Sample(
        plate=np.zeros((3, 4, 4), np.float16),
        albedo=np.zeros((3, 4, 4), np.float16),
        normal=np.zeros((3, 4, 4), np.float16),
        depth=half,
        matte=half,
        transport=np.zeros((9, 4, 4), np.float16),
        parts=np.zeros((4, 4), np.uint8),
        light=np.zeros((9, 3), np.float32),
        head=np.zeros(9, np.float32),
        roughness=half,
        specular=half,
        tangent=np.array(0.2, np.float32),
        mirrored=np.array(False),
    )


def test_one_changed_bit_changes_the_digest() -> None:
    sample = _sample()
    assert sample_digest(sample) == sample_digest(_sample())
    changed = sample.transport.copy()
    changed[8, 3, 3] = np.float16(6e-8)
    assert sample_digest(replace(sample, transport=changed)) != sample_digest(sample)
    assert sample_digest(replace(sample, depth=sample.depth.astype(np.float32))) != sample_digest(sample)


def test_a_frozen_hash_is_read_back_and_a_difference_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "HASH_FILE", tmp_path / "benchmark.sha256")
    with pytest.raises(BenchmarkError, match="--freeze"):
        frozen_hash()
    digest = Digest("a" * 64, "b" * 64)
    freeze_hash(digest)
    assert frozen_hash() == digest
    check(digest)
    with pytest.raises(BenchmarkError, match=r"cccccccccccc.*aaaaaaaaaaaa.*chiaro-train prepare"):
        check(Digest("c" * 64, "b" * 64))


def test_a_sample_that_was_not_drawn(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="chiaro-train benchmark"):
        load_sample(tmp_path / "sample_000.npz")


def test_a_kept_sample_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "sample_000.npz"
    digest = benchmark._keep(_sample(), path)
    assert sample_digest(load_sample(path)) == digest
