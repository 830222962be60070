"""Find the heads in a plate frame.

One network, run twice: over the whole plate for where heads are, then over a window around each for exactly where.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from .arrays import AnyFloatArray, Float32Array
from .crop import box_reduced, sample_bilinear
from .errors import HeadError, SettingsError
from .head import HeadBox
from .network import Network
from .transfer import srgb_from_linear

INPUT_SIZE = 256
STRIDE = 8
SCORE_THRESHOLD = 0.5
HINT_SCORE = 0.25
"""In the first look the heads of a group are small, and doubtful: what scores this much is looked at again."""
CONFIRMED_SCORE = 0.7
"""One of both looks must be this certain of a head beside the surest one, and of heads too small for the first look."""
REFINED_HALF_SIZE = 64.0
"""Half size of a head in the window of the second look, pixels: the middle of what the network was trained on."""
CLOSER_SHARE = 1 / 3
"""Side of the windows in which small heads are looked for, in the plate's longer sides."""
SMALLEST_HALF_SIZE = 20.0
"""Plate pixels; a smaller head has a face under some 15 pixels wide, too few to relight."""
PADDING_GREY = 0.5


@dataclass(frozen=True)
class Window:
    """A square part of the plate, scaled to the network's input.

    Attributes:
        left: x of the window's left edge in plate pixels, may lie outside.
        top: y of the window's top edge in plate pixels, may lie outside.
        side: side of the square in plate pixels.
    """

    left: float
    top: float
    side: float

    @property
    def scale(self) -> float:
        """Plate pixels per input pixel."""
        return self.side / INPUT_SIZE


def whole_plate_window(width: int, height: int) -> Window:
    """The window that holds the whole plate, centred."""
    side = float(max(width, height))
    return Window((width - side) / 2, (height - side) / 2, side)


def closer_window(hint: HeadBox, width: int, height: int) -> Window:
    """The window around a hint for heads too small to be seen in the whole, of which not even the size is known."""
    side = max(width, height) * CLOSER_SHARE
    return Window(hint.centre_x - side / 2, hint.centre_y - side / 2, side)


def overlapping_windows(width: int, height: int) -> list[Window]:
    """Windows of that size, half overlapping, all over the plate."""
    side = max(width, height) * CLOSER_SHARE
    lefts = np.linspace(0, max(width - side, 0), max(1, int(np.ceil(2 * width / side)) - 1))
    tops = np.linspace(0, max(height - side, 0), max(1, int(np.ceil(2 * height / side)) - 1))
    return [Window(float(left), float(top), side) for top in tops for left in lefts]


def window_around(box: HeadBox) -> Window:
    """The window in which a head has the size the network knows best."""
    side = box.half_size / REFINED_HALF_SIZE * INPUT_SIZE
    return Window(box.centre_x - side / 2, box.centre_y - side / 2, side)


