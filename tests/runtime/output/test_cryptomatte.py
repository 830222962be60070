"""Cryptomatte files: the specification's hash, ids and layout."""

import json
from pathlib import Path

import numpy as np
import OpenImageIO
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.errors import OutputError
from chiaro.runtime.output.cryptomatte import (
    LAYER,
    RANKS,
    float_id,
    murmur_hash,
    ranked_mattes,
    write_cryptomatte,
)

NAMES = ("skin", "hair", "clothing", "eyes", "lips")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("hello", 0x248BFA47),
        ("hello, world", 0x149BBB7F),
        ("The quick brown fox jumps over the lazy dog", 0x2E4FF723),
    ],
)
def test_hash_is_murmur3(text: str, expected: int) -> None:
    assert murmur_hash(text) == expected


@given(st.text(max_size=20))
def test_ids_are_ordinary_floats(name: str) -> None:
    value = float_id(name)
    assert np.isfinite(value)
    assert abs(value) >= np.finfo(np.float32).tiny


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_heaviest_mattes_come_back(seed: int) -> None:
    coverage = np.random.default_rng(seed).random((3, 4, len(NAMES)), dtype=np.float32)
    coverage[0, 0] = 0
    ranked = ranked_mattes(coverage, NAMES)
    assert (np.diff(ranked[..., 1::2], axis=-1) <= 0).all(), "heaviest first"
    for index, name in enumerate(NAMES):
        found = np.where(ranked[..., 0::2] == float_id(name), ranked[..., 1::2], 0).sum(axis=-1)
        rank = (coverage > coverage[..., [index]]).sum(axis=-1)
        np.testing.assert_array_equal(found, np.where(rank < RANKS, coverage[..., index], 0))
    assert not ranked[0, 0].any()


def test_the_file_says_what_is_in_it(tmp_path: Path) -> None:
    coverage = np.zeros((4, 6, len(NAMES)), np.float32)
    coverage[:, :3, 0] = 1.0
    coverage[:, 3:, 1] = 0.25
    path = tmp_path / "parts.exr"
    write_cryptomatte(path, coverage, NAMES, np.eye(len(NAMES), 3, dtype=np.float32), frame=7)
    buffer = OpenImageIO.ImageBuf(str(path))
    spec = buffer.spec()
    assert {f"{LAYER}00.R", f"{LAYER}00.A", f"{LAYER}01.A", f"{LAYER}.R"} <= set(spec.channelnames)
    key = f"cryptomatte/{murmur_hash(LAYER):08x}"[:19]
    assert spec.getattribute(f"{key}/name") == LAYER
    assert spec.getattribute(f"{key}/hash") == "MurmurHash3_32"
    assert spec.getattribute(f"{key}/conversion") == "uint32_to_float32"
    manifest = json.loads(spec.getattribute(f"{key}/manifest"))
    assert {name: int(value, 16) for name, value in manifest.items()} == {
        name: int(float_id(name).view(np.uint32)) for name in NAMES
    }
    pixels = buffer.get_pixels(OpenImageIO.FLOAT)
    index = {name: position for position, name in enumerate(spec.channelnames)}
    assert pixels[0, 0, index[f"{LAYER}00.R"]] == float_id("skin")
    assert pixels[0, 5, index[f"{LAYER}00.G"]] == np.float32(0.25)
    assert spec.get_int_attribute("imageCounter") == 7


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there are 5 names and mattes of shape"):
        write_cryptomatte(tmp_path / "x.exr", np.zeros((4, 6, 2), np.float32), NAMES, np.zeros((5, 3), np.float32))
