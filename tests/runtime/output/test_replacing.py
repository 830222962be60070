"""Files appear whole or not at all."""

import errno
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from chiaro.runtime.camera import camera_from_lens
from chiaro.runtime.errors import OutputError
from chiaro.runtime.output.exr import write_passes_exr
from chiaro.runtime.output.movie import write_movie
from chiaro.runtime.output.png import write_png
from chiaro.runtime.output.replacing import replacing
from chiaro.runtime.passes import Passes

NOISE = np.random.default_rng(1).integers(0, 255, (220, 220, 4), dtype=np.uint8)


def write_noise_exr(path: Path) -> None:
    image = NOISE.astype(np.float32)
    grey = image[..., 0]
    colour = image[..., :3]
    write_passes_exr(
        path, Passes(camera_from_lens(220, 220), image, colour, colour, colour, grey, colour, colour, grey, grey)
    )


WRITERS = {
    "a.exr": write_noise_exr,
    "a.png": lambda path: write_png(path, NOISE),
    "a.mp4": lambda path: write_movie(path, [np.roll(NOISE, step * 7, 0)[..., :3] for step in range(12)]),
}


def sentence(name: str, folder: Path) -> str:
    with pytest.raises(OutputError) as caught:
        WRITERS[name](folder / name)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_else_is_left(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("what was there before")
    WRITERS[name](tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.parametrize("name", WRITERS)
def test_missing_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "none"
    assert sentence(name, folder) == (
        f'"{name}" cannot be written because its folder "{folder}" does not exist; make it first.'
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", WRITERS)
def test_folder_in_the_way(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert "because a folder has that name; choose another name." in sentence(name, tmp_path)


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """Root may write anywhere: become somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", WRITERS)
def test_no_permission(name: str) -> None:
    with TemporaryDirectory() as text:  # pytest's own folders are closed to others
        folder = Path(text)
        folder.chmod(0o555)
        with an_ordinary_user():
            message = sentence(name, folder)
        folder.chmod(0o755)
        assert message.startswith(f'"{folder / name}" cannot be written: this user may not write to "{folder}"')
        assert list(folder.iterdir()) == []


@contextmanager
def largest_file(limit: int) -> Iterator[None]:
    """The kernel refuses to let any file grow past a limit: writing fails in the middle, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", WRITERS)
def test_failure_half_way(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("what was there before")
    with largest_file(20_000):
        assert f'"{tmp_path / name}" cannot be written' in sentence(name, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "what was there before"


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB; only root can mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["/bin/mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or not Path(command[0]).exists() or subprocess.run(command, check=False).returncode != 0:
        pytest.skip("a small file system cannot be mounted here")
    yield disk
    subprocess.run(["/bin/umount", str(disk)], check=True)


@pytest.mark.parametrize("name", WRITERS)
def test_full_disk(tiny_disk: Path, name: str) -> None:
    assert sentence(name, tiny_disk) == (
        f'"{tiny_disk / name}" cannot be written because the disk is full; free some space and run it again.'
    )
    assert list(tiny_disk.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_while_renaming_or_writing(tmp_path: Path, number: int) -> None:
    with (
        pytest.raises(OutputError, match="because the disk is full; free some space"),
        replacing(tmp_path / "a") as new,
    ):
        new.write_text("half")
        raise OSError(number, os.strerror(number))
    assert list(tmp_path.iterdir()) == []


def test_other_errors_pass_and_clean_up(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.png") as new:
        assert new.suffix == ".png"
        assert new.parent == tmp_path
        new.write_text("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_unknown_kind_of_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r'a\.xyz" cannot be written \(images of the kind \.xyz cannot be written\)'):
        write_png(tmp_path / "a.xyz", NOISE)
