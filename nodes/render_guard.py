"""Keeps the node's own renders (the world's bake) from starting the node again, and from moments that allow none."""

from collections.abc import Iterator
from contextlib import contextmanager


class BakeNeededError(Exception):
    """The world would have to be rendered, at a moment that does not allow it."""


class RenderGuard:
    """Says whether an evaluation is going on.

    Attributes:
        busy: it is.
        may_bake: whether it may render the world.
    """

    def __init__(self) -> None:
        self.busy = False
        self.may_bake = True

    @contextmanager
    def entered(self, *, may_bake: bool = True) -> Iterator[None]:
        """Busy inside the block, also when it raises."""
        self.busy, self.may_bake = True, may_bake
        try:
            yield
        finally:
            self.busy, self.may_bake = False, True


GUARD = RenderGuard()
