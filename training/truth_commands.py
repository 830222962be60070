"""`chiaro-train`: truth in space, and the stage's pictures beside path-traced ones."""

# ruff: noqa: PLC0415 - each command imports only what it needs

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from .assets import default_cache_folder, default_data_folder
from .stage_commands import PORTRAIT_RECIPE, CacheOption, DataOption, RecipeOption

if TYPE_CHECKING:
    from .lightstage.agreement.measure import Agreement

application = typer.Typer()
console = Console()

BARS = "Bars: PSNR over 30 dB, normals under 1°, depth under 1 mm, IoU over 0.99."


@application.command()
def prepare_volumes(
    processes: Annotated[int, typer.Option(help="Processes at work.")] = 2,
    cache: CacheOption = None,
) -> None:
    """Prepare signed distances and points around all prepared people of the cache."""
    from .lightstage.prepare import in_processes
    from .lightstage.volume.prepare_volumes import prepare_volume, waiting_people

    started, folder = time.monotonic(), cache or default_cache_folder()
    waiting = waiting_people(folder)
    for done, _ in enumerate(in_processes(prepare_volume, waiting, processes), start=1):
        if done % 20 == 0 or done == len(waiting):
            console.print(f"{done} of {len(waiting)} volumes, {time.monotonic() - started:.0f} s")
    console.print(f"Prepared volumes lie in {folder}")


@application.command()
def volume_sheet(
    out: Annotated[Path, typer.Argument(help="PNG to write.")],
    count: Annotated[int, typer.Option(help="People, taken evenly from the cache.")] = 6,
    cache: CacheOption = None,
) -> None:
    """Draw people from novel views: the mesh, and below it the zero level of its signed distance, sphere-traced."""
    from .lightstage.volume.volume_rows import volume_rows
    from .sheets import write_sheet

    write_sheet(list(volume_rows(cache or default_cache_folder(), count)), out)
    console.print(f"Wrote {out}")


@application.command()
def agreement(  # noqa: PLR0917 - options of a command
    out: Annotated[Path, typer.Option(help="Folder for the table, the sheet and the exported scenes.")],
    samples: Annotated[int, typer.Option(help="Scenes to compare.")] = 20,
    first: Annotated[int, typer.Option(help="Index of the first scene.")] = 0,
    cycles_samples: Annotated[int, typer.Option(help="Samples per pixel of the path tracer.")] = 128,
    heads: Annotated[
        int | None, typer.Option(help="People with ICT-FaceKit heads; as the recipe says if not given.")
    ] = None,
    avatars: Annotated[int | None, typer.Option(help="Textured people; as the recipe says if not given.")] = None,
    configuration: RecipeOption = None,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Path-trace random scenes of the stage with Cycles and compare radiance, normals, depth and mattes."""
    from .configuration import read_configuration
    from .lightstage.agreement.comparison import compared_scenes
    from .lightstage.agreement.measure import mean_agreement
    from .sheets import write_sheet
    from .stages import training_stage
    from .tables import print_and_save

    settings = read_configuration(configuration or PORTRAIT_RECIPE)
    settings = replace(
        settings,
        variants=settings.variants if heads is None else heads,
        avatars=settings.avatars if avatars is None else avatars,
    )
    stage = training_stage(data or default_data_folder(), cache, settings)
    out.mkdir(parents=True, exist_ok=True)
    compared, rows = [], []
    for scene in compared_scenes(stage, range(first, first + samples), out, cycles_samples):
        compared.append(scene)
        rows.append((scene.name, *_numbers(scene.agreement)))
        console.print(*rows[-1])
        write_sheet([entry.row for entry in compared], out / "agreement.png")
    rows.append(("mean", *_numbers(mean_agreement([entry.agreement for entry in compared]))))
    title = f"The stage beside Cycles, {samples} scenes, {cycles_samples} samples per pixel. {BARS}"
    print_and_save(title, ("scene", *LABELS.values()), rows, out / "agreement.md")
    console.print(f"Table, sheet and scenes lie in {out}")


LABELS = {
    "psnr": "PSNR",
    "converged_psnr": "without noise",
    "unclipped_psnr": "unclipped",
    "noise_psnr": "noise",
    "face_psnr": "face",
    "hair_psnr": "hair",
    "bias": "ours/Cycles",
    "specular_psnr": "specular",
    "albedo_psnr": "albedo",
    "normal_degrees": "normal °",
    "normal_median": "median °",
    "depth_millimetres": "depth mm",
    "depth_median": "median mm",
    "matte_iou": "IoU",
}
"""What the table calls the numbers of an agreement; those before the bias and the two after it are dB."""


def _numbers(agreement: "Agreement") -> list[str]:
    return [_rounded(name, getattr(agreement, name)) for name in LABELS]


def _rounded(name: str, value: float) -> str:
    digits = 1 if name.endswith("psnr") else 4 if name == "matte_iou" else 2
    return f"{value:.{digits}f}"
