"""Which frames steady a frame: the ones before it, back to the last cut."""

from collections.abc import Callable
from typing import TypeVar

from .steady import FRAMES

Frame = TypeVar("Frame")


def window_before(
    number: int,
    present: Frame,
    frame_at: Callable[[int], Frame | None],
    goes_on: Callable[[Frame, Frame], bool],
) -> list[Frame]:
    """The window of a frame, the oldest first, the frame itself last.

    Args:
        number: of the frame.
        present: the frame, encoded by itself.
        frame_at: gives another frame, or None where there is none or no head in it; it is asked for one frame before a
            cut and no more.
        goes_on: whether of two neighbouring frames the second goes on from the first, see `continuity.continues`.
    """
    window = [present]
    for earlier in range(number - 1, number - FRAMES, -1):
        before = frame_at(earlier)
        if before is None or not goes_on(before, window[0]):
            break
        window.insert(0, before)
    return window
