"""The commands on a plate whose truth is known: results in their place, bad input one sentence and exit code 2."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from OpenImageIO import ImageBuf, ImageInput, ImageOutput, ImageSpec
from tests.ball_head import ball_plate, ball_weights

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.command.main import main
from chiaro.runtime.output.movie import write_movie
from chiaro.runtime.output.png import srgb_picture, write_png

LAMP = ["--lamp", "area yaw=30 pitch=20 power=40"]

Chiaro = Callable[..., tuple[int, str]]


@pytest.fixture
def chiaro(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Chiaro:
    """Runs the command in an empty folder; gives its exit code and all it said."""
    monkeypatch.setenv("CHIARO_WEIGHTS", str(ball_weights(tmp_path / "weights")))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["chiaro", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


def ball_png(folder: Path, name: str = "ball.png", width: int = 320, height: int = 240) -> Path:
    path = folder / name
    write_png(path, ball_plate(width, height).frame.image)
    return path


def test_relight_writes_passes_picture_and_sheet(chiaro: Chiaro, tmp_path: Path) -> None:
    code, said = chiaro(
        "relight", ball_png(tmp_path), *LAMP, "--output", tmp_path / "results", "--cache", tmp_path / "c"
    )
    assert code == 0, said
    results = tmp_path / "results"
    written = sorted(path.name for path in results.iterdir())
    assert written == ["ball_passes.png", "ball_relit.exr", "ball_relit.png"]
    source = ImageInput.open(str(tmp_path / "results" / "ball_relit.exr"))
    assert {"Relight.R", "Albedo.R", "Depth.Z", "Normal.X", "Matte.A", "Confidence.V"} <= set(
        source.spec().channelnames
    )
    source.close()


def test_a_still_with_a_turning_light_becomes_a_movie(chiaro: Chiaro, tmp_path: Path) -> None:
    hdri = tmp_path / "light.exr"
    sky = np.full((32, 64, 3), 0.05, dtype=np.float32)
    sky[8:24, 20:28] = 6.0
    write_exr(hdri, sky)
    code, said = chiaro(
        "relight", ball_png(tmp_path), "--hdri", hdri, "--rotation", "0:180", "--length", 3, "--no-cache", "--no-sheet"
    )
    assert code == 0, said
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == [
        *(f"ball_relit.{number:04d}.{ending}" for number in (1, 2, 3) for ending in ("exr", "png")),
        "ball_relit.mp4",
    ]
    first, last = (ImageBuf(str(tmp_path / "out" / f"ball_relit.000{n}.png")).get_pixels() for n in (1, 3))
    assert np.abs(first - last).max() > 0.02


def test_a_movie_is_relit_and_resumed(chiaro: Chiaro, tmp_path: Path) -> None:
    picture = srgb_picture(ball_plate(320, 240).frame.image)
    write_movie(tmp_path / "shot.mp4", [picture] * 3)
    words = ("relight", tmp_path / "shot.mp4", *LAMP, "--no-exr", "--no-sheet", "--no-cache")
    assert chiaro(*words, "--frames", "1-2")[0] == 0
    first = (tmp_path / "out" / "shot_relit.0001.png").stat().st_mtime_ns
    assert chiaro(*words, "--resume")[0] == 0
    assert (tmp_path / "out" / "shot_relit.0001.png").stat().st_mtime_ns == first
    assert (tmp_path / "out" / "shot_relit.0003.png").exists()


def test_the_artists_matte_is_read_beside_the_plate(chiaro: Chiaro, tmp_path: Path) -> None:
    matte = np.zeros((240, 320, 3), np.float32)
    matte[:, 160:] = 1.0
    write_png(tmp_path / "matte.png", matte)
    plate = ball_png(tmp_path)
    code, said = chiaro(
        "relight", plate, *LAMP, "--matte", tmp_path / "matte.png", "--no-cache", "--no-sheet", "--no-exr"
    )
    assert code == 0, said
    before, after = (ImageBuf(str(path)).get_pixels()[..., :3] for path in (plate, tmp_path / "out" / "ball_relit.png"))
    changed = np.abs(before - after).max(axis=-1) > 0.02
    assert not changed[:, :160].any()
    assert changed[:, 160:].sum() > 1000
    write_png(tmp_path / "small.png", matte[:100, :100])
    code, said = chiaro("relight", plate, *LAMP, "--matte", tmp_path / "small.png", "--no-cache", "--no-sheet")
    assert code == 2
    assert "The matte is 100x100 pixels and the plate 320x240; give a matte of the plate's size" in said


def test_the_light_of_the_shoot_can_fade(chiaro: Chiaro, tmp_path: Path) -> None:
    plate = ball_png(tmp_path)
    code, said = chiaro("relight", plate, "--plate-light", "1:0", "--length", 3, "--no-cache", "--no-sheet", "--no-exr")
    assert code == 0, said
    shown = [ImageBuf(str(tmp_path / "out" / f"ball_relit.000{number}.png")).get_pixels()[..., 0] for number in (1, 2)]
    before = ImageBuf(str(plate)).get_pixels()[..., 0]
    assert np.array_equal(shown[0], before)
    middle = (slice(110, 130), slice(150, 170))
    # Half the light in sRGB, in which pictures are stored.
    assert shown[1][middle].mean() / before[middle].mean() == pytest.approx(0.73, abs=0.03)
    assert np.array_equal(shown[1][:, :20], before[:, :20])


@pytest.mark.parametrize("command", ["relight", "analyse"])
def test_an_unusable_frame_is_told_and_the_others_are_done(chiaro: Chiaro, tmp_path: Path, command: str) -> None:
    for number in range(1, 9):
        ball_png(tmp_path, f"shot.{number:04d}.png")
    write_png(tmp_path / "shot.0002.png", np.full((240, 320, 3), 0.2, dtype=np.float32))
    write_png(tmp_path / "shot.0003.png", np.full((240, 320, 3), 0.2, dtype=np.float32))
    (tmp_path / "shot.0006.png").write_bytes(b"")
    lamp = (*LAMP, "--no-exr") if command == "relight" else ()
    code, said = chiaro(command, "shot.####.png", *lamp, "--cache", tmp_path / "cache")
    assert code == 2
    assert "chiaro: 3 frames, the first being 2, of 8 could not be" in said
    assert "frame 3: No head was found" in said
    assert 'frame 6: The plate "shot.0006.png" is an empty file' in said
    written = sorted(path.name for path in (tmp_path / "out").glob("*relit*"))
    expected = [f"shot_relit.{number:04d}.png" for number in (1, 4, 5, 7, 8)] if command == "relight" else []
    assert written == expected, "and no movie that lacks frames"


def test_orbit_draws_a_sheet_and_says_that_there_is_no_field(chiaro: Chiaro, tmp_path: Path) -> None:
    sheet = tmp_path / "sheets" / "orbit.png"
    code, said = chiaro("orbit", ball_png(tmp_path), "--yaw=-30,30", "--output", sheet, "--no-cache")
    assert code == 0, said
    assert "hold no field" in said
    spec = ImageBuf(str(sheet)).spec()
    assert spec.width < spec.height  # two columns, five rows


@pytest.mark.parametrize("turns", ["left", "", "10,,20", "0,200", "nan"])
def test_turns_that_are_none(chiaro: Chiaro, tmp_path: Path, turns: str) -> None:
    code, said = chiaro("orbit", ball_png(tmp_path), f"--yaw={turns}")
    assert code == 2
    assert "degrees from -180 to 180 are expected, such as -40,-20,0,20,40" in said


def test_analyse_fills_the_cache_once(chiaro: Chiaro, tmp_path: Path) -> None:
    code, said = chiaro("analyse", ball_png(tmp_path), "--cache", tmp_path / "cache")
    assert code == 0
    assert "1 of 1 frames are ready" in said
    (entry,) = (tmp_path / "cache").glob("*.encoding")
    written = entry.stat().st_ino  # an entry that is written again is another file of the same name
    chiaro("analyse", tmp_path / "ball.png", "--cache", tmp_path / "cache")
    assert [path.stat().st_ino for path in (tmp_path / "cache").glob("*.encoding")] == [written]
    assert entry.stat().st_size > 100_000
    _, said = chiaro("info", "--cache", tmp_path / "cache")
    assert "1 frames" in said


def test_info_names_versions_weights_and_cache(chiaro: Chiaro, tmp_path: Path) -> None:
    code, said = chiaro("info", "--cache", tmp_path / "cache")
    assert code == 0
    for word in ("onnxruntime", "CPUExecutionProvider", "locator", "portrait", "SHA-256", "cache"):
        assert word in said


@pytest.mark.parametrize("command", ["", "relight", "orbit", "analyse", "info", "bench"])
def test_help_is_there(chiaro: Chiaro, command: str) -> None:
    code, said = chiaro(*command.split(), "--help")
    assert code == 0
    assert "Usage" in said


def write_exr(path: Path, pixels: Float32Array, *, names: str = "RGB") -> None:
    specification = ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], "float")
    specification.channelnames = tuple(names)
    output = ImageOutput.create(str(path))
    output.open(str(path), specification)
    output.write_image(pixels)
    output.close()


def test_bad_plates_and_light(chiaro: Chiaro, tmp_path: Path) -> None:
    ball = ball_png(tmp_path)
    grey = tmp_path / "grey.png"
    write_png(grey, np.full((120, 160, 3), 0.2, dtype=np.float32))
    not_finite = tmp_path / "nan.exr"
    write_exr(not_finite, np.full((60, 80, 3), np.nan, dtype=np.float32))
    truncated = tmp_path / "cut.png"
    truncated.write_bytes(ball.read_bytes()[:2000])
    sixteen = tmp_path / "sixteen.exr"
    write_exr(sixteen, np.zeros((60, 80, 16), dtype=np.float32), names="abcdefhijklmnopq")
    cases: list[tuple[tuple[object, ...], str]] = [
        ((tmp_path / "missing.png", *LAMP), "missing.png"),
        ((truncated, *LAMP), "cut.png"),
        ((grey, *LAMP), "No head was found"),
        ((not_finite, *LAMP), "nan.exr"),
        ((sixteen, *LAMP), "sixteen.exr"),
        ((tmp_path, *LAMP), "folder"),
        ((ball,), "There is no light"),
        ((ball, "--hdri", tmp_path / "no.hdr"), "no.hdr"),
        ((ball, "--lamp", "torch"), "must begin with"),
        ((ball, *LAMP, "--person", 4), "Person 4 was asked for"),
        ((ball, *LAMP, "--frames", "7"), "the plate has frames 1 to 1"),
        ((ball, *LAMP, "--box", "1,2"), "X,Y,HALF"),
        ((ball, *LAMP, "--box", "900,100,60"), "lies inside the frame"),
        ((ball, *LAMP, "--focal-length", 0), "above zero"),
        ((ball, *LAMP, "--mix", 2), "mix is 2"),
        ((ball, *LAMP, "--length", 0), "one picture or more"),
        ((ball, *LAMP, "--provider", "abacus"), "abacus"),
    ]
    for words, sentence in cases:
        code, said = chiaro("relight", *words, "--no-cache")
        errors = [line for line in said.splitlines() if line.startswith("chiaro: ")]
        assert code == 2, (words, said)
        assert len(errors) == 1, (words, said)
        assert sentence in errors[0], (words, errors)
    assert not any(path.suffix in (".exr", ".png") for path in (tmp_path / "out").glob("*"))


def test_results_need_a_folder(chiaro: Chiaro, tmp_path: Path) -> None:
    ball = ball_png(tmp_path)
    for place, sentence in (
        (ball, "is a file where a folder for the results is expected"),
        (ball / "x", "cannot be made"),
    ):
        code, said = chiaro("relight", ball, *LAMP, "--no-cache", "--output", place)
        assert code == 2, said
        assert sentence in said
        assert "Traceback" not in said


def test_the_installed_command_says_what_it_is(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).parent / "chiaro"), "relight", str(tmp_path / "missing.png"), *LAMP]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("chiaro: ")
