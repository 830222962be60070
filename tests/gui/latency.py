"""How fast the viewer follows a drag in a real Blender window: a table and a plot.

    python -m tests.gui.latency --blender BLENDER [--output FOLDER] [--sizes WxH ...] [--layouts viewer workspace]

Beyond what `python -m tests.gui` needs there is nothing to prepare: the plate is a moving crop of NASA's portrait,
in the public domain, the world a studio from a formula. latency.md and latency.png are written to the folder.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
import numpy as np
import OpenImageIO
from numpy.typing import NDArray
from tests.gui.installed_blender import InstalledBlender, add_arguments, install_in_blender

from chiaro.runtime.command.bench import astronaut
from chiaro.runtime.output.movie import write_movie

FRAMES = 30
GOAL = 0.150
"""Seconds within which the viewer should follow."""

LAYOUTS = {"viewer": (1280, 720), "workspace": (1600, 900)}
"""The window's size."""

PARTS = ("relit", "composited", "drawn")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.gui.latency", description=__doc__.splitlines()[0])
    add_arguments(parser, Path("out/latency"))
    parser.add_argument("--sizes", nargs="+", default=["1280x720", "1920x1080"], help="of the plate and the render")
    parser.add_argument(
        "--layouts", nargs="+", choices=LAYOUTS, default=list(LAYOUTS), help="the viewer alone, or beside all editors"
    )
    return parser.parse_args()


def write_plate(path: Path, width: int, height: int) -> None:
    """A shot of the portrait, filling two thirds of the height, from a camera that drifts."""
    portrait = OpenImageIO.ImageBuf(str(astronaut()))
    side = height * 4 // 3
    large = OpenImageIO.ImageBufAlgo.resize(portrait, roi=OpenImageIO.ROI(0, side, 0, side, 0, 1, 0, 3)).get_pixels(
        OpenImageIO.UINT8
    )
    mirrored = np.concatenate([large[:, ::-1], large, large[:, ::-1]], axis=1)

    def frames() -> Iterator[NDArray[np.uint8]]:
        for number in range(FRAMES):
            left, top = side + (side - width) // 2 + 2 * number, number
            yield np.ascontiguousarray(mirrored[top : top + height, left : left + width])

    write_movie(path, frames())


def write_studio(path: Path) -> None:
    """A grey room with a warm window to the left and a cool one to the right, (256, 512)."""
    radiance = np.full((256, 512, 3), 0.15, np.float32)
    radiance[70:140, 300:350] = (6.0, 5.0, 4.0)
    radiance[60:150, 130:170] = (2.0, 3.0, 4.5)
    buffer = OpenImageIO.ImageBuf(OpenImageIO.ImageSpec(512, 256, 3, "float"))
    buffer.set_pixels(buffer.roi, radiance)
    if not buffer.write(str(path), "half"):
        raise OSError(buffer.geterror())


def measure(blender: InstalledBlender, size: str, layout: str) -> dict[str, Any]:
    """Drag in a window; what `tests/gui/drags.py` found."""
    width, height = (int(side) for side in size.split("x"))
    folder = blender.output / f"{size}_{layout}"
    folder.mkdir(exist_ok=True)
    plate, studio = blender.output / f"shot_{size}.mp4", blender.output / "studio.exr"
    if not plate.exists():  # Another file, if only by its time, would have to be analysed again.
        write_plate(plate, width, height)
    write_studio(studio)
    blender.walk(Path("tests/gui/drags.py"), folder, plate, studio, layout, size=LAYOUTS[layout])
    findings: dict[str, Any] = json.loads((folder / "latency.json").read_text(encoding="utf-8"))
    return findings


def stages(drag: dict[str, Any]) -> list[float | None]:
    """Median seconds from the change to each of PARTS but the last; None where it mostly came after the screen changed.

    The compositor makes the viewer's picture first and other outputs after it.
    """
    ends: list[float | None] = []
    for index in range(len(PARTS) - 1):
        marks = [part[index] for part in drag["parts"] if part[index] > 0]
        ends.append(median(marks) if 2 * len(marks) > len(drag["parts"]) else None)
    return ends


def table(found: dict[str, dict[str, Any]]) -> str:
    """Medians in milliseconds, as Markdown."""
    blender = next(iter(found.values()))["blender"]
    lines = [
        f"Milliseconds from a change to the screen that shows it, medians; Blender {blender}, preview quality.",
        "",
        "| plate, layout | drag | **median** | fastest | slow tenth | relit | composited | processors | shown | lost |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for size, findings in found.items():
        for name, drag in findings["drags"].items():
            if not drag["seconds"]:
                lines.append(f"| {size} | {name} | not shown | | | | | | 0 | {drag['lost']} |")
                continue
            parts = [f"{1000 * end:.0f}" if end else "–" for end in (*stages(drag), median(drag["cpu"]))]
            slow = float(np.quantile(drag["seconds"], 0.9))
            fast = f"{1000 * min(drag['seconds']):.0f}"
            numbers = (f"**{1000 * median(drag['seconds']):.0f}**", fast, f"{1000 * slow:.0f}", *parts)
            count = (len(drag["seconds"]), drag["lost"])
            lines.append(f"| {size} | {name} | {' | '.join(map(str, (*numbers, *count)))} |")
    return "\n".join(lines) + "\n"


def plot(found: dict[str, dict[str, Any]], path: Path) -> None:
    """Bars of the stages, a dot per change, the goal as a line."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    rows = [(f"{name} {size}", drag) for size, f in found.items() for name, drag in f["drags"].items()]
    rows = [(label, drag) for label, drag in rows if drag["seconds"]]
    figure, axes = plt.subplots(figsize=(9, 0.55 * len(rows) + 1.2), layout="constrained")
    colours = ("#0072b2", "#56b4e9", "#e69f00")
    for row, (_, drag) in enumerate(rows):
        start = 0.0
        for stage, colour, found_end in zip(PARTS, colours, (*stages(drag), median(drag["seconds"])), strict=True):
            end = max(start, found_end or start)
            label = stage if row == 0 else None
            axes.barh(row, 1000 * (end - start), left=1000 * start, height=0.5, color=colour, label=label)
            start = end
        dots = 1000 * np.array(drag["seconds"])
        axes.plot(dots, np.full(len(dots), row + 0.36), ".", color="black", markersize=3)
    axes.axvline(1000 * GOAL, color="black", linestyle="--", linewidth=1)
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.invert_yaxis()
    axes.set_xlim(0, 4000 * GOAL)
    axes.set_xlabel("milliseconds from the change to the screen that shows it")
    axes.legend(ncols=3, loc="lower right", fontsize=8)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Install, drag at each size, write what was found."""
    options = arguments()
    blender = install_in_blender(options)
    blender = replace(blender, analysed=blender.output / "analysed")
    found = {
        f"{size}, {layout}": measure(blender, size, layout) for size in options.sizes for layout in options.layouts
    }
    text = table(found)
    (blender.output / "latency.md").write_text(text, encoding="utf-8")
    plot(found, blender.output / "latency.png")
    print(text)  # noqa: T201 - a command


if __name__ == "__main__":
    main()
