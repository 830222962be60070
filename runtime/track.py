"""Keep a head's box steady over a shot.

The box of a frame is a weighted mean of the boxes found around it. That needs no history, so a frame has the same
box whether it is rendered first, last or alone, and its cache entry stays valid.
"""

from collections.abc import Callable, Sequence

import numpy as np

from .errors import PlateError
from .head import HeadBox
from .locate import ChosenHead, choose_head, same_head

RADIUS = 3
"""Frames looked at on each side."""
SIGMA = 1.5
"""Width of the Gaussian weights, frames."""

FindHeads = Callable[[int], Sequence[HeadBox]]


def steady_head(frame: int, find: FindHeads, width: int, height: int, *, person: int = 0) -> ChosenHead:
    """The head of a frame, steadied by its neighbours.

    Args:
        frame: the frame.
        find: gives the heads of a frame, largest first, or raises PlateError where there is no such frame.
        width: plate width in pixels.
        height: plate height in pixels.
        person: 0 is the largest head of this frame, 1 the next, and so on.

    Returns:
        The box; a head missed in this frame alone is filled in from both its neighbours.

    Raises:
        HeadError: no usable head.
    """
    heads = list(find(frame)) or _filled_in(frame, find)
    chosen = choose_head(heads, width, height, person=person)
    boxes, weights = [chosen.box], [1.0]
    before = after = chosen.box
    for distance in range(1, RADIUS + 1):
        # Only pairs count: a mean over one side alone would lag behind a moving head.
        previous = _followed(before, frame - distance, find)
        following = _followed(after, frame + distance, find) if previous else None
        if previous is None or following is None:
            break
        before, after = previous, following
        boxes += [before, after]
        weights += [float(np.exp(-0.5 * (distance / SIGMA) ** 2))] * 2
    return ChosenHead(weighted_mean(boxes, weights), chosen.messages)


def _heads_or_none(frame: int, find: FindHeads) -> Sequence[HeadBox]:
    try:
        return find(frame)
    except PlateError:
        return ()


def _followed(box: HeadBox, frame: int, find: FindHeads) -> HeadBox | None:
    """The same head in a neighbouring frame; None at a cut, or where it is lost."""
    candidates = [head for head in _heads_or_none(frame, find) if same_head(head, box)]
    candidates = [head for head in candidates if 0.8 < head.half_size / box.half_size < 1.25]
    if not candidates:
        return None
    return min(candidates, key=lambda head: np.hypot(head.centre_x - box.centre_x, head.centre_y - box.centre_y))


def _filled_in(frame: int, find: FindHeads) -> list[HeadBox]:
    filled = []
    for before in _heads_or_none(frame - 1, find):
        after = _followed(before, frame + 1, find)
        if after is not None:
            filled.append(weighted_mean([before, after], [1.0, 1.0]))
    return filled


def weighted_mean(boxes: Sequence[HeadBox], weights: Sequence[float]) -> HeadBox:
    """The mean of boxes of one head; sizes are averaged as logarithms, the roll as an angle."""
    weight = np.asarray(weights, dtype=np.float64)
    weight = weight / weight.sum()

    def mean(name: str) -> float:
        return float(weight @ np.array([getattr(box, name) for box in boxes]))

    rolls = np.array([box.roll for box in boxes])
    return HeadBox(
        centre_x=mean("centre_x"),
        centre_y=mean("centre_y"),
        half_size=float(np.exp(weight @ np.log([box.half_size for box in boxes]))),
        roll=float(np.arctan2(weight @ np.sin(rolls), weight @ np.cos(rolls))),
        yaw=mean("yaw"),
        pitch=mean("pitch"),
        score=mean("score"),
    )
