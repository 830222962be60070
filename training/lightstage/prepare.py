"""Prepare many people ahead of training, on several processes."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from ..assets import load_face_model
from .avatars.avatar_person import HELD_OUT_FIRST, build_avatar_person, load_avatar_model
from .ict_person import build_ict_person
from .person import PersonKind, person_path, save_person

HELD_OUT_HEADS, HELD_OUT_AVATARS = 32, 24
"""How many people of either kind, from index HELD_OUT_FIRST on, the evaluation uses."""

Task = TypeVar("Task")
Done = TypeVar("Done")
Job = tuple[PersonKind, int]


def _start() -> None:
    os.nice(5)


_face_model = lru_cache(maxsize=1)(load_face_model)


def _build(job: tuple[Path | None, Path, int, PersonKind, int]) -> Job:
    data, folder, seed, kind, index = job
    path = person_path(folder, kind, seed, index)
    if not path.exists():
        if kind is PersonKind.AVATAR:
            save_person(build_avatar_person(load_avatar_model(folder), seed, index), path)
        else:
            save_person(build_ict_person(_face_model(data), seed, index), path)
    return kind, index


def everyone(heads: int, avatars: int, *, held_out: bool = True) -> list[Job]:
    """Who must be prepared for training on so many people of each kind and for evaluation.

    Args:
        heads: people with ICT-FaceKit heads.
        avatars: textured people; with none, none is held out either.
        held_out: those of the evaluation too.
    """
    jobs = [(PersonKind.ICT, index) for index in range(heads)]
    jobs += [(PersonKind.AVATAR, index) for index in range(avatars)]
    if not held_out:
        return jobs
    jobs += [(PersonKind.ICT, HELD_OUT_FIRST + index) for index in range(HELD_OUT_HEADS)]
    if avatars:
        jobs += [(PersonKind.AVATAR, HELD_OUT_FIRST + index) for index in range(HELD_OUT_AVATARS)]
    return jobs


def prepare(data: Path | None, folder: Path, seed: int, jobs: list[Job], processes: int) -> Iterator[Job]:
    """Build the people that are not there yet; yields each when it is done.

    Args:
        data: the asset folder.
        folder: cache; avatars must have been converted into it.
        seed: of the people.
        jobs: who is wanted.
        processes: at work.

    Raises:
        AssetError: when the morphable head or the converted avatars are missing.
    """
    load_face_model(data)
    if any(kind is PersonKind.AVATAR for kind, _ in jobs):
        load_avatar_model(folder)
    folder.mkdir(parents=True, exist_ok=True)
    yield from in_processes(_build, [(data, folder, seed, kind, index) for kind, index in jobs], processes)


def in_processes(work: Callable[[Task], Done], tasks: list[Task], processes: int) -> Iterator[Done]:
    """Work on tasks in several processes, in order; each on one thread, so that sums always come out the same."""
    # Read by the libraries when a process starts.
    os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, initializer=_start) as pool:
        yield from pool.imap(work, tasks)
