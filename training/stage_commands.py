"""`chiaro-train`: the commands of the light stage."""

# ruff: noqa: PLC0415 - each command imports only what it needs

import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from .assets import default_cache_folder, default_data_folder
from .configuration import RunConfiguration, read_configuration

if TYPE_CHECKING:
    from .lightstage.stage import Stage

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
def prepare(  # noqa: PLR0917 - options of a command
    variants: Annotated[int, typer.Option(help="People with ICT-FaceKit heads for training.")] = 400,
    avatars: Annotated[int, typer.Option(help="Textured people for training.")] = 400,
    seed: Annotated[int, typer.Option(help="Seed of the people.")] = 1,
    processes: Annotated[int, typer.Option(help="Processes at work.")] = 2,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Build random people with their light transport, once, into the cache; those of the evaluation too."""
    from .lightstage.avatars.prepare_avatars import prepare_avatars
    from .lightstage.prepare import everyone
    from .lightstage.prepare import prepare as build

    data, folder, started = data or default_data_folder(), cache or default_cache_folder(), time.monotonic()
    if avatars:
        for name in prepare_avatars(data, folder):
            console.print(f"avatar {name}")
    jobs = everyone(variants, avatars)
    for done, _ in enumerate(build(data, folder, seed, jobs, processes), start=1):
        if done % 20 == 0 or done == len(jobs):
            console.print(f"{done} of {len(jobs)} people, {time.monotonic() - started:.0f} s")
    console.print(f"Prepared people lie in {folder}")


@application.command()
def prepare_views(
    views: Annotated[int, typer.Option(help="Views to draw.")] = 2000,
    processes: Annotated[int, typer.Option(help="Processes at work.")] = 2,
    configuration: RecipeOption = None,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Draw views with their light taken apart, from which training makes pictures several times as fast."""
    from .lightstage.prepare import in_processes

    started = time.monotonic()
    shared = (data or default_data_folder(), cache, _recipe(configuration))
    tasks = [(*shared, index) for index in range(views)]
    for done, _ in enumerate(in_processes(draw_view_of_recipe, tasks, processes), start=1):
        if done % 50 == 0 or done == views:
            console.print(f"{done} of {views} views, {time.monotonic() - started:.0f} s")


@lru_cache(maxsize=1)
def _stage_of_recipe(data: Path | None, cache: Path | None, configuration: RunConfiguration) -> "Stage":
    from .stages import training_stage

    return training_stage(data, cache, configuration)


def draw_view_of_recipe(task: tuple[Path | None, Path | None, RunConfiguration, int]) -> None:
    """Draw one stored view in a worker process, which keeps its stage."""
    from .lightstage.view_store import draw_stored_view

    draw_stored_view(_stage_of_recipe(*task[:3]), task[3])


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