def window_pixels(plate: AnyFloatArray, window: Window) -> Float32Array:
    """Cut a window out of the plate, without aliasing, sRGB-encoded, grey outside the plate.

    Args:
        plate: (H, W, 3) scene-linear.
        window: what to cut.

    Returns:
        (1, 3, INPUT_SIZE, INPUT_SIZE) float32, 0..1.
    """
    height, width = plate.shape[:2]
    steps = (np.arange(INPUT_SIZE) + 0.5) * window.scale
    x, y = np.meshgrid(window.left + steps, window.top + steps)
    inside = (x >= 0) & (x <= width) & (y >= 0) & (y <= height)
    factor = max(1, int(window.scale))
    left, top = (int(max(0, edge // factor * factor)) for edge in (window.left, window.top))
    right, bottom = (int(np.ceil(edge + window.side)) + factor for edge in (window.left, window.top))
    part = plate[top : max(bottom, top + 1), left : max(right, left + 1)]
    if part.size == 0:
        return np.full((1, 3, INPUT_SIZE, INPUT_SIZE), PADDING_GREY, dtype=np.float32)
    pixels = (np.stack([x, y], axis=-1) - (left, top)) / factor
    encoded = srgb_from_linear(sample_bilinear(box_reduced(part, factor), pixels))
    encoded[~inside] = PADDING_GREY
    return np.ascontiguousarray(encoded.transpose(2, 0, 1)[None])


def decode_heads(
    score: Float32Array, box: Float32Array, window: Window, *, threshold: float = SCORE_THRESHOLD
) -> list[HeadBox]:
    """Turn the network's grid into head boxes, best first.

    Args:
        score: (rows, columns) probability that a cell holds a head's centre.
        box: (7, rows, columns): offset x and y in cells, log2 of the half size in input pixels, sine and cosine of
            the roll, yaw, pitch.
        window: the part of the plate the grid covers.
        threshold: the lowest score of a head.

    Returns:
        Boxes in plate pixels, each the best of its neighbourhood, duplicates removed.
    """
    padded = np.pad(score, 1, constant_values=-1.0)
    neighbourhood = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).max(axis=(2, 3))
    rows, columns = np.nonzero((score >= threshold) & (score >= neighbourhood))
    order = np.argsort(-score[rows, columns], kind="stable")
    heads: list[HeadBox] = []
    for row, column in zip(rows[order], columns[order], strict=True):
        offset_x, offset_y, size, sine, cosine, yaw, pitch = (float(value) for value in box[:, row, column])
        candidate = HeadBox(
            centre_x=window.left + (column + 0.5 + offset_x) * STRIDE * window.scale,
            centre_y=window.top + (row + 0.5 + offset_y) * STRIDE * window.scale,
            half_size=2.0**size * window.scale,
            roll=float(np.arctan2(sine, cosine)),
            yaw=yaw,
            pitch=pitch,
            score=float(score[row, column]),
        )
        if not any(same_head(candidate, head) for head in heads):
            heads.append(candidate)
    return heads


def same_head(first: HeadBox, second: HeadBox) -> bool:
    """Whether two boxes mean one head: their centres are closer than a face is wide."""
    distance = np.hypot(first.centre_x - second.centre_x, first.centre_y - second.centre_y)
    return bool(distance < 0.35 * max(first.half_size, second.half_size))


def _look(
    plate: AnyFloatArray, window: Window, locator: Network, *, threshold: float = SCORE_THRESHOLD
) -> list[HeadBox]:
    outputs = locator.run(plate=window_pixels(plate, window))
    return decode_heads(outputs["score"][0, 0], outputs["box"][0], window, threshold=threshold)


def refine_head(plate: AnyFloatArray, rough: HeadBox, locator: Network) -> HeadBox | None:
    """Look again, closer; None when the closer look finds no head there."""
    found = [head for head in _look(plate, window_around(rough), locator) if same_head(head, rough)]
    if not found:
        return None
    best = max(found, key=lambda head: head.score)
    return replace(best, score=max(best.score, rough.score))


def find_heads(plate: AnyFloatArray, locator: Network) -> list[HeadBox]:
    """All heads in a plate frame, largest first.

    Args:
        plate: (H, W, 3) scene-linear Rec.709.
        locator: the network "locator".

    Returns:
        Head boxes in plate pixels; empty when there is no head.
    """
    height, width = plate.shape[:2]
    hints = _look(plate, whole_plate_window(width, height), locator, threshold=HINT_SCORE)
    heads: list[HeadBox] = []
    doubtful: list[HeadBox] = []
    for hint in hints:
        head = refine_head(plate, hint, locator)
        if head is not None and head.score >= CONFIRMED_SCORE:
            _add(heads, head)
            continue
        if head is not None and hint.score >= SCORE_THRESHOLD:
            doubtful.append(head)
        for closer in _look(plate, closer_window(hint, width, height), locator):
            _add_confirmed(heads, plate, closer, locator)
    if not heads:
        # The surest head is kept whatever its score.
        heads = sorted(doubtful, key=lambda head: -head.score)[:1]
    if not heads and max(width, height) > INPUT_SIZE:
        for window in overlapping_windows(width, height):
            for rough in _look(plate, window, locator):
                _add_confirmed(heads, plate, rough, locator)
    return largest_first(heads)


def _add_confirmed(heads: list[HeadBox], plate: AnyFloatArray, rough: HeadBox, locator: Network) -> None:
    head = refine_head(plate, rough, locator)
    if head is not None and head.score >= CONFIRMED_SCORE:
        _add(heads, head)


def _add(heads: list[HeadBox], head: HeadBox) -> None:
    if not any(same_head(head, other) for other in heads):
        heads.append(head)


def largest_first(heads: Iterable[HeadBox]) -> list[HeadBox]:
    """Heads in the order in which people are counted."""
    return sorted(heads, key=lambda head: -head.half_size)


@dataclass(frozen=True)
class ChosenHead:
    """The head to relight, and what the user should know about the choice."""

    box: HeadBox
    messages: tuple[str, ...] = ()


def choose_head(heads: list[HeadBox], width: int, height: int, *, person: int = 0) -> ChosenHead:
    """Pick one of the heads that were found.

    Args:
        heads: largest first.
        width: plate width in pixels.
        height: plate height in pixels.
        person: 0 is the largest head, 1 the next, and so on.

    Raises:
        HeadError: no head, no such person, a head too small, or mostly out of frame.
    """
    if person < 0:
        raise SettingsError(f"The person is {person}; count from 0, the largest head.")
    if not heads:
        raise HeadError(
            f"No head was found in the plate ({width}x{height} pixels); a face turned up to 60 degrees is expected: "
            "check the frame, or draw a head box."
        )
    if person >= len(heads):
        raise HeadError(
            f"Person {person} was asked for, but the frame holds {len(heads)} (0 is the largest): "
            "choose a lower number, or draw a head box."
        )
    box = heads[person]
    messages: list[str] = []
    if len(heads) > 1 and person == 0:
        messages.append(
            f"{len(heads)} heads were found; the largest is relit (choose another by its number, or by a box)."
        )
    check_box(box, width, height)
    visible = visible_part(box, width, height)
    if visible < 0.98:
        messages.append(f"{1 - visible:.0%} of the face lies outside the frame; the relight is less certain there.")
    return ChosenHead(box, tuple(messages))


def visible_part(box: HeadBox, width: int, height: int) -> float:
    """The part of the face (the middle of the box, 0.7 of its half size across) that lies inside the frame, 0..1."""
    reach = 0.35 * box.half_size
    across = min(box.centre_x + reach, width) - max(box.centre_x - reach, 0.0)
    down = min(box.centre_y + reach, height) - max(box.centre_y - reach, 0.0)
    return max(0.0, across) * max(0.0, down) / (2 * reach) ** 2


def check_box(box: HeadBox, width: int, height: int) -> None:
    """Refuse boxes that cannot be relit.

    Raises:
        HeadError: too small, or more than half of the face outside the frame.
    """
    if box.half_size < SMALLEST_HALF_SIZE:
        raise HeadError(
            f"The head is only about {0.7 * box.half_size:.0f} pixels wide; "
            f"at least {0.7 * SMALLEST_HALF_SIZE:.0f} are needed: use a plate of higher resolution."
        )
    visible = visible_part(box, width, height)
    if visible < 0.5:
        raise HeadError(
            f"Only {visible:.0%} of the face lies inside the frame; at least half is needed: "
            "choose another frame, or another person."
        )
