"""A Blender with a window and the extension installed from its zip, in a user folder of its own."""

import argparse
import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from chiaro.addon.build_extension import BLENDER_PYTHONS, PYTHON_WHEELS, build_extension


def add_arguments(parser: argparse.ArgumentParser, output: Path) -> None:
    """What every command needs that opens a window."""
    parser.add_argument("--blender", required=True, help="command that starts a Blender with a window")
    parser.add_argument("--output", type=Path, default=output, help="folder below the current one")
    parser.add_argument("--inside", help="name of the current folder where Blender runs")
    parser.add_argument(
        "--python", choices=sorted(PYTHON_WHEELS), help="Blender's Python, where it is a distribution's"
    )


@dataclass(frozen=True)
class InstalledBlender:
    """How to start it.

    Attributes:
        command: words that start Blender.
        output: folder for everything that is written, below the current one.
        inside: what the current folder is called where Blender runs.
        extension: the zip, relative to the current folder.
        analysed: a folder below the current one where the analysis is kept from run to run; None for Blender's own.
    """

    command: tuple[str, ...]
    output: Path
    inside: str
    extension: Path
    analysed: Path | None = None

    def run(self, *words: str | Path, limit: int = 300) -> None:
        """Run Blender with arguments.

        Raises:
            subprocess.SubprocessError: it failed, or took longer than the limit in seconds.
        """
        environment = dict(
            os.environ,
            BLENDER_USER_RESOURCES=f"{self.inside}/{self.output}/user",
            PYTHONPATH=self.inside,  # for the modules of tests.gui
        )
        if self.analysed:
            environment["CHIARO_CACHE"] = f"{self.inside}/{self.analysed}"
        words = ("--python-use-system-env", *words)
        subprocess.run([*self.command, *map(str, words)], env=environment, check=True, timeout=limit)

    def walk(self, script: Path, *words: str | Path, size: tuple[int, int] = (1600, 900), limit: int = 900) -> None:
        """Open a window and let a script walk in it."""
        window = ("--window-geometry", "0", "0", str(size[0]), str(size[1]), "--enable-event-simulate")
        self.run(*window, "--python", script, "--", *words, limit=limit)


def install_in_blender(options: argparse.Namespace) -> InstalledBlender:
    """Build the extension, let Blender validate it, and install it from the command line."""
    here, output = Path.cwd().resolve(), options.output
    output.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(output / "user", ignore_errors=True)
    tags = (options.python,) if options.python else BLENDER_PYTHONS
    extension = build_extension((here / output).resolve(), python_tags=tags).relative_to(here)
    blender = InstalledBlender(tuple(shlex.split(options.blender)), output, options.inside or str(here), extension)
    blender.run("--command", "extension", "validate", extension)
    blender.run("--command", "extension", "install-file", "--repo", "user_default", "--enable", extension)
    return blender
