"""What `./install run` takes."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from ...runtime.errors import SettingsError


@dataclass(frozen=True)
class Arguments:
    """The demonstration's settings.

    Attributes:
        plate: a still; None takes scikit-image's portrait of an astronaut (NASA, public domain).
        hdri: an environment map; None takes one that Blender carries.
        output: folder for the results.
        frames: how many frames.
    """

    plate: Path | None
    hdri: Path | None
    output: Path
    frames: int


def parse(words: list[str]) -> Arguments:
    """Read the command line.

    Raises:
        SettingsError: a file is missing, or there are too few frames.
    """
    parser = argparse.ArgumentParser(prog="./install run", description="Relight a portrait in Blender, end to end.")
    parser.add_argument("plate", nargs="?", type=Path, help="a photograph of a person; a NASA portrait by default")
    parser.add_argument("--hdri", type=Path, help="environment map (.hdr, .exr); one of Blender's by default")
    parser.add_argument("--output", type=Path, default=Path("out"), help="folder for the results")
    parser.add_argument("--frames", type=int, default=24, help="how many frames")
    options = parser.parse_args(words)
    for path in filter(None, (options.plate, options.hdri)):
        if not path.is_file():
            raise SettingsError(f"There is no file {path}: check its name.")
    if options.frames < 2:
        raise SettingsError(f"The animation has {options.frames} frames; two or more are expected.")
    return Arguments(options.plate, options.hdri, options.output.resolve(), options.frames)


def words(arguments: Arguments) -> list[str]:
    """The command line that gives these arguments again."""
    plate = [str(arguments.plate)] if arguments.plate else []
    hdri = ["--hdri", str(arguments.hdri)] if arguments.hdri else []
    return [*plate, *hdri, "--output", str(arguments.output), "--frames", str(arguments.frames)]
