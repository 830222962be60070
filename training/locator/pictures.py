"""The locator's pictures, drawn once and kept beside the prepared people, in chunks."""

import os
from pathlib import Path

import numpy as np

from ...runtime.head import HeadBox
from ..assets import AssetError
from ..lightstage.stage import Stage
from .sample import LabelledFrame, LocatorSample, locator_sample, nobody_sample

CHUNK = 100
CHUNKS_OF_PEOPLE = 40
"""Chunks from this one on show nobody."""
CHUNKS = 46


def chunk_path(folder: Path, seed: int, chunk: int) -> Path:
    """Where a chunk is kept."""
    return folder / f"locator_{seed}_{chunk:04d}.npz"


def draw_chunk(stage: Stage, frames: tuple[LabelledFrame, ...], seed: int, chunk: int) -> Path:
    """Draw the samples of a chunk unless they are there; returns the file."""
    path = chunk_path(stage.folder, seed, chunk)
    if path.exists():
        return path
    indices = range(chunk * CHUNK, (chunk + 1) * CHUNK)
    if chunk < CHUNKS_OF_PEOPLE:
        samples = [locator_sample(stage, frames, seed, index) for index in indices]
    else:
        samples = [nobody_sample(stage, seed, index) for index in indices]
    rows = [
        (i, b.centre_x, b.centre_y, b.half_size, b.roll, b.yaw, b.pitch)
        for i, sample in enumerate(samples)
        for b in sample.boxes
    ]
    temporary = path.with_suffix(f".{os.getpid()}.part")
    with temporary.open("wb") as file:
        plates, boxes = np.stack([s.plate for s in samples]), np.array(rows, np.float64).reshape(-1, 7)
        np.savez(file, plates=plates, boxes=boxes)
    temporary.replace(path)
    return path


def read_chunk(folder: Path, seed: int, chunk: int) -> list[LocatorSample]:
    """The samples of a chunk.

    Raises:
        AssetError: when they have not been drawn.
    """
    path = chunk_path(folder, seed, chunk)
    if not path.exists():
        raise AssetError(f"{path} has not been drawn; run `chiaro-train prepare-locator` with the same seed first.")
    with np.load(path, allow_pickle=False) as archive:
        plates, boxes = archive["plates"], archive["boxes"]
    heads = [tuple(HeadBox(*row[1:]) for row in boxes[boxes[:, 0] == i]) for i in range(len(plates))]
    return [LocatorSample(plate, found) for plate, found in zip(plates, heads, strict=True)]
