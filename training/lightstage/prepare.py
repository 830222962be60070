"""Prepare many people ahead of training, on several processes."""

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path

from ..assets import FaceModel, load_face_model
from .ict_person import build_ict_person
from .person import PersonKind, person_path, save_person

HELD_OUT_FIRST = 90_000
"""People from this index on are for evaluation only."""
HELD_OUT_HEADS, HELD_OUT_AVATARS = 32, 16
"""How many of either kind the evaluation uses."""

_model: FaceModel | None = None


def _start(data: Path | None) -> None:
    global _model  # noqa: PLW0603  # a worker process reads the model once
    os.nice(5)
    _model = load_face_model(data)


def _build(job: tuple[str, int, int]) -> int:
    folder, seed, index = job
    path = person_path(Path(folder), PersonKind.ICT, seed, index)
    if not path.exists() and _model is not None:
        save_person(build_ict_person(_model, seed, index), path)
    return index


def prepare(data: Path | None, folder: Path, seed: int, indices: range, processes: int) -> Iterator[int]:
    """Build the people that are not there yet; yields each index when it is done.

    Raises:
        AssetError: when the morphable head is missing.
    """
    load_face_model(data)
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [(str(folder), seed, index) for index in indices]
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, initializer=_start, initargs=(data,)) as pool:
        yield from pool.imap(_build, jobs)
