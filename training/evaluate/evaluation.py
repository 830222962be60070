"""One evaluation: pictures, sequences, static people, real frames; a column of numbers for each contestant."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...runtime.errors import HeadError
from ..assets import FaceModel
from ..lightstage.parts import PartClass
from ..lightstage.stage import Stage
from .flicker import measured_flicker, neighbouring_frames
from .held_out import held_out_case
from .held_out_measures import (
    PART_CLASSES,
    Measured,
    measured_contestant,
    measured_plate,
    measured_truth,
)
from .judges import Judges
from .map_measures import IntegerArray, class_unions
from .product import Contestant, Encoder
from .real_frames import RealFrame, prepared_frame
from .real_measures import RealJudgement, measured_frame
from .sequences import held_out_sequence, measured_sequence, steadiness
from .stage_face import stage_face
from .static_person import SPEEDS, StaticShots, plate_jitter, relit_jitter, static_shots
from .table import Column, single, statistics_of
from .timing import measured_times

TRUE_MAPS, UNCHANGED = "true maps", "plate unchanged"
"""Neighbours of every number: the product's road with a perfect network, and no relighting at all."""
Report = Callable[[str], None]
Values = dict[str, list[float]]


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        pictures: of the benchmark.
        sequences: of the benchmark.
        frames: of each sequence.
        static: people who do not move.
        static_frames: of each of their shots.
        clip_frames: of each real clip.
    """

    pictures: int = 60
    sequences: int = 6
    frames: int = 12
    static: int = 2
    static_frames: int = 6
    clip_frames: int = 3


@dataclass
class Collected:
    """Numbers as they come.

    Attributes:
        columns: by contestant or neighbour, then by measure.
        parts: by contestant, pixels by true and predicted class.
        pictures: by contestant, PSNR under a held-out environment by picture.
        speeds: by column, mean jitter by speed.
    """

    columns: dict[str, Values] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    parts: dict[str, IntegerArray] = field(default_factory=dict)
    pictures: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    speeds: dict[str, list[list[float]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, column: str, numbers: Mapping[str, float]) -> None:
        """Numbers of one picture."""
        for name, value in numbers.items():
            self.columns[column][name].append(value)

    def add_measured(self, column: str, index: int, measured: Measured) -> None:
        """A picture of the benchmark."""
        self.add(column, measured.numbers)
        self.pictures[column][index] = measured.numbers.get("environment, scene-linear, PSNR", float("nan"))
        if measured.parts is not None:
            self.parts[column] = self.parts.get(column, np.zeros_like(measured.parts)) + measured.parts

    def statistics(self) -> dict[str, Column]:
        """Every column's."""
        columns = {name: statistics_of(values) for name, values in self.columns.items()}
        for name, counts in self.parts.items():
            unions = class_unions(counts)
            columns[name]["parts"] = single(float(np.nanmean(unions)))
            for index in range(PART_CLASSES):
                columns[name][f"part {PartClass(index).name.lower()}"] = single(float(unions[index]))
        true_frames = columns.get(TRUE_MAPS, {}).get("warping error", single(0.0)).mean
        for column in columns.values():
            _add_ratios(column, true_frames)
        return columns


def _add_ratios(column: Column, true_frames: float) -> None:
    """What the temporal network makes of the numbers of frames alone.

    Args:
        column: of a contestant.
        true_frames: warping error of the true frames: a head that turns under a light that stands changes rightly.
    """
    for ratio, name, least in (
        ("temporal ratio", "warping error", 0.0),
        ("temporal ratio, beyond the truth", "warping error", true_frames),
        ("jitter ratio", "jitter", 0.0),
    ):
        if name in column and f"{name}, streaming" in column:
            alone, streaming = (column[f"{name}{suffix}"].mean - least for suffix in ("", ", streaming"))
            column[ratio] = single(streaming / alone if alone > 0 else float("nan"))
    if "lighting error, streaming" in column:
        change = column["lighting error, streaming"].mean / max(column["lighting error"].mean, 1e-12) - 1.0
        column["temporal, lighting change"] = single(abs(change))


