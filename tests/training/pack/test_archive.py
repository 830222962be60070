"""The pack as a file: whole, damaged, of another version, or not a pack at all."""

import json
import zipfile
from pathlib import Path

import pytest

from chiaro.training.assets import AssetError
from chiaro.training.pack.archive import CONTENTS, Packed, archive_bytes, read_archive

FILES = [Packed("data/head.bin", "whole", b"vertices" * 40), Packed("cache/avatars/format.txt", "whole", b"2")]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "pack.zip"
    path.write_bytes(archive_bytes(FILES, ("X_1",)))
    return path


def rewritten(path: Path, change: dict[str, object], first: dict[str, object] | None = None) -> Path:
    """The pack with other contents."""
    with zipfile.ZipFile(path) as archive:
        contents = json.loads(archive.read(CONTENTS)) | change
        members = {name: archive.read(name) for name in archive.namelist() if name != CONTENTS}
    contents["files"][0] |= first or {}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(CONTENTS, json.dumps(contents))
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_pack_comes_back_and_is_the_same_file_each_time(pack: Path) -> None:
    found = read_archive(pack)
    assert list(found.files) == FILES
    assert found.left_out == ("X_1",)
    assert archive_bytes(FILES, ("X_1",)) == pack.read_bytes()


def test_a_changed_byte_is_found(pack: Path) -> None:
    content = bytearray(pack.read_bytes())
    content[content.index(b"vertices" * 3) + 5] ^= 1
    pack.write_bytes(content)
    with pytest.raises(AssetError, match=r"is damaged.*copy"):
        read_archive(pack)


def test_another_hash_names_the_file(pack: Path) -> None:
    with pytest.raises(AssetError, match=r"is damaged: data/head\.bin is not what was packed; copy the file again\."):
        read_archive(rewritten(pack, {}, {"sha256": "0" * 64}))


@pytest.mark.parametrize("cut", [0, 10, -30])
def test_a_cut_file_is_refused(pack: Path, cut: int) -> None:
    pack.write_bytes(pack.read_bytes()[:cut])
    with pytest.raises(AssetError, match="is damaged or was not written by `chiaro-train pack`"):
        read_archive(pack)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"nowhere\.zip was not found; name a file that `chiaro-train pack` wrote"):
        read_archive(tmp_path / "nowhere.zip")


def test_another_version_is_named(pack: Path) -> None:
    with pytest.raises(AssetError, match=r"has the avatar format '1', but this version reads '.*'; pack again"):
        read_archive(rewritten(pack, {"avatar_format": "1"}))


@pytest.mark.parametrize("path", ["/etc/head.bin", "data/../../head.bin", "elsewhere/head.bin", ""])
def test_a_path_outside_the_two_folders_is_refused(pack: Path, path: str) -> None:
    with pytest.raises(AssetError):
        read_archive(rewritten(pack, {}, {"path": path}))


def test_an_unknown_coding_is_refused(pack: Path) -> None:
    with pytest.raises(AssetError, match=r"'data/head\.bin' as 'pickle'"):
        read_archive(rewritten(pack, {}, {"coding": "pickle"}))
