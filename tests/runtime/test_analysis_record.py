"""What is known of a plate's analysis, and how it goes stale."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiaro.runtime.analysis_record import (
    MISSING,
    AnalysisRecord,
    FrameRecord,
    FrameRequest,
    MatteReference,
    PlateFiles,
    PlateReference,
    cached_bytes,
    readiness,
    recorded_plates,
)
from chiaro.runtime.camera import Camera
from chiaro.runtime.head import HeadBox

CAMERA = Camera(64, 48, 70.0, 70.0, 32.0, 24.0)
NETWORKS = "networks one"


def sequence(folder: Path, count: int = 4) -> PlateReference:
    for number in range(1, count + 1):
        (folder / f"plate.{number:04d}.exr").write_bytes(b"pixels %d" % number)
    return PlateReference(str(folder / "plate.0001.exr"), "sequence", "linear")


def shot(plate: PlateReference, count: int = 4, **settings: object) -> list[FrameRequest]:
    return [replace(FrameRequest(plate, frame, CAMERA), **settings) for frame in range(1, count + 1)]  # type: ignore[arg-type]  # fields by name


def analysed(record: AnalysisRecord, requests: list[FrameRequest], heads: int | None = 1) -> set[str]:
    files, keys = PlateFiles(record.plate), set()
    for request in requests:
        key = f"{request.frame:064x}"
        state = files.state(request.frame, request.matte)
        found = FrameRecord(request.frame, request.settings, state, NETWORKS, key, heads=heads, matte=request.matte)
        record.append(found)
        keys.add(key)
    return keys


def test_what_was_analysed_is_ready(tmp_path: Path) -> None:
    plate = sequence(tmp_path)
    record, requests = AnalysisRecord(tmp_path, plate), shot(plate)
    keys = analysed(record, requests[:3], heads=2)
    found = readiness(requests, record.frames(), keys, NETWORKS)
    assert (found.total, found.ready, found.stale, found.most_heads, found.done) == (4, 3, 0, 2, 3)


def test_a_changed_file_makes_its_frame_stale(tmp_path: Path) -> None:
    plate = sequence(tmp_path)
    record, requests = AnalysisRecord(tmp_path, plate), shot(plate)
    keys = analysed(record, requests)
    (tmp_path / "plate.0002.exr").write_bytes(b"other pixels")
    found = readiness(requests, record.frames(), keys, NETWORKS)
    assert (found.ready, found.stale) == (3, 1)


def test_other_networks_make_everything_stale(tmp_path: Path) -> None:
    plate = sequence(tmp_path)
    record, requests = AnalysisRecord(tmp_path, plate), shot(plate)
    keys = analysed(record, requests)
    found = readiness(requests, record.frames(), keys, "networks two")
    assert (found.ready, found.stale) == (0, 4)


@pytest.mark.parametrize(
    "change",
    [{"person": 1}, {"box": HeadBox(10.0, 10.0, 5.0)}, {"camera": replace(CAMERA, focal_x=90.0, focal_y=90.0)}],
)
def test_other_settings_make_everything_stale(tmp_path: Path, change: dict[str, object]) -> None:
    plate = sequence(tmp_path)
    record = AnalysisRecord(tmp_path, plate)
    keys = analysed(record, shot(plate))
    found = readiness(shot(plate, **change), record.frames(), keys, NETWORKS)
    assert (found.ready, found.stale) == (0, 4)


def in_mattes(folder: Path, requests: list[FrameRequest]) -> list[FrameRequest]:
    for request in requests:
        (folder / f"matte.{request.frame + 10:04d}.exr").write_bytes(b"white")
    path = str(folder / "matte.0011.exr")
    return [
        replace(request, matte=MatteReference(path, "sequence", "linear", "brightness", request.frame + 10))
        for request in requests
    ]


def test_frames_in_a_matte_are_other_frames_and_go_stale_with_it(tmp_path: Path) -> None:
    plate = sequence(tmp_path)
    record = AnalysisRecord(tmp_path, plate)
    plain, within = shot(plate), in_mattes(tmp_path, shot(plate))
    keys = analysed(record, within[:3])
    assert readiness(within, record.frames(), keys, NETWORKS).ready == 3
    assert readiness(plain, record.frames(), keys, NETWORKS).ready == 0
    keys |= analysed(record, plain)
    assert readiness(plain, record.frames(), keys, NETWORKS).ready == 4
    alpha = [replace(one, matte=replace(one.matte, channel="alpha")) for one in within if one.matte]
    assert readiness(alpha, record.frames(), keys, NETWORKS).ready == 0
    (tmp_path / "matte.0012.exr").write_bytes(b"other white")
    assert readiness(within, record.frames(), keys, NETWORKS).ready == 2
    (tmp_path / "matte.0013.exr").unlink()
    assert readiness(within, record.frames(), keys, NETWORKS).ready == 1


def test_records_from_before_there_were_mattes_count(tmp_path: Path) -> None:
    plate = sequence(tmp_path)
    record, requests = AnalysisRecord(tmp_path, plate), shot(plate)
    keys = analysed(record, requests)
    record.path.write_text(record.path.read_text().replace(', "matte": null', ""))
    assert "matte" not in record.path.read_text()
    assert readiness(requests, record.frames(), keys, NETWORKS).ready == 4


def test_where_the_camera_stands_does_not_matter(tmp_path: Path) -> None:
    plate = sequence(tmp_path)
    moved = np.eye(4)
    moved[0, 3] = 5.0
    assert shot(plate)[0].settings == shot(plate, camera=CAMERA.with_pose(moved))[0].settings


def test_an_encoding_that_was_evicted_is_not_ready(tmp_path: Path) -> None:
    plate = sequence(tmp_path)
    record, requests = AnalysisRecord(tmp_path, plate), shot(plate)
    keys = analysed(record, requests)
    keys.discard(f"{3:064x}")
    assert readiness(requests, record.frames(), keys, NETWORKS).ready == 3


def test_a_missing_file_is_a_problem_until_it_is_there(tmp_path: Path) -> None:
    plate = sequence(tmp_path)
    (tmp_path / "plate.0002.exr").unlink()
    record, requests = AnalysisRecord(tmp_path, plate), shot(plate)
    record.append(FrameRecord(2, requests[1].settings, MISSING, NETWORKS, None, problem="Frame 2 is missing."))
    found = readiness(requests, record.frames(), set(), NETWORKS)
    assert dict(found.problems) == {2: "Frame 2 is missing."}
    (tmp_path / "plate.0002.exr").write_bytes(b"rendered at last")
    found = readiness(requests, record.frames(), set(), NETWORKS)
    assert (dict(found.problems), found.stale) == ({}, 1)


@given(cut=st.integers(0, 400))
def test_a_record_that_was_cut_anywhere_keeps_its_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    plate = sequence(folder)
    record, requests = AnalysisRecord(folder, plate), shot(plate)
    analysed(record, requests)
    whole = record.path.read_bytes()
    record.path.write_bytes(whole[: max(len(whole) - cut, 1)])
    before = record.frames()
    assert all(frame.key == f"{frame.frame:064x}" for frame in before.values())
    analysed(record, requests[3:])
    assert (4, requests[3].settings) in record.frames(), "what is added after a cut counts"
    assert set(before) <= set(record.frames())


def test_tidying_keeps_the_latest_line_of_each_frame(tmp_path: Path) -> None:
    plate = sequence(tmp_path)
    record, requests = AnalysisRecord(tmp_path, plate), shot(plate)
    for _ in range(5):
        analysed(record, requests)
    before = record.frames()
    record.tidy()
    assert record.frames() == before
    assert len(record.path.read_text().splitlines()) == 5


def test_the_records_of_a_folder_are_listed_by_plate(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        record = AnalysisRecord(tmp_path, sequence(tmp_path / name))
        analysed(record, shot(record.plate))
    (tmp_path / f"{7:064x}.analysis").write_text("nonsense")
    assert [Path(record.plate.path).parent.name for record in recorded_plates(tmp_path)] == ["a", "b"]
    assert recorded_plates(tmp_path / "nowhere") == []


def test_a_folder_that_may_only_be_read_keeps_no_record_and_raises_nothing(tmp_path: Path) -> None:
    plate = sequence(tmp_path)
    record = AnalysisRecord(tmp_path / "not there", plate)
    analysed(record, shot(plate))
    assert record.frames() == {}


def test_bytes_are_counted_once_per_encoding(tmp_path: Path) -> None:
    plate = sequence(tmp_path)
    record = AnalysisRecord(tmp_path, plate)
    analysed(record, shot(plate))
    analysed(record, shot(plate, person=1))
    sizes = {f"{number:064x}": 100 for number in range(1, 9)}
    assert cached_bytes(record.frames().values(), sizes) == 400


def test_asking_for_the_networks_loads_none_of_them() -> None:
    code = (
        "import sys; from chiaro.runtime.relight import networks_in_use; print(len(networks_in_use()), "
        "'onnxruntime' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert result.stdout.split() == ["24", "False"]
