"""Independent pieces of array work on all processor cores: numpy lets go of the interpreter while it computes."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")

MOST_THREADS = 8
"""Measured on two cores only. Threads wait for each other's lines of Python, so many of them cannot gain much."""


def in_parallel(work: Callable[[Piece], Result], pieces: Iterable[Piece]) -> list[Result]:
    """The results of `work` for each piece, in their order.

    What one piece writes, no other may read or write. Threads live no longer than the call, so that neither Blender's
    end nor a fork finds any.

    Raises:
        Exception: the first that `work` raised, in the order of the pieces.
    """
    listed = list(pieces)
    threads = min(core_count(), MOST_THREADS, len(listed))
    if threads < 2:
        return [work(piece) for piece in listed]
    with ThreadPoolExecutor(threads, thread_name_prefix="chiaro") as pool:
        return list(pool.map(work, listed))


def core_count() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
