"""Eyes at the resolution of a plate, against the stage's own pictures: what mirrors in them, and what does no longer.

The benchmark's pictures are as coarse as the crop, where an eye is a dozen pixels and none is looked at so closely.
Here the same moments are drawn four times as fine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...runtime.arrays import BoolArray, Float32Array
from ...runtime.encoding import Encoding
from ...runtime.errors import HeadError
from ...runtime.output.contact_sheet import write_contact_sheet
from ...runtime.output.png import Picture, srgb_picture
from ...runtime.parts import PARTS
from ...runtime.transfer import luminance
from ..lightstage.parts import PartClass
from ..lightstage.stage import Stage
from .held_out import FIRM, HeldOutCase, RelitTruth, held_out_case
from .picture_measures import best_factor, shown
from .product import Contestant, PreparedPlate

SIZE = 1024
"""Pixels of the pictures."""
LEAST_PIXELS = 60
"""Of eyes that a picture shows."""
BRIGHTEST = 0.03
"""Share of an eye's pixels that are its highlights."""
AROUND = 24
"""Pixels around the eyes on the sheet."""
LIGHTS = ("environment", "lamp")


@dataclass(frozen=True)
class EyeNumbers:
    """What one light does to the eyes of one picture.

    Attributes:
        error: RMSE over the eyes as a display shows them, 0 to 1.
        highlights: of the brightest pixels' mean luminance, ours to the truth's.
    """

    error: float
    highlights: float


@dataclass(frozen=True)
class EyeCase:
    """A picture's eyes.

    Attributes:
        index: of the benchmark's sample.
        pictures: by light, radiance (SIZE, SIZE, 3) of the truth, ours, and ours without what this measures.
        plate: (SIZE, SIZE, 3).
        eyes: (SIZE, SIZE).
        inside: (SIZE, SIZE) firmly the person, whose brightness sets the exposure.
    """

    index: int
    pictures: dict[str, tuple[Float32Array, Float32Array, Float32Array]]
    plate: Float32Array
    eyes: BoolArray
    inside: BoolArray

    def numbers(self, light: str) -> tuple[EyeNumbers, EyeNumbers]:
        """With and without."""
        true, ours, without = self.pictures[light]
        return self._of(ours, true), self._of(without, true)

    def _of(self, ours: Float32Array, true: Float32Array) -> EyeNumbers:
        difference = (shown(ours, true, self.inside) - shown(true, true, self.inside))[self.eyes]
        highlights = _brightest(ours[self.eyes]) / max(_brightest(true[self.eyes]), 1e-6)
        return EyeNumbers(float(np.sqrt(np.mean(difference**2))), highlights)


def eye_cases(stage: Stage, contestant: Contestant, numbers: Sequence[int]) -> Iterator[EyeCase | None]:
    """Pictures of the benchmark, drawn anew; None for one that shows no eyes that the product finds.

    Args:
        stage: `benchmark_stage`.
        contestant: the networks.
        numbers: of the pictures.
    """
    fine = replace(stage, size=SIZE)
    for number in numbers:
        case = held_out_case(fine, number)
        eyes = (case.view.maps.parts == PartClass.EYES) & (case.view.maps.matte > FIRM) & case.clean.recorded
        yield _eye_case(case, contestant, eyes) if np.count_nonzero(eyes) >= LEAST_PIXELS else None


def _eye_case(case: HeldOutCase, contestant: Contestant, eyes: BoolArray) -> EyeCase | None:
    try:
        plate = contestant.prepared(case.clean.image, case.clean.camera, case.clean.box)
    except HeadError:
        return None
    if not plate.delit.eyes:
        return None
    without = PreparedPlate(plate.plate, plate.camera, _without_eyes(plate.encoding))
    truths = {"environment": case.environment, "lamp": case.lamp}
    inside = (case.view.maps.matte > FIRM) & case.clean.recorded
    pictures = {}
    for name, truth in truths.items():
        ours, before = _relit(case, plate, truth, inside), _relit(case, without, truth, inside)
        pictures[name] = (truth.radiance, ours, before)
    return EyeCase(case.index, pictures, case.own, eyes, inside)


def _relit(case: HeldOutCase, plate: PreparedPlate, truth: RelitTruth, inside: BoolArray) -> Float32Array:
    """(SIZE, SIZE, 3) at the truth's exposure."""
    image = case.clean.on_square(plate.under(truth.light, wanted=frozenset({"image"})).image[..., :3])
    factor = np.float32(best_factor(image, truth.radiance, inside))
    result: Float32Array = image * factor
    return result


def _without_eyes(encoding: Encoding) -> Encoding:
    """The same person, of whom nobody says where the eyes are."""
    assert encoding.parts is not None  # noqa: S101 - eyes have been found in it
    parts = encoding.parts.copy()
    parts[..., PARTS.index("eyes")] = 0
    return replace(encoding, parts=parts)


def _brightest(colours: Float32Array) -> float:
    """Mean luminance of the brightest of (n, 3)."""
    values = np.sort(luminance(colours))
    return float(values[-max(1, round(BRIGHTEST * len(values))) :].mean())


Row = tuple[str, ...]


def table(cases: Sequence[EyeCase]) -> tuple[Row, list[Row]]:
    """Heading and rows: medians over pictures."""
    rows: list[Row] = []
    for light in LIGHTS:
        both = [case.numbers(light) for case in cases]
        for name, place in (("mirrored in corneas", 0), ("of the maps alone", 1)):
            errors, highlights = ([getattr(one[place], what) for one in both] for what in ("error", "highlights"))
            better = np.mean([one[place].error < one[1 - place].error for one in both])
            row = (f"{np.median(errors):.4f}", f"{better:.0%}", f"{np.median(highlights):.2f}")
            rows.append((f"{light}, {name}", *row))
    return ("eyes", "error (RMSE, display)", "the better of the two", "highlights, ours to true"), rows


def write_eye_sheet(cases: Sequence[EyeCase], path: Path) -> None:
    """Each picture's eyes: the plate, and for each light the truth, ours, and without."""
    cells: list[tuple[str, Picture]] = []
    for case in cases:
        rows, columns = (_span(case.eyes.any(axis=axis)) for axis in (1, 0))
        cells.append((f"plate {case.index}", srgb_picture(case.plate[rows, columns])))
        for light in LIGHTS:
            names = (f"{light}, true", "ours", "maps alone")
            cells += [
                (name, srgb_picture(image[rows, columns]))
                for name, image in zip(names, case.pictures[light], strict=True)
            ]
    write_contact_sheet(path, cells, columns=7, cell_width=240)


def _span(there: BoolArray) -> slice:
    found = np.flatnonzero(there)
    return slice(max(int(found[0]) - AROUND, 0), int(found[-1]) + AROUND + 1)
