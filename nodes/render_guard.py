"""Keeps the node's own renders (the world's bake) from starting the node again."""

from collections.abc import Iterator
from contextlib import contextmanager


class RenderGuard:
    """Says whether an evaluation is going on."""

    def __init__(self) -> None:
        self.busy = False

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Busy inside the block, also when it raises."""
        self.busy = True
        try:
            yield
        finally:
            self.busy = False


GUARD = RenderGuard()
