"""`chiaro-train`: the commands of the light stage."""

# ruff: noqa: PLC0415 - each command imports only what it needs

import os
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from .assets import default_cache_folder, default_data_folder
from .configuration import RunConfiguration, read_configuration
from .tables import print_and_save

if TYPE_CHECKING:
    from .lightstage.stage import Stage

application = typer.Typer()
console = Console()

WEIGHTS = Path(__file__).resolve().parents[1] / "runtime" / "weights"
PORTRAIT_RECIPE = Path(__file__).resolve().parent / "portrait" / "portrait.toml"
SMALL_RECIPE = Path(__file__).resolve().parent / "overview" / "overview.toml"
"""Whose people small views show where no recipe is named."""

DataOption = Annotated[Path | None, typer.Option("--data", help="Folder of assets; CHIARO_DATA when not given.")]
CacheOption = Annotated[
    Path | None, typer.Option("--cache", help="Folder of prepared people; the user's cache when not given.")
]
RecipeOption = Annotated[Path | None, typer.Option("--configuration", help="TOML of the run.")]


def resident_megabytes() -> float:
    """Memory that this process holds now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _recipe(path: Path | None) -> RunConfiguration:
    return read_configuration(path or PORTRAIT_RECIPE)


@application.command()
def prepare(  # noqa: PLR0917 - options of a command
    variants: Annotated[int, typer.Option(help="People with ICT-FaceKit heads for training.")] = 400,
    avatars: Annotated[int, typer.Option(help="Textured people for training.")] = 400,
    seed: Annotated[int, typer.Option(help="Seed of the people.")] = 1,
    held_out: Annotated[
        bool, typer.Option("--held-out/--no-held-out", help="Those of the evaluation too, which takes seed 1.")
    ] = True,
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
    jobs = everyone(variants, avatars, held_out=held_out)
    for done, _ in enumerate(build(data, folder, seed, jobs, processes), start=1):
        if done % 20 == 0 or done == len(jobs):
            console.print(f"{done} of {len(jobs)} people, {time.monotonic() - started:.0f} s")
    console.print(f"Prepared people lie in {folder}")


POINTS = -1
"""In the place of a number of frames: the points of a view."""


@application.command()
def prepare_views(  # noqa: PLR0917 - options of a command
    views: Annotated[int, typer.Option(help="Views to draw.")] = 2000,
    sequences: Annotated[int, typer.Option(help="Sequences to draw.")] = 0,
    frames: Annotated[int, typer.Option(help="Frames of a sequence.")] = 8,
    points: Annotated[bool, typer.Option("--points", help="Points and environments around their people too.")] = False,
    processes: Annotated[int, typer.Option(help="Processes at work.")] = 2,
    configuration: RecipeOption = None,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Draw views and sequences with their light taken apart, from which training makes pictures much faster."""
    from .lightstage.prepare import in_processes

    shared = (data or default_data_folder(), cache, _recipe(configuration))
    chosen = [("views", views, 0), ("sequences", sequences, frames), ("sets of points", views if points else 0, POINTS)]
    for name, count, length in chosen:
        started = time.monotonic()
        tasks = [(*shared, index, length) for index in range(count)]
        for done, _ in enumerate(in_processes(draw_of_recipe, tasks, processes), start=1):
            if done % 50 == 0 or done == count:
                console.print(f"{done} of {count} {name}, {time.monotonic() - started:.0f} s")


