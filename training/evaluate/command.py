"""`chiaro-train evaluate`: the model, and the locator."""

# ruff: noqa: PLC0415 - each command imports only what it needs

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ...runtime.errors import SettingsError
from ...runtime.weights import WEIGHTS_FOLDER
from ..assets import default_data_folder
from ..stage_commands import CacheOption, DataOption
from ..tables import print_and_save, print_table

application = typer.Typer(help="Measure exported networks, and draw sheets to look at.", no_args_is_help=True)
console = Console()
AT_ONCE = 10
"""Pictures between two states of the table on disk."""


@application.command()
def model(  # noqa: PLR0917 - options of a command
    weights: Annotated[Path, typer.Option(help="Folder of the exported networks.")] = WEIGHTS_FOLDER,
    beside: Annotated[
        Path | None, typer.Option(help="Folder of the first network, which every number is shown beside.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the table and the sheets.")] = Path("out/evaluation"),
    pictures: Annotated[int, typer.Option(min=1, help="Pictures of the benchmark.")] = 60,
    sequences: Annotated[int, typer.Option(min=0, help="Sequences of the benchmark.")] = 6,
    static: Annotated[int, typer.Option(min=0, help="People who do not move, under light sped up.")] = 2,
    clip_frames: Annotated[int, typer.Option(min=1, help="Frames of each real clip.")] = 3,
    full: Annotated[bool, typer.Option("--full", help="The whole frozen benchmark, and more of all.")] = False,
    sheets: Annotated[bool, typer.Option(help="Draw sheets of pictures too.")] = True,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Measure a portrait model through the product's runtime: a table with bars and neighbours, plots, and sheets."""
    from ..assets import load_face_model
    from ..benchmark import FROZEN_SAMPLES, FROZEN_SEQUENCES
    from .evaluation import (
        TRUE_MAPS,
        UNCHANGED,
        Collected,
        Size,
        measure_flicker,
        measure_pictures,
        measure_real,
        measure_sequences,
        measure_static,
    )
    from .held_out import benchmark_stage
    from .judges import load_judges
    from .product import named_contestants
    from .real_frames import real_frames
    from .real_measures import real_judgement
    from .real_sheets import sheet_lights
    from .written import write_real_sheets, write_table, write_truth_sheets

    data = data or default_data_folder()
    size = Size(pictures=pictures, sequences=sequences, static=static, clip_frames=clip_frames)
    if full:
        size = Size(pictures=FROZEN_SAMPLES, sequences=FROZEN_SEQUENCES, static=6, clip_frames=12)
    contestants = named_contestants([weights] if beside is None else [weights, beside])
    stage, collected = benchmark_stage(data, cache), Collected()
    judges = load_judges(data)
    judgement, frames = real_judgement(data, judges), list(real_frames(data, size.clip_frames))
    out.mkdir(parents=True, exist_ok=True)
    order = [*(contestant.name for contestant in contestants), TRUE_MAPS, UNCHANGED]

    def written() -> list[tuple[str, ...]]:
        return write_table(collected, order, len(contestants), size, out)

    measure_real(frames, contestants, judgement, collected, _say)
    measure_flicker(data, contestants, collected, _say)
    for first in range(0, size.pictures, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, size.pictures))
        measure_pictures(stage, judges, contestants, numbers, collected, _say)
        written()
    measure_static(stage, contestants, size, collected, _say)
    measure_sequences(stage, load_face_model(data), contestants, size, collected, _say)
    heading, *rows = written()
    print_table("The model", heading, rows)
    if sheets:
        folder = out / "sheets"
        folder.mkdir(exist_ok=True)
        write_real_sheets(frames, contestants[0], sheet_lights(data), folder, _say)
        write_truth_sheets(stage, contestants[0], collected, folder, _say)
    _say(f"Table, plots and sheets lie in {out}")


