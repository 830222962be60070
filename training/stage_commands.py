"""`chiaro-train`: the commands of the light stage."""

# ruff: noqa: PLC0415 - each command imports only what it needs

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .assets import default_cache_folder, default_data_folder
from .configuration import RunConfiguration, read_configuration

application = typer.Typer()
console = Console()

PORTRAIT_RECIPE = Path(__file__).resolve().parent / "portrait" / "portrait.toml"

DataOption = Annotated[Path | None, typer.Option("--data", help="Folder of assets; CHIARO_DATA when not given.")]
CacheOption = Annotated[
    Path | None, typer.Option("--cache", help="Folder of prepared people; the user's cache when not given.")
]
RecipeOption = Annotated[Path | None, typer.Option("--configuration", help="TOML of the run.")]


def _recipe(path: Path | None) -> RunConfiguration:
    return read_configuration(path or PORTRAIT_RECIPE)


@application.command()
def prepare(
    variants: Annotated[int, typer.Option(help="People to prepare for training; 32 more are held out.")] = 400,
    seed: Annotated[int, typer.Option(help="Seed of the people.")] = 1,
    processes: Annotated[int, typer.Option(help="Processes at work.")] = 2,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Build random people with their light transport, once, into the cache."""
    from .lightstage.prepare import HELD_OUT_FIRST, HELD_OUT_HEADS
    from .lightstage.prepare import prepare as build

    started, total = time.monotonic(), variants + HELD_OUT_HEADS
    folder = cache or default_cache_folder()
    done = 0
    for indices in (range(variants), range(HELD_OUT_FIRST, HELD_OUT_FIRST + HELD_OUT_HEADS)):
        for _ in build(data or default_data_folder(), folder, seed, indices, processes):
            done += 1
            if done % 20 == 0 or done == total:
                console.print(f"{done} of {total} people, {time.monotonic() - started:.0f} s")
    console.print(f"Prepared people lie in {folder}")


@application.command()
def preview(  # noqa: PLR0917 - options of a command
    out: Annotated[Path, typer.Argument(help="PNG to write.")],
    count: Annotated[int, typer.Option(help="Views to draw.")] = 6,
    first: Annotated[int, typer.Option(help="Index of the first view.")] = 0,
    configuration: RecipeOption = None,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Draw a contact sheet of training samples with every truth.

    Plate, albedo, normal, depth, matte, shading, three relit, parts.
    """
    from .sheets import sample_row, write_sheet
    from .stages import training_stage

    stage = training_stage(data or default_data_folder(), cache, _recipe(configuration))
    started = time.monotonic()
    samples = [sample for view in range(first, first + count) for sample in stage.view(view)]
    console.print(f"{(time.monotonic() - started) / len(samples) * 1e3:.0f} ms per sample")
    write_sheet([sample_row(sample) for sample in samples], out)
    console.print(f"Wrote {out}")
