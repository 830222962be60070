"""`chiaro-train pack` and `unpack`: carry what training reads to a machine that has nothing but the repository."""

# ruff: noqa: PLC0415 - each command imports only what it needs

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from .assets import default_cache_folder, default_data_folder
from .stage_commands import CacheOption, DataOption

application = typer.Typer()
console = Console()

FILE_NAME = "training_inputs.zip"
"""In a folder, when no file is named."""


@application.command()
def pack(
    out: Annotated[Path, typer.Argument(help=f"File to write, or a folder for {FILE_NAME}.")],
    limit: Annotated[float, typer.Option(help="Megabytes (of 1,000,000 bytes) that the file may have.")] = 55.0,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Write everything that training needs into one file; avatars that do not fit are left out."""
    from .pack.packing import MEGABYTE
    from .pack.packing import pack as write

    file = out / FILE_NAME if out.is_dir() or not out.suffix else out
    packing = write(
        data or default_data_folder(),
        cache or default_cache_folder(),
        file,
        round(limit * MEGABYTE),
        lambda line: console.print(line, highlight=False),
    )
    table = Table("part", "files", "MB before", "MB packed", "loss", title="What takes how much")
    for part in packing.parts:
        megabytes = (f"{size / MEGABYTE:.2f}" for size in (part.before, part.after))
        table.add_row(part.name, str(part.files), *megabytes, part.loss)
    console.print(table)
    whose = f"{len(packing.avatars)} of {len(packing.avatars) + len(packing.left_out)} avatars"
    left = f"; left out: {', '.join(packing.left_out)}" if packing.left_out else ""
    console.print(f"Wrote {file}: {packing.size / MEGABYTE:.2f} MB with {whose}{left}.", soft_wrap=True)


@application.command()
def unpack(
    file: Annotated[Path, typer.Argument(help="What `chiaro-train pack` wrote.")],
    data: Annotated[Path, typer.Option("--data", help="Folder to serve as the asset folder.")],
    cache: CacheOption = None,
) -> None:
    """Put packed files where training looks for them; the hash of each is checked."""
    from .pack.unpacking import unpack as put

    folder = cache or default_cache_folder()
    done = put(file, data, folder)
    console.print(f"{len(done.files)} files lie in {data} and {folder}; name these with --data and --cache.")
    if done.left_out:
        console.print(f"The pack has no room for {', '.join(done.left_out)}: other people are drawn than with all.")
