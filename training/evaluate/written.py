"""The files that an evaluation leaves: table, plots, sheets."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ...runtime.errors import HeadError
from ..benchmark import FROZEN_SAMPLES, FROZEN_SEQUENCES
from ..cards import write_text
from ..lightstage.stage import Stage
from ..tables import markdown
from .evaluation import TRUE_MAPS, UNCHANGED, Collected, Size
from .plots import plot_pictures, plot_speeds
from .product import Contestant
from .real_frames import MEASURED_CLIPS, RealFrame, prepared_frame
from .real_sheets import SheetLights, write_real_sheet
from .table import measures_beside, table_rows, write_csv
from .truth_sheets import chosen_pictures, write_truth_sheet

Report = Callable[[str], None]
NOTES = """
Pictures are those of the frozen benchmark: held-out people under held-out light. Normals, depth, light, mattes and
parts are measured on plates as the benchmark's cameras recorded them; relit and turned pictures on these and on
scene-linear plates of the same moments. Truth of relit pictures is the light stage's own rendering under the new
light, soft skin, cast shadows and highlights included, before any lens; the new light is as bright on the person as
the plate's. PSNR (peak 1) and SSIM are of sRGB-encoded pictures at the exposure at which the brightest hundredth of
the true person is white, inside the matte (over 0.9) and what the camera recorded. Head depth is the extent of the
depth of all that is not clothing, from its 1st to its 99th percentile. A light whose first order is under 15 % of a
single lamp's has no dominant direction and is left out of that row. Turned pictures keep the plate's own light, and
holes count as black. "{true}" is the product's road with a perfect network: what no network can pass on it.
"{unchanged}" is no relighting. Warping errors are mean squared, along the known motion, of frames under one new light
that stands still in the world; the true frames have such an error too, where a head turns under it. Identity and
feature distance are of frames of real clips that no network learnt from: {clips}. Identity compares the plate with
itself under two held-out HDRIs; the reconstruction is albedo × own shading + own reflection of the network's maps
alone, inside MediaPipe's mask as far as the camera recorded. Faces of the stage's people, turned less than 45°, are
compared in the same way; the judge is not blind to light, and what it says of the stage's own picture under the same
HDRI stands in the column of the true maps. Clips from frame to frame are six neighbours from the middle of each, in
their own light, before a camera that stands; painted is what has a confidence under 0.1, seen what has one over 0.9.
{load}
"""


def load_note() -> str:
    """What to think of the times on the clock."""
    if not hasattr(os, "getloadavg"):
        return "Times are of this machine."
    busy, cores = os.getloadavg()[0], os.cpu_count() or 1
    if busy > 0.6 * cores:
        return (
            f"The machine was busy (load {busy:.1f} on {cores} cores): times on the clock mean little, and processor "
            "time says more."
        )
    return f"Load {busy:.1f} on {cores} cores."


def write_table(
    collected: Collected, order: Sequence[str], judged: int, size: Size, out: Path
) -> list[tuple[str, ...]]:
    """Write evaluation.md, evaluation.csv and the plots of what was measured so far.

    Args:
        collected: all numbers.
        order: of the columns.
        judged: how many of them, from the first on, are held against the bars.
        size: of the evaluation.
        out: folder.

    Returns:
        The table's lines, the names of the columns first.
    """
    statistics = collected.statistics()
    columns = {name: statistics[name] for name in order if name in statistics}
    first = list(columns.values())[1] if judged > 1 else None
    measures = measures_beside(first)
    clips = ", ".join(Path(name).stem for name in MEASURED_CLIPS)
    notes = NOTES.format(true=TRUE_MAPS, unchanged=UNCHANGED, clips=clips, load=load_note())
    heading, rows = ("measure", "bar", *columns), table_rows(measures, columns, judged)
    write_text(f"{_title(collected, size)}:\n\n{markdown(heading, rows)}{notes}", out / "evaluation.md")
    write_csv(measures, columns, judged, out / "evaluation.csv")
    plot_speeds(collected.speeds, out / "jitter.png")
    plot_pictures(collected.pictures, out / "pictures.png")
    return [heading, *rows]


def _title(collected: Collected, size: Size) -> str:
    done = max((len(scores) for scores in collected.pictures.values()), default=0)
    whole = done == FROZEN_SAMPLES and size.sequences == FROZEN_SEQUENCES
    return (
        f"{done} of {size.pictures} pictures, {size.sequences} sequences of {size.frames} frames, {size.static} static "
        f"people, {size.clip_frames} frames of each clip" + (" (the whole frozen benchmark)" if whole else "")
    )


def write_truth_sheets(stage: Stage, contestant: Contestant, collected: Collected, out: Path, report: Report) -> None:
    """The worst pictures of the benchmark and as many random ones."""
    worst, others = chosen_pictures(collected.pictures[contestant.name], stage.seed)
    for name, numbers in (("worst", worst), ("random", others)):
        write_truth_sheet(stage, contestant, numbers, out / f"{name}.png")
    report(f"{contestant.name}: worst {worst}, random {others}")


def write_real_sheets(
    frames: Sequence[RealFrame], contestant: Contestant, lights: SheetLights, out: Path, report: Report
) -> None:
    """A sheet for each portrait and for one frame of each clip."""
    done = set()
    for real in frames:
        name = real.name.split(" ")[0]
        if name in done:
            continue
        try:
            plate = prepared_frame(real, contestant)
        except HeadError as error:
            report(f"{real.name}: {error}")
            continue
        done.add(name)
        write_real_sheet(plate, lights, out / f"{name}.png")
    report(f"{contestant.name}: {len(done)} sheets of real pictures")
