"""What the cache holds, for people."""

from pathlib import Path

import pytest
from tests.ball_head import ball_weights

from chiaro.addon.cache_overview import LatestOverview, clear_plate, look_into_cache, size_text
from chiaro.runtime.analysis_record import AnalysisRecord, FrameRecord, PlateFiles, PlateReference
from chiaro.runtime.cache import SUFFIX
from chiaro.runtime.relight import networks_in_use


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 KB"), (2048, "2 KB"), (5 * 1024**2, "5 MB"), (20 * 1024**3, "20.0 GB"), (1536 * 1024**2, "1.5 GB")],
)
def test_sizes_count_as_the_limit_does(count: int, text: str) -> None:
    assert size_text(count) == text


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIARO_WEIGHTS", str(ball_weights(tmp_path / "weights")))
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


def analysed(cache: Path, plate: Path, frames: int, first_key: int = 1) -> None:
    record = AnalysisRecord(cache, PlateReference(str(plate), "movie", "srgb"))
    state = PlateFiles(record.plate).state(1)
    for frame in range(1, frames + 1):
        key = f"{first_key + frame:064x}"
        (cache / f"{key}{SUFFIX}").write_bytes(b"x" * 100)
        record.append(FrameRecord(frame, "settings", state, networks_in_use(), key, heads=1))


def test_plates_are_listed_with_their_frames_and_bytes(cache: Path, tmp_path: Path) -> None:
    for index, name in enumerate(("a.mov", "b.mov")):
        (tmp_path / name).write_bytes(b"movie")
        analysed(cache, tmp_path / name, index + 2, 100 * index)
    found = look_into_cache(cache, 10**9)
    assert (found.frames, found.bytes, found.problem) == (5, 500, None)
    assert [(plate.name, plate.current, plate.stale, plate.bytes) for plate in found.plates] == [
        ("a.mov", 2, 0, 200),
        ("b.mov", 3, 0, 300),
    ]


def test_a_plate_that_changed_is_stale_and_one_that_is_gone_is_missing(cache: Path, tmp_path: Path) -> None:
    for index, name in enumerate(("changed.mov", "gone.mov")):
        (tmp_path / name).write_bytes(b"movie")
        analysed(cache, tmp_path / name, 2, 100 * index)
    (tmp_path / "changed.mov").write_bytes(b"another movie")
    (tmp_path / "gone.mov").unlink()
    changed, gone = look_into_cache(cache, 10**9).plates
    assert (changed.current, changed.stale, changed.missing) == (0, 2, False)
    assert (gone.current, gone.stale, gone.missing) == (0, 2, True)


def test_clearing_one_plate_leaves_the_other(cache: Path, tmp_path: Path) -> None:
    for index, name in enumerate(("a.mov", "b.mov")):
        (tmp_path / name).write_bytes(b"movie")
        analysed(cache, tmp_path / name, 2, 100 * index)
    assert clear_plate(cache, 10**9, str(tmp_path / "a.mov")) == 2
    (left,) = look_into_cache(cache, 10**9).plates
    assert (left.name, left.current) == ("b.mov", 2)


def test_no_folder_and_a_file_in_its_place_are_told(cache: Path, tmp_path: Path) -> None:
    del cache
    assert look_into_cache(None, 1).problem == "No cache folder is set; analysed frames are lost on quitting."
    (tmp_path / "file").write_text("in the way")
    assert "is a file; choose a folder" in str(look_into_cache(tmp_path / "file", 1).problem)
    assert look_into_cache(tmp_path / "not there yet", 1).plates == ()


def test_an_overview_grows_old(cache: Path) -> None:
    latest = LatestOverview()
    assert latest.is_old(cache)
    latest.put(look_into_cache(cache, 10**9))
    assert not latest.is_old(cache)
    assert latest.is_old(cache / "elsewhere"), "another folder was chosen"
    latest.forget()
    assert latest.is_old(cache)
