"""Steadied frames of a shot on disk: the same in whatever order, plain where it is switched off, new after a cut."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.ball_head import RADIUS, ball_maps, ball_plate
from tests.tiny_networks import constant_portrait, mean_temporal, red_disc_locator, write_weights

from chiaro.runtime import relight as relight_module
from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.compose.given_matte import GivenMatte
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.errors import PlateError
from chiaro.runtime.plate.plate import Plate, PlateFrame
from chiaro.runtime.relight import Relighter
from chiaro.runtime.temporal.maps import CHANNELS

BALL = ball_plate()


class Shot(Plate):
    """The ball before a background that flickers, and so does the albedo that the network takes from it."""

    path, width, height = Path("shot"), 640, 480
    frames = range(1, 9)

    @property
    def description(self) -> str:
        return "a ball"

    def read(self, frame: int) -> PlateFrame:
        if frame not in self.frames:
            raise PlateError(f"There is no frame {frame}.")
        image = BALL.frame.image.copy()
        image[85:110] *= 1 + 0.5 * (frame * 7 % 5)
        return replace(BALL.frame, image=image, frame=frame, identity=self.identity(frame))

    def identity(self, frame: int) -> str:
        if frame not in self.frames:
            raise PlateError(f"There is no frame {frame}.")
        return f"ball {frame}"

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(autouse=True)
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "weights"
    folder.mkdir()
    write_weights(
        folder,
        locator=red_disc_locator(disc_share=RADIUS),
        portrait=constant_portrait(ball_maps(), unsteady="albedo"),
        temporal=mean_temporal(sum(CHANNELS.values())),
    )
    monkeypatch.setenv("CHIARO_WEIGHTS", str(folder))
    yield folder


def analysed(engine: Relighter, frame: int, *, steady: bool = True) -> Encoding:
    shot = Shot()
    return engine.analyse(shot.read(frame), BALL.camera, plate=shot, steady=steady).encoding


def green(encoding: Encoding) -> Float32Array:
    """The albedo that is nowhere near 0 or 1."""
    return encoding.albedo[..., 1]


def test_a_steadied_frame_is_the_mean_of_the_last_five() -> None:
    engine = Relighter()
    plain = [green(analysed(engine, frame, steady=False)) for frame in range(2, 7)]
    assert np.ptp([albedo[128, 128] for albedo in plain]) > 0.005
    np.testing.assert_allclose(green(analysed(engine, 6)), np.mean(plain, axis=0), atol=2e-3)


def test_any_order_gives_the_same_frames(tmp_path: Path) -> None:
    forward, backward = Relighter(cache_folder=tmp_path / "cache"), Relighter()
    first = {frame: analysed(forward, frame) for frame in range(1, 9)}
    second = {frame: analysed(backward, frame) for frame in (8, 3, 5, 1, 6)}
    alone = analysed(Relighter(cache_folder=tmp_path / "cache"), 7)
    for frame, encoding in [*second.items(), (7, alone)]:
        np.testing.assert_allclose(green(encoding), green(first[frame]), atol=5e-4)
        np.testing.assert_allclose(encoding.light, first[frame].light, atol=5e-3)


def test_the_first_frame_and_a_switched_off_one_are_plain() -> None:
    engine = Relighter()
    assert analysed(engine, 1) is analysed(engine, 1, steady=False)
    assert analysed(engine, 4, steady=False) is not analysed(engine, 4)


def test_a_frame_without_its_plate_is_plain() -> None:
    engine, frame = Relighter(), Shot().read(4)
    found = engine.analyse(frame, BALL.camera, box=BALL.box).encoding
    np.testing.assert_array_equal(found.albedo, analysed(engine, 4, steady=False).albedo)


def test_no_temporal_network_is_no_error(weights: Path) -> None:
    networks = {name: (weights / f"{name}.onnx").read_bytes() for name in ("locator", "portrait")}
    write_weights(weights, **networks)
    engine = Relighter()
    assert analysed(engine, 4) is analysed(engine, 4, steady=False)


def test_a_lamp_that_moves_steadies_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Relighter()
    first = analysed(engine, 5)
    monkeypatch.setattr(relight_module, "steadied", None)
    assert analysed(engine, 5) is first


def test_is_analysed_counts_the_frames_before(tmp_path: Path) -> None:
    shot, engine = Shot(), Relighter(cache_folder=tmp_path / "cache")
    engine.analyse(shot.read(6), BALL.camera, plate=shot, steady=False)
    fresh = Relighter(cache_folder=tmp_path / "cache")
    assert fresh.is_analysed(shot.read(6), BALL.camera, plate=shot, steady=False)
    assert not fresh.is_analysed(shot.read(6), BALL.camera, plate=shot)
    engine.analyse(shot.read(6), BALL.camera, plate=shot)
    assert fresh.is_analysed(shot.read(6), BALL.camera, plate=shot)
    engine.analyse(shot.read(2), BALL.camera, plate=shot)
    assert fresh.is_analysed(shot.read(2), BALL.camera, plate=shot)


def test_a_box_of_the_users_holds_for_the_whole_window() -> None:
    shot, engine = Shot(), Relighter()
    frame = shot.read(6)
    steady = engine.analyse(frame, BALL.camera, box=BALL.box, plate=shot).encoding
    plain = [
        green(engine.analyse(shot.read(number), BALL.camera, box=BALL.box, plate=shot, steady=False).encoding)
        for number in range(2, 7)
    ]
    np.testing.assert_allclose(green(steady), np.mean(plain, axis=0), atol=2e-3)


class Holdout:
    """The ball's own matte, but for frames that lack one."""

    def __init__(self, *missing: int) -> None:
        rows, columns = np.indices((480, 640))
        inside = (
            np.hypot(columns + 0.5 - BALL.box.centre_x, rows + 0.5 - BALL.box.centre_y) < RADIUS * BALL.box.half_size
        )
        self.values, self.missing = inside.astype(np.float32), missing

    def identity(self, number: int) -> str:
        if number in self.missing:
            raise PlateError(f"There is no matte {number}.")
        return "ball"

    def at(self, number: int) -> GivenMatte:
        return GivenMatte(self.values, self.identity(number))


