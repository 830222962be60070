"""`chiaro analyse`: run the networks over a plate once, so that relighting it is quick."""

from pathlib import Path
from typing import Annotated

import typer

from ..plate.colour import ColourSpace
from .failures import Failures
from .plate_options import (
    BOX_HELP,
    COLOUR_SPACE_HELP,
    FOCAL_LENGTH_HELP,
    FRAMES_HELP,
    PERSON_HELP,
    PLATE_HELP,
    PROVIDER_HELP,
    SENSOR_WIDTH_HELP,
    open_for_work,
    relighter,
)
from .shared import CACHE_HELP, progress_bar, say


def analyse(
    plate: Annotated[str, typer.Argument(help=PLATE_HELP)],
    *,
    frames: Annotated[str, typer.Option(help=FRAMES_HELP)] = "all",
    colour_space: Annotated[ColourSpace, typer.Option(help=COLOUR_SPACE_HELP)] = "auto",
    focal_length: Annotated[float, typer.Option(help=FOCAL_LENGTH_HELP)] = 50.0,
    sensor_width: Annotated[float, typer.Option(help=SENSOR_WIDTH_HELP)] = 36.0,
    person: Annotated[int, typer.Option(help=PERSON_HELP)] = 0,
    box: Annotated[str | None, typer.Option(help=BOX_HELP)] = None,
    cache: Annotated[Path | None, typer.Option(help=CACHE_HELP)] = None,
    provider: Annotated[list[str] | None, typer.Option(help=PROVIDER_HELP)] = None,
) -> None:
    """Find the head in every frame and encode it into the cache. Stop it at any time; it goes on where it stopped."""
    opened = open_for_work(
        plate,
        frames=frames,
        colour_space=colour_space,
        focal_length=focal_length,
        sensor_width=sensor_width,
        box=box,
    )
    engine = relighter(cache, False, provider)
    failures = Failures(len(opened.frames))
    with opened.plate, progress_bar() as progress:
        task = progress.add_task("analysing", total=len(opened.frames))
        for number in opened.frames:
            with failures.noted(number):
                frame = opened.plate.read(number)
                engine.analyse(frame, opened.camera, person=person, box=opened.box, plate=opened.plate, steady=False)
            progress.advance(task)
    say(f"{len(opened.frames) - len(failures)} of {len(opened.frames)} frames are ready.")
    failures.raise_if_any("analysed")