@application.command()
def lamps(
    weights: Annotated[Path, typer.Option(help="Folder of the exported networks.")] = WEIGHTS_FOLDER,
    out: Annotated[Path, typer.Option(help="Folder for the table.")] = Path("out/evaluation"),
    pictures: Annotated[int, typer.Option(min=1, help="Pictures of the benchmark.")] = 20,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Compare what each of four lamps does to skin, hair and clothes with the stage's own picture under it."""
    from .held_out import benchmark_stage
    from .lamp_response import measure_lamps, table
    from .product import contestant

    out.mkdir(parents=True, exist_ok=True)
    stage = benchmark_stage(data or default_data_folder(), cache)
    heading, rows = table(*measure_lamps(stage, contestant(weights), range(pictures)))
    title = f"What lamps do to a white surface of {pictures} people, and what is mirrored of them"
    print_and_save(title, heading, rows, out / "lamps.md")


@application.command()
def eyes(
    weights: Annotated[Path, typer.Option(help="Folder of the exported networks.")] = WEIGHTS_FOLDER,
    out: Annotated[Path, typer.Option(help="Folder for the table and the sheet.")] = Path("out/evaluation"),
    pictures: Annotated[int, typer.Option(min=1, help="Pictures of the benchmark.")] = 24,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Compare eyes in plates of 1024 pixels, relit, with the stage's own picture: a table and a sheet."""
    from .eye_measures import eye_cases, table, write_eye_sheet
    from .held_out import benchmark_stage
    from .product import contestant

    out.mkdir(parents=True, exist_ok=True)
    stage = benchmark_stage(data or default_data_folder(), cache)
    found = []
    for number, case in enumerate(eye_cases(stage, contestant(weights), range(pictures)), start=1):
        found += [] if case is None else [case]
        _say(f"{number} of {pictures} pictures, {len(found)} with eyes that are found")
    if not found:
        raise SettingsError(f"None of the {pictures} pictures has eyes that are found; measure more with --pictures.")
    heading, rows = table(found)
    print_and_save(f"Eyes of {len(found)} people of {pictures}", heading, rows, out / "eyes.md")
    write_eye_sheet(found, out / "eyes.png")
    _say(f"Table and sheet lie in {out}")


@application.command()
def locator(
    labels: Annotated[Path | None, typer.Option("--labels", help="JSON written by label_frames.py.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the table.")] = Path("out/evaluation"),
    weights: Annotated[Path, typer.Option(help="Folder of the exported network.")] = WEIGHTS_FOLDER,
    data: DataOption = None,
) -> None:
    """Compare the locator with MediaPipe's landmarks on real pictures, and look for heads where nobody is."""
    from ...runtime.network import load_network
    from ..locator.evaluation import false_heads, locator_results

    if labels is None:
        raise SettingsError(
            "No labels were given; the locator needs --labels FILE, made by training/locator/label_frames.py."
        )
    data = data or default_data_folder()
    out.mkdir(parents=True, exist_ok=True)
    network = load_network("locator", folder=weights)
    rows = [
        (
            r.name + (" (trained on)" if r.trained_on else ""),
            f"{r.found}/{r.frames}",
            f"{r.centre_error:.3f}",
            f"{r.worst_centre_error:.3f}",
            f"{r.size_error:.1%}",
            f"{r.roll_error:.1f}",
            f"{r.yaw_error:.1f}",
            str(r.extra),
        )
        for r in locator_results(data, labels, network)
    ]
    columns = (
        "picture", "found", "centre error (half sizes)", "worst", "size error", "roll (degrees)", "yaw (degrees)",
        "extra heads",
    )  # fmt: skip
    print_and_save("The locator against MediaPipe", columns, rows, out / "locator.md")
    nobody = {name: count for name, count in false_heads(data, network).items() if count}
    sentence = f"Heads found where there is nobody: {nobody or 'none'}."
    _say(sentence)
    with (out / "locator.md").open("a") as file:
        file.write(f"\n{sentence}\n")


def _say(line: str) -> None:
    console.print(line, highlight=False, soft_wrap=True)
