"""The first minutes with Chiaro in a real Blender window, by mouse and keyboard, with screenshots.

    python -m tests.gui --blender BLENDER [--output FOLDER] [STEP ...]

It needs a display (DISPLAY; a virtual one will do), ImageMagick's `import`, and a Blender with a window. It builds the
extension, lets Blender validate it, installs it from the command line into a user folder of its own, and walks. The
walk's outcomes and timings are in walk.json beside the pictures. BLENDER may be a command of several words; where it
runs in a container, --inside says what the current folder is called there.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.gui.installed_blender import InstalledBlender, add_arguments, install_in_blender

from chiaro.runtime.command.bench import astronaut
from chiaro.runtime.output.png import write_png
from chiaro.runtime.plate.opening import open_plate

SEQUENCE_FRAMES = 8
STEP_PIXELS = 3
NEXT_CODE_VALUE = 0.01
"""Scene-linear, between values of a dark 8-bit picture that dithering may take for one another."""
LEAST_RELIT = 0.03
"""Share of the picture that a relit person changes at least; in the light of the plate it is not by much."""


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.gui", description=__doc__.splitlines()[0])
    add_arguments(parser, Path("out/gui"))
    parser.add_argument("steps", nargs="*", help="walk only these steps")
    return parser.parse_args()


def write_plates(folder: Path) -> tuple[Path, Path]:
    """A portrait, and a short shot of it with a moving camera; NASA's, public domain."""
    still = folder / "portrait.png"
    shutil.copyfile(astronaut(), still)
    with open_plate(still, kind="still") as plate:
        picture = plate.read(1).image
    height, width = picture.shape[0] - STEP_PIXELS * SEQUENCE_FRAMES, picture.shape[1] - STEP_PIXELS * SEQUENCE_FRAMES
    (folder / "shot").mkdir(exist_ok=True)
    for number in range(1, SEQUENCE_FRAMES + 1):
        left = STEP_PIXELS * number
        write_png(folder / "shot" / f"shot.{number:04d}.png", np.clip(picture[:height, left : left + width], 0, 1))
    return still, folder / "shot" / "shot.0001.png"


def render_on_farm(blender: InstalledBlender) -> str:
    """`blender -b farm.blend -a`, as a farm calls it; what went wrong, or nothing."""
    shutil.rmtree(blender.output / "farm", ignore_errors=True)
    blender.run("--background", blender.output / "farm.blend", "--render-anim", limit=600)
    frames = sorted((blender.output / "farm").glob("*.png"))
    if len(frames) != SEQUENCE_FRAMES:
        return f"{len(frames)} of {SEQUENCE_FRAMES} frames were written"
    for path in frames:
        relit, plate = (read_still(file) for file in (path, blender.output / "shot" / f"shot.{path.name}"))
        if abs(relit[:8, :8] - plate[:8, :8]).max() > NEXT_CODE_VALUE:
            return f"{path.name} does not show the plate's background"
        if (abs(relit - plate).max(axis=-1) > 2 * NEXT_CODE_VALUE).mean() < LEAST_RELIT:
            return f"{path.name} shows nobody relit"
    return ""


def read_still(path: Path) -> NDArray[np.float32]:
    """(H, W, 3) scene-linear."""
    with open_plate(path, kind="still") as plate:
        image: NDArray[np.float32] = plate.read(1).image
    return image


def main() -> None:
    """Build, validate, install, walk; exits with 1 where a step failed."""
    options = arguments()
    blender = install_in_blender(options)
    still, sequence = write_plates(blender.output)
    paths = (blender.output, still, sequence, blender.extension)
    blender.walk(Path("tests/gui/walk.py"), *paths, " ".join(options.steps))
    findings = json.loads((blender.output / "walk.json").read_text(encoding="utf-8"))
    if "save_for_farm" in findings["steps"]:
        findings["steps"]["farm"] = render_on_farm(blender)
    failed = {step: outcome for step, outcome in findings["steps"].items() if outcome}
    print(json.dumps({"timings": findings["timings"], "failed": failed}, indent=1))  # noqa: T201 - a command
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
