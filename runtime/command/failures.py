"""Frames that cannot be done do not keep the other frames of a shot from being done."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import ChiaroError, HeadError, PlateError
from .shared import say


class Failures:
    """What went wrong with which frames of a shot.

    Attributes:
        total: frames of the shot; the failure of a single frame is simply raised.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._errors: dict[int, ChiaroError] = {}

    def __len__(self) -> int:
        """How many frames failed."""
        return len(self._errors)

    @contextmanager
    def noted(self, frame: int) -> Iterator[None]:
        """Tell of an unusable frame and go on; other errors (no weights, a full disk) would meet all frames."""
        try:
            yield
        except (HeadError, PlateError) as error:
            if self.total == 1:
                raise
            self._errors[frame] = error
            say(f"frame {frame}: {error}")

    def raise_if_any(self, what: str) -> None:
        """Raise one sentence about all of them, of the first one's type.

        Args:
            what: what was not done with them, such as "relit".
        """
        for frame, error in self._errors.items():
            first = f"Frame {frame}" if len(self) == 1 else f"{len(self)} frames, the first being {frame},"
            raise type(error)(f"{first} of {self.total} could not be {what}; the others are done: see above for why.")
