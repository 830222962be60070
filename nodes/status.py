"""What each Relight node last did: the message drawn on it, and what its images hold. Lives with the session only."""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How much a message matters; the value is Blender's icon."""

    READY = "CHECKMARK"
    NOTE = "INFO"
    ERROR = "ERROR"


@dataclass(frozen=True)
class Status:
    """The message on a node.

    Attributes:
        level: how much it matters.
        lines: one sentence each.
    """

    level: Level
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Evaluated:
    """The result that a node's images hold.

    Attributes:
        signature: fingerprint of everything it was made from; None for a failed frame.
        status: the message that belongs to it.
        reduction: 1 for the final result, more for a preview.
    """

    signature: str | None
    status: Status
    reduction: int = 1

    def serves(self, signature: str, reduction: int) -> bool:
        """Whether it is what is asked for, or finer."""
        return self.signature == signature and self.reduction <= reduction


class Board:
    """The last evaluation of every node, by the session-wide id of its inner tree."""

    def __init__(self) -> None:
        self._evaluated: dict[int, Evaluated] = {}

    def get(self, key: int) -> Evaluated | None:
        """The last evaluation of a node, or None."""
        return self._evaluated.get(key)

    def put(self, key: int, evaluated: Evaluated) -> None:
        """Remember an evaluation."""
        self._evaluated[key] = evaluated

    def forget(self, key: int) -> None:
        """The node is gone."""
        self._evaluated.pop(key, None)

    def forget_pixels(self) -> None:
        """The images may no longer hold what was written (undo, redo): keep only the messages."""
        self._evaluated = {key: Evaluated(None, kept.status) for key, kept in self._evaluated.items()}

    def clear(self) -> None:
        """Another file: nothing that was known holds."""
        self._evaluated.clear()


BOARD = Board()