@application.command()
def prepare_small_views(  # noqa: PLR0917 - options of a command
    views: Annotated[int, typer.Option(help="Views to draw.")] = 6200,
    half: Annotated[
        bool, typer.Option("--half", help="Keep the views of a half too that those of a quarter are made of.")
    ] = False,
    processes: Annotated[int, typer.Option(help="Processes at work.")] = 2,
    configuration: RecipeOption = None,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Draw views a quarter as wide, for the overview, and half as wide, for the close-up; people are the recipe's."""
    from .lightstage.prepare import in_processes

    started = time.monotonic()
    shared = (data or default_data_folder(), cache, read_configuration(configuration or SMALL_RECIPE), half)
    tasks = [(*shared, index) for index in range(views)]
    for done, _ in enumerate(in_processes(draw_small_of_recipe, tasks, processes), start=1):
        if done % 100 == 0 or done == views:
            console.print(f"{done} of {views} small views, {time.monotonic() - started:.0f} s")


def draw_small_of_recipe(task: tuple[Path | None, Path | None, RunConfiguration, bool, int]) -> None:
    """Draw one small view in a worker process, which keeps its stage."""
    from .lightstage.small_views import draw_small_view

    data, cache, configuration, half, index = task
    draw_small_view(_stage_of_recipe(data, cache, configuration), index, half=half)


@application.command()
def prepare_real_plates(
    labels: Annotated[Path, typer.Option(help="Head boxes of the clips, from training/locator/label_frames.py.")],
    configuration: RecipeOption = None,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Cut heads out of the real clips that the portrait model may learn from, with pseudo-labels of their mattes."""
    from .real_plates import prepare_real_plates as prepared

    folder = cache or default_cache_folder()
    count = prepared(data or default_data_folder(), labels, folder, _recipe(configuration).seed)
    console.print(f"{count} crops of real plates lie in {folder}")


@lru_cache(maxsize=1)
def _stage_of_recipe(data: Path | None, cache: Path | None, configuration: RunConfiguration) -> "Stage":
    from .stages import training_stage

    return training_stage(data, cache, configuration)


def draw_of_recipe(task: tuple[Path | None, Path | None, RunConfiguration, int, int]) -> None:
    """Draw one stored view, its points, or a sequence of some frames, in a worker process, which keeps its stage."""
    from .assets import load_face_model
    from .lightstage.stored_points import draw_stored_points
    from .lightstage.view_store import draw_stored_environments, draw_stored_sequence, draw_stored_view

    data, cache, configuration, index, frames = task
    stage = _stage_of_recipe(data, cache, configuration)
    if frames == POINTS:
        draw_stored_points(stage, index)
        draw_stored_environments(stage, index)
    elif frames:
        draw_stored_sequence(stage, load_face_model(data), index, frames)
    else:
        draw_stored_view(stage, index)


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


@application.command()
def sheets(  # noqa: PLR0917 - options of a command
    out: Annotated[Path, typer.Argument(help="Folder for the PNGs: plate, albedo, normal and so on.")],
    count: Annotated[int, typer.Option(help="Samples.")] = 200,
    first: Annotated[int, typer.Option(help="Index of the first view.")] = 0,
    thumbnail: Annotated[int, typer.Option(help="Pixels of a tile.")] = 128,
    held_out: Annotated[bool, typer.Option("--held-out", help="People and light of the evaluation.")] = False,
    configuration: RecipeOption = None,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Draw contact sheets of many samples, one for the pictures and one for each truth."""
    from .contact_sheets import write_contact_sheets
    from .stages import held_out_stage, training_stage

    make = held_out_stage if held_out else training_stage
    stage = replace(make(data or default_data_folder(), cache, _recipe(configuration)), relights=1)
    for path in write_contact_sheets(stage, range(first, first + count), out, thumbnail):
        console.print(f"Wrote {path}")


@application.command()
def statistics(  # noqa: PLR0917 - options of a command
    out: Annotated[Path, typer.Argument(help="Folder for the table and the plot.")],
    count: Annotated[int, typer.Option(help="Samples of the stage.")] = 1000,
    judged: Annotated[int, typer.Option(help="How many of them the portrait network is asked about too.")] = 250,
    frames: Annotated[int, typer.Option(help="Frames of each real clip.")] = 12,
    configuration: RecipeOption = None,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Compare the stage's pictures with real ones: skin tone, pose, key to fill, hair, face size, exposure."""
    from ..runtime.network import load_network
    from .portrait_model import PortraitModel
    from .stage_statistics import measured_by, measured_real, measured_truth, plot, summary
    from .stages import training_stage

    data = data or default_data_folder()
    stage = replace(training_stage(data, cache, _recipe(configuration)), relights=1)
    model, groups = PortraitModel(WEIGHTS / "portrait.onnx", threads=1), {}
    samples = (stage.view(index)[0] for index in range(count))
    truth, guessed = [], []
    for index, sample in enumerate(samples):
        truth.append(measured_truth(sample))
        if index < judged:
            guessed.append(measured_by(model, sample))
    groups = {"stage, truth": truth, "stage, as the network sees it": guessed}
    real = measured_real(data, load_network("locator", folder=WEIGHTS), model, frames)
    groups["real, as the network sees it"] = [numbers for _, numbers in real]
    out.mkdir(parents=True, exist_ok=True)
    plot(groups, out / "statistics.png")
    columns, rows = ("5th … 50th … 95th percentile", *groups), summary(groups)
    print_and_save("The stage beside real pictures", columns, rows, out / "statistics.md")


@application.command()
def benchmark(  # noqa: PLR0917 - options of a command
    samples: Annotated[int, typer.Option(help="Pictures; the frozen hash is of all 400.")] = 400,
    sequences: Annotated[int, typer.Option(help="Sequences; the frozen hash is of all 20.")] = 20,
    processes: Annotated[int, typer.Option(help="Processes at work.")] = 2,
    freeze: Annotated[bool, typer.Option("--freeze", help="Write the hash instead of checking it.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder to keep the benchmark in; below the cache.")] = None,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Draw the frozen benchmark of held-out people and light, and check that it is bit for bit the frozen one."""
    from .benchmark import FROZEN_SAMPLES, FROZEN_SEQUENCES, Plan, check, draw, freeze_hash

    folder = out or (cache or default_cache_folder()) / "benchmark"
    plan = Plan(data or default_data_folder(), cache, folder, samples, sequences)
    found = draw(plan, processes, console.print)
    console.print(f"samples {found.samples}\nsequences {found.sequences}\nin {folder}", soft_wrap=True)
    if (samples, sequences) != (FROZEN_SAMPLES, FROZEN_SEQUENCES):
        console.print("A part of the benchmark: not compared with the frozen hash.")
    elif freeze:
        console.print(f"Wrote {freeze_hash(found)}")
    else:
        check(found)
        console.print("This is the frozen benchmark.")


@application.command()
def measure_stage(  # noqa: PLR0917 - options of a command
    views: Annotated[int, typer.Option(help="Views to draw.")] = 60,
    size: Annotated[int, typer.Option(help="Pixels along each side.")] = 256,
    stored: Annotated[int, typer.Option(help="Draw from so many stored views instead of the stage.")] = 0,
    configuration: RecipeOption = None,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Measure how fast pictures are drawn, in seconds of one core, and whether memory stays flat."""
    from .lightstage.view_store import StoredViews, ViewSource
    from .stages import training_stage

    stage = replace(training_stage(data or default_data_folder(), cache, _recipe(configuration)), size=size)
    source: ViewSource = StoredViews(stage, stored) if stored else stage
    source.view(0)
    started = time.process_time()
    for view in range(1, views + 1):
        source.view(view)
        if view % max(1, views // 10) == 0:
            pictures = view * stage.relights
            each = (time.process_time() - started) / pictures * 1e3
            console.print(f"{pictures} pictures, {each:.1f} ms of a core each, {resident_megabytes():.0f} MB resident")
