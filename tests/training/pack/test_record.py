"""Damaged files of an unpacked folder are told from good ones."""

from pathlib import Path

import pytest

from chiaro.training.assets import AssetError, asset
from chiaro.training.pack.record import RECORD, damage, file_hash, write_record


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    (tmp_path / "hdri").mkdir()
    (tmp_path / "hdri" / "park.hdr").write_bytes(b"radiance")
    (tmp_path / "head.npz").write_bytes(b"vertices")
    write_record(tmp_path, {name: file_hash(tmp_path / name) for name in ("hdri/park.hdr", "head.npz")})
    return tmp_path


def test_a_folder_that_was_not_unpacked_is_taken_as_it_is(tmp_path: Path) -> None:
    assert damage(tmp_path, "head.npz") is None


def test_whole_files_are_fine(unpacked: Path) -> None:
    assert damage(unpacked, "hdri") is None
    assert asset(unpacked, "head.npz") == unpacked / "head.npz"


def test_a_changed_file_is_refused_in_its_folder_too(unpacked: Path) -> None:
    (unpacked / "hdri" / "park.hdr").write_bytes(b"rADiance!")
    assert damage(unpacked, "head.npz") is None
    with pytest.raises(AssetError, match=r"park\.hdr is not as it was unpacked; run `chiaro-train unpack` again\."):
        asset(unpacked, "hdri")


def test_a_missing_file_is_named(unpacked: Path) -> None:
    (unpacked / "head.npz").unlink()
    with pytest.raises(AssetError, match=r"head\.npz is missing from an unpacked folder"):
        asset(unpacked, "head.npz")


@pytest.mark.parametrize("content", ["null", "[1]", "{", ""])
def test_a_record_that_is_no_record_is_refused(unpacked: Path, content: str) -> None:
    (unpacked / RECORD).write_text(content)
    assert str(damage(unpacked, "head.npz")).endswith("run `chiaro-train unpack` again.")


def test_unpacking_that_did_not_end_is_refused(unpacked: Path) -> None:
    write_record(unpacked, None)
    assert "did not come to its end" in str(damage(unpacked, "head.npz"))