def test_within_a_matte_the_background_says_nothing() -> None:
    shot, engine = Shot(), Relighter()
    plain = [green(analysed(engine, frame, steady=False)) for frame in (4, 5)]
    within = [
        green(engine.analyse(shot.read(frame), BALL.camera, plate=shot, steady=False, mattes=Holdout()).encoding)
        for frame in (4, 5)
    ]
    assert np.abs(plain[0] - plain[1]).max() > 0.005
    np.testing.assert_allclose(within[0], within[1], atol=1e-5)


def test_frames_before_are_seen_within_their_mattes_and_are_left_out_without() -> None:
    shot, engine = Shot(), Relighter()
    seen: list[int] = []

    class Watched(Holdout):
        def at(self, number: int) -> GivenMatte:
            seen.append(number)
            return super().at(number)

    found = engine.analyse(shot.read(6), BALL.camera, plate=shot, mattes=Watched(3)).encoding
    assert sorted(set(seen)) == [4, 5, 6]
    whole = engine.analyse(shot.read(6), BALL.camera, plate=shot, mattes=Holdout()).encoding
    np.testing.assert_allclose(green(found), green(whole), atol=1e-3)


def test_is_analysed_tells_a_frame_within_a_matte_from_one_without(tmp_path: Path) -> None:
    shot, engine = Shot(), Relighter(cache_folder=tmp_path / "cache")
    engine.analyse(shot.read(2), BALL.camera, plate=shot)
    assert not engine.is_analysed(shot.read(2), BALL.camera, plate=shot, mattes=Holdout())
    engine.analyse(shot.read(2), BALL.camera, plate=shot, mattes=Holdout())
    fresh = Relighter(cache_folder=tmp_path / "cache")
    assert fresh.is_analysed(shot.read(2), BALL.camera, plate=shot, mattes=Holdout())
