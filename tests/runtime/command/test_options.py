"""What the user types is understood, or refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiaro.runtime.command.options import parse_box, parse_frames, parse_lamp, parse_ramp
from chiaro.runtime.errors import SettingsError

FRAMES = list(range(1, 101))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7", [7]), ("3-5", [3, 4, 5]), ("1-100x40", [1, 41, 81]), ("2,9-10", [2, 9, 10]), ("all", FRAMES)],
)
def test_frames(text: str, expected: list[int]) -> None:
    assert parse_frames(text, FRAMES) == expected


@pytest.mark.parametrize("text", ["", "a", "5-x", "1-9x0", "1.5"])
def test_frames_not_understood(text: str) -> None:
    with pytest.raises(SettingsError, match="every tenth"):
        parse_frames(text, FRAMES)


@pytest.mark.parametrize("text", ["0", "99-101", "9-3"])
def test_frames_outside_the_plate(text: str) -> None:
    with pytest.raises(SettingsError, match="the plate has frames 1 to 100"):
        parse_frames(text, FRAMES)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_ramps_go_from_start_to_end(start: float, end: float) -> None:
    ramp = parse_ramp(f"{start}:{end}", "x")
    assert ramp.at(0) == start
    assert ramp.at(1) == end
    assert parse_ramp(str(start), "x").at(0.7) == pytest.approx(start)


def test_ramps_refused() -> None:
    with pytest.raises(SettingsError, match='The rotation is "1:2:3"'):
        parse_ramp("1:2:3", "The rotation")
    with pytest.raises(SettingsError, match='The rotation is "nan"; a number is expected'):
        parse_ramp("nan", "The rotation")


def test_lamps() -> None:
    lamp = parse_lamp("area yaw=40 power=80 colour=1,0.5,0.25")
    assert (lamp.kind, lamp.value("yaw"), lamp.value("power"), lamp.value("size")) == ("area", 40, 80, 0.5)
    assert lamp.colour == (1, 0.5, 0.25)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must begin with sun, point, spot, area"),
        ("torch", "must begin with"),
        ("sun power=3", 'The sun lamp has "power=3"; name=value with one of yaw, pitch, strength, angle, colour'),
        ("point power", "name=value"),
        ("point power=bright", 'The lamp\'s power is "bright"; a number is expected'),
        ("spot colour=1,2", "three numbers"),
    ],
)
def test_lamps_refused(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        parse_lamp(text)


def test_boxes() -> None:
    box = parse_box("100,200,50,90")
    assert (box.centre_x, box.centre_y, box.half_size) == (100, 200, 50)
    assert box.roll == pytest.approx(1.5707963)
    with pytest.raises(SettingsError, match="X,Y,HALF in plate pixels"):
        parse_box("1,2")
