"""The frozen benchmark: samples and sequences of people and light that are never trained on, always the same bits."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..runtime.errors import ChiaroError
from .assets import FaceModel, load_face_model
from .cards import write_text
from .configuration import RunConfiguration
from .lightstage.avatars.shape import save_arrays
from .lightstage.prepare import in_processes
from .lightstage.sample import Sample
from .lightstage.sequence import draw_sequence
from .lightstage.stage import Stage
from .stages import held_out_stage

FROZEN_SAMPLES, FROZEN_SEQUENCES, FRAMES = 400, 20, 12
FIRST_SAMPLE, FIRST_SEQUENCE = 10_000_000, 20_000_000
"""Indices far from those of training."""
SEED = 1
HASH_FILE = Path(__file__).resolve().parent / "benchmark.sha256"


class BenchmarkError(ChiaroError):
    """The benchmark that was drawn is not the frozen one."""


@dataclass(frozen=True)
class Plan:
    """What to draw and where to.

    Attributes:
        data: the asset folder.
        cache: of prepared people; the user's when None.
        folder: that the benchmark is written into.
        samples: how many pictures.
        sequences: how many sequences.
    """

    data: Path | None
    cache: Path | None
    folder: Path
    samples: int
    sequences: int


@dataclass(frozen=True)
class Digest:
    """SHA-256 of all samples and of all sequences."""

    samples: str
    sequences: str


def sample_path(folder: Path, index: int) -> Path:
    """Where sample `index` of the benchmark lies."""
    return folder / f"sample_{index:03d}.npz"


def frame_path(folder: Path, sequence: int, frame: int) -> Path:
    """Where a frame of a sequence of the benchmark lies."""
    return folder / f"sequence_{sequence:02d}_{frame:02d}.npz"


def load_sample(path: Path) -> Sample:
    """Read a sample of the benchmark.

    Raises:
        BenchmarkError: when it has not been drawn.
    """
    if not path.exists():
        raise BenchmarkError(f"{path} was not found; draw the benchmark with `chiaro-train benchmark` first.")
    with np.load(path, allow_pickle=False) as archive:
        return Sample(**{field.name: archive[field.name] for field in fields(Sample) if field.name in archive.files})


def _arrays(sample: Sample) -> dict[str, np.ndarray]:  # type: ignore[type-arg]  # several types
    """What a sample holds, by name."""
    values = {field.name: getattr(sample, field.name) for field in fields(Sample)}
    return {name: value for name, value in values.items() if value is not None}


def sample_digest(sample: Sample) -> str:
    """SHA-256 of a sample: names, types, shapes and bytes of its arrays."""
    found = hashlib.sha256()
    for name, values in _arrays(sample).items():
        array = np.ascontiguousarray(values)
        found.update(f"{name} {array.dtype.str} {array.shape}".encode())
        found.update(array.tobytes())
    return found.hexdigest()


def _keep(sample: Sample, path: Path) -> str:
    save_arrays(path, _arrays(sample))
    return sample_digest(sample)


@lru_cache(maxsize=1)
def _stage(data: Path | None, cache: Path | None) -> tuple[Stage, FaceModel]:
    return replace(held_out_stage(data, cache, RunConfiguration(seed=SEED)), relights=1), load_face_model(data)


def _draw_sample(task: tuple[Plan, int]) -> str:
    plan, index = task
    stage, _ = _stage(plan.data, plan.cache)
    return _keep(stage.view(FIRST_SAMPLE + index)[0], sample_path(plan.folder, index))


def _draw_sequence(task: tuple[Plan, int]) -> str:
    plan, index = task
    stage, model = _stage(plan.data, plan.cache)
    take = draw_sequence(stage, model, FIRST_SEQUENCE + index, frames=FRAMES).takes[0]
    digests = [_keep(sample, frame_path(plan.folder, index, frame)) for frame, sample in enumerate(take.samples)]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def draw(plan: Plan, processes: int, report: Callable[[str], None]) -> Digest:
    """Draw the benchmark; people of the evaluation must have been prepared with seed 1.

    Args:
        plan: what and where to.
        processes: at work.
        report: receives lines of progress.
    """
    plan.folder.mkdir(parents=True, exist_ok=True)
    combined = []
    for name, work, count in (("samples", _draw_sample, plan.samples), ("sequences", _draw_sequence, plan.sequences)):
        digests = []
        for digest in in_processes(work, [(plan, index) for index in range(count)], processes):
            digests.append(digest)
            if len(digests) % 50 == 0 or len(digests) == count:
                report(f"{len(digests)} of {count} {name}")
        combined.append(hashlib.sha256("".join(digests).encode()).hexdigest())
    return Digest(*combined)


def freeze_hash(digest: Digest) -> Path:
    """Write the hash that `check` compares with."""
    write_text(f"{digest.samples}  samples\n{digest.sequences}  sequences\n", HASH_FILE)
    return HASH_FILE


def frozen_hash() -> Digest:
    """The frozen hash.

    Raises:
        BenchmarkError: when none has been written.
    """
    if not HASH_FILE.exists():
        raise BenchmarkError(f"{HASH_FILE} was not found; freeze the benchmark with `chiaro-train benchmark --freeze`.")
    found = {name: digest for digest, name in (line.split() for line in HASH_FILE.read_text().splitlines())}
    return Digest(found["samples"], found["sequences"])


def check(digest: Digest) -> None:
    """Compare with the frozen hash.

    Raises:
        BenchmarkError: when it differs.
    """
    frozen = frozen_hash()
    if digest != frozen:
        raise BenchmarkError(
            f"The benchmark drawn here has the hashes {digest.samples[:12]} and {digest.sequences[:12]}, the frozen "
            f"one {frozen.samples[:12]} and {frozen.sequences[:12]}; delete people that another version prepared and "
            "run `chiaro-train prepare` again, or freeze the benchmark anew where the stage was changed on purpose."
        )
