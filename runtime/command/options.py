"""What the user types, turned into numbers: frames, ramps, boxes, lamps."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import SettingsError
from ..head import HeadBox


@dataclass(frozen=True)
class Ramp:
    """A number that stays, or goes evenly from one value to another over the frames."""

    start: float
    end: float

    def at(self, position: float) -> float:
        """The value at 0 (first frame) to 1 (last frame)."""
        return self.start * (1.0 - position) + self.end * position


def parse_number(text: str, what: str) -> float:
    """A finite number.

    Raises:
        SettingsError: it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not math.isfinite(value):
        raise SettingsError(f'{what} is "{text}"; a number is expected.')
    return value


def parse_ramp(text: str, what: str) -> Ramp:
    """`30` or, from the first frame to the last, `0:360`.

    Raises:
        SettingsError: anything else.
    """
    parts = text.split(":")
    if len(parts) > 2:
        raise SettingsError(f'{what} is "{text}"; one number, or two such as 0:360 (first to last frame), is expected.')
    numbers = [parse_number(part, what) for part in parts]
    return Ramp(numbers[0], numbers[-1])


def parse_frames(text: str, existing: Sequence[int]) -> list[int]:
    """`all`, `7`, `1-24`, `1-100x10`, or several of these with commas.

    Args:
        text: what was typed.
        existing: the plate's frames, ascending.

    Raises:
        SettingsError: not understood, or outside the plate.
    """
    if text == "all":
        return list(existing)
    frames: list[int] = []
    for part in text.split(","):
        span, _, step = part.partition("x")
        start, dash, end = span.strip().partition("-")
        try:
            frames += range(int(start), int(end if dash else start) + 1, int(step or 1))
        except ValueError as error:
            raise SettingsError(
                f'The frames are "{text}"; all, 7, 1-24 or 1-100x10 (every tenth) is expected.'
            ) from error
    if not frames or min(frames) < existing[0] or max(frames) > existing[-1]:
        raise SettingsError(
            f'The frames are "{text}", but the plate has frames {existing[0]} to {existing[-1]}: choose from these.'
        )
    return frames


def parse_box(text: str) -> HeadBox:
    """`X,Y,HALF` or `X,Y,HALF,ROLL` in plate pixels and degrees.

    Raises:
        SettingsError: not three or four numbers.
    """
    parts = text.split(",")
    if len(parts) not in (3, 4):
        raise SettingsError(
            f'The head box is "{text}"; X,Y,HALF in plate pixels (the point between the ears, and half the side of a '
            "square 0.5 m wide) is expected, with the roll in degrees as a fourth number if the head leans."
        )
    x, y, half_size, *roll = (parse_number(part, "The head box") for part in parts)
    return HeadBox(x, y, half_size, roll=roll[0] / 57.29577951308232 if roll else 0.0)


@dataclass(frozen=True)
class LampOption:
    """A lamp as typed: `area yaw=40 pitch=30 distance=1.5 power=60 size=0.5 colour=1,0.8,0.6`."""

    kind: str
    values: Mapping[str, float]
    colour: tuple[float, float, float]

    def value(self, name: str) -> float:
        """One of the numbers, or its default."""
        return self.values.get(name, LAMP_DEFAULTS[self.kind][name])


PLACE = {"yaw": 0.0, "pitch": 0.0}
LAMP_DEFAULTS: Mapping[str, Mapping[str, float]] = {
    "sun": {**PLACE, "strength": 3.0, "angle": 0.5},
    "point": {**PLACE, "distance": 1.5, "power": 60.0, "radius": 0.05},
    "spot": {**PLACE, "distance": 1.5, "power": 120.0, "radius": 0.05, "cone": 45.0, "blend": 0.15},
    "area": {**PLACE, "distance": 1.5, "power": 60.0, "size": 0.5, "height": 0.0},
}
"""Kinds of lamp, what can be set, and Blender's units: watts, metres, degrees; yaw 0 is at the camera, positive to the
camera's right; pitch is upwards; the distance is from the head; height 0 makes a square area lamp."""


def parse_lamp(text: str) -> LampOption:
    """Read a lamp.

    Raises:
        SettingsError: an unknown kind or setting, or not a number.
    """
    kind, *settings = text.split() or [""]
    if kind not in LAMP_DEFAULTS:
        raise SettingsError(f'The lamp is "{text}"; it must begin with {", ".join(LAMP_DEFAULTS)}.')
    values: dict[str, float] = {}
    colour = (1.0, 1.0, 1.0)
    for setting in settings:
        name, equals, value = setting.partition("=")
        if name in ("colour", "color") and equals:
            colour = parse_colour(value)
        elif name in LAMP_DEFAULTS[kind] and equals:
            values[name] = parse_number(value, f"The lamp's {name}")
        else:
            known = ", ".join([*LAMP_DEFAULTS[kind], "colour"])
            raise SettingsError(f'The {kind} lamp has "{setting}"; name=value with one of {known} is expected.')
    return LampOption(kind, values, colour)


def parse_colour(text: str) -> tuple[float, float, float]:
    """`R,G,B`, scene-linear Rec.709.

    Raises:
        SettingsError: not three numbers.
    """
    numbers = [parse_number(part, "The colour") for part in text.split(",")]
    if len(numbers) != 3:
        raise SettingsError(f'The colour is "{text}"; three numbers such as 1,0.8,0.6 are expected.')
    return (numbers[0], numbers[1], numbers[2])