def measure_pictures(  # noqa: PLR0917 - the stage, its judges and what to do with them
    stage: Stage,
    judges: Judges,
    contestants: Sequence[Contestant],
    numbers: Sequence[int],
    to: Collected,
    report: Report,
) -> None:
    """Pictures of the benchmark by their numbers."""
    for number in numbers:
        case = held_out_case(stage, number)
        face = stage_face(case, judges)
        for contestant in contestants:
            to.add_measured(contestant.name, number, measured_contestant(case, contestant, face))
        to.add_measured(TRUE_MAPS, number, measured_truth(case, face))
        to.add_measured(UNCHANGED, number, measured_plate(case))
    report(f"pictures {numbers[0]} to {numbers[-1]}")


def encoders(contestant: Contestant) -> list[tuple[str, Encoder]]:
    """A contestant's encoders with what their measures are called by."""
    found = [("", contestant.plain)]
    return [*found, (", streaming", contestant.streaming)] if contestant.streaming is not None else found


def measure_sequences(  # noqa: PLR0917 - stage, model and what to do with them
    stage: Stage, model: FaceModel, contestants: Sequence[Contestant], size: Size, to: Collected, report: Report
) -> None:
    """The sequences of the benchmark."""
    for number in range(size.sequences):
        sequence = held_out_sequence(stage, model, number, size.frames)
        for contestant in contestants:
            for suffix, encoder in encoders(contestant):
                numbers = measured_sequence(sequence, encoder)
                if numbers is not None:
                    to.add(contestant.name, {f"{name}{suffix}": value for name, value in _thousands(numbers).items()})
        to.add(TRUE_MAPS, {"warping error": 1e3 * steadiness(sequence, sequence.truths)["warping error"]})
        plates = [plate.on_square(plate.image) for plate in sequence.plates]
        to.add(UNCHANGED, _thousands(steadiness(sequence, plates)))
        report(f"{number + 1} of {size.sequences} sequences")


def _thousands(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: value * 1e3 if name.startswith("warping") else value for name, value in numbers.items()}


def measure_static(stage: Stage, contestants: Sequence[Contestant], size: Size, to: Collected, report: Report) -> None:
    """People who do not move."""
    for number in range(size.static):
        shots = static_shots(stage, number, size.static_frames)
        for contestant in contestants:
            for suffix, encoder in encoders(contestant):
                _measure_static_one(shots, encoder, contestant.name, suffix, to)
        still = [plate_jitter(shots, plates) for plates in shots.shots]
        to.speeds[UNCHANGED].append(still)
        to.add(UNCHANGED, {"jitter": float(np.mean(still)), "noise jitter": plate_jitter(shots, shots.noisy)})
        report(f"{number + 1} of {size.static} people under light sped up {SPEEDS[0]}–{SPEEDS[-1]}×")


def _measure_static_one(shots: StaticShots, encoder: Encoder, name: str, suffix: str, to: Collected) -> None:
    try:
        moving = [relit_jitter(shots, plates, encoder) for plates in shots.shots]
        noisy = relit_jitter(shots, shots.noisy, encoder)
    except HeadError:
        return
    to.speeds[f"{name}{suffix}"].append(moving)
    to.add(name, {f"jitter{suffix}": float(np.mean(moving)), f"noise jitter{suffix}": noisy})


def measure_flicker(data: Path | None, contestants: Sequence[Contestant], to: Collected, report: Report) -> None:
    """Neighbouring frames of real clips, turned; with the temporal network where there is one."""
    for name, frames in neighbouring_frames(data):
        for contestant in contestants:
            try:
                numbers = measured_flicker(frames, contestant, contestant.streaming or contestant.plain)
            except HeadError as error:
                report(f"{name}: {error}")
                continue
            to.add(contestant.name, {key: 1e3 * value for key, value in numbers.items()})
        report(f"{len(frames)} neighbouring frames of {name}")


def measure_real(
    frames: Sequence[RealFrame],
    contestants: Sequence[Contestant],
    judgement: RealJudgement,
    to: Collected,
    report: Report,
) -> None:
    """Real clip frames, and times on the first of them."""
    measured = [frame for frame in frames if frame.measured]
    for contestant in contestants:
        for number, real in enumerate(measured):
            try:
                plate = prepared_frame(real, contestant)
            except HeadError as error:
                report(f"{real.name}: {error}")
                continue
            to.add(contestant.name, measured_frame(plate, judgement))
            if number == 0:
                to.add(contestant.name, measured_times(plate, contestant))
        report(f"{len(measured)} real frames with {contestant.name}")
    to.add(UNCHANGED, {"identity, plate view": 1.0, "feature distance": 0.0})
