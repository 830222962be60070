"""Relight a portrait in a headless Blender, from the plate to EXR passes, and show the results."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from ...runtime.camera import camera_from_lens
from ...runtime.command.bench import astronaut
from ...runtime.errors import ChiaroError, SettingsError
from ...runtime.orbit import looking_along_y
from ...runtime.plate.opening import open_plate
from ...runtime.relight import Relighter
from ...runtime.view.view_camera import head_centre
from ..build_extension import build_extension
from .arguments import Arguments, parse
from .render_in_blender import RenderJob
from .results import collect_results
from .shot_scene import FOCAL_LENGTH_MM

USER_ERROR = 2


def say(text: str) -> None:
    """One line about what happens now."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)  # noqa: T201 - a command speaks by printing


def copied_plate(arguments: Arguments) -> Path:
    """The plate, beside the .blend that uses it."""
    source = arguments.plate or astronaut()
    target = arguments.output / f"plate{source.suffix.lower()}"
    shutil.copyfile(source, target)
    return target


def find_head(plate: Path) -> tuple[float, float, float]:
    """Where the head is, metres, for a camera at the origin that looks along +Y."""
    with open_plate(plate, kind="still") as opened:
        frame = opened.read(opened.first_frame)
        camera = camera_from_lens(
            opened.width, opened.height, focal_length_mm=FOCAL_LENGTH_MM, world_from_camera=looking_along_y()
        )
        analysis = Relighter().analyse(frame, camera)
    for message in analysis.messages:
        say(message)
    x, y, z = head_centre(analysis.encoding.crop, camera)
    return (float(x), float(y), float(z))


def demonstrate(arguments: Arguments) -> None:
    """All steps, one after the other."""
    started = time.monotonic()
    arguments.output.mkdir(parents=True, exist_ok=True)
    say("finding the head in the plate")
    plate = copied_plate(arguments)
    head = find_head(plate)
    say("building the Blender extension")
    extension = build_extension(arguments.output.parent / "dist")
    job = RenderJob(
        extension=str(extension),
        plate=str(plate),
        hdri=str(arguments.hdri.resolve()) if arguments.hdri else None,
        head=head,
        output=str(arguments.output),
        frames=arguments.frames,
    )
    say("installing it into Blender and rendering through the compositor")
    job_file = arguments.output / "job.json"
    job_file.write_text(json.dumps(vars(job)), encoding="utf-8")
    command = [sys.executable, "-m", "chiaro.addon.demonstration.render_in_blender", str(job_file)]
    log = arguments.output / "blender.log"
    with log.open("w", encoding="utf-8") as talk:
        code = subprocess.call(command, stdout=talk)  # noqa: S603 - our own module
    if code:
        raise SettingsError(f"Blender stopped with exit code {code}; what it said is above and in {log}.")
    say("writing the passes, the movie and the contact sheet")
    for line in collect_results(job):
        say(line)
    job_file.unlink()
    say(f"done in {time.monotonic() - started:.0f} s; everything is in {arguments.output}")


def main() -> None:
    """Run; errors a user can mend are one sentence and exit code 2."""
    try:
        demonstrate(parse(sys.argv[1:]))
    except ChiaroError as error:
        print(f"chiaro: {error}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
        sys.exit(USER_ERROR)


if __name__ == "__main__":
    main()
