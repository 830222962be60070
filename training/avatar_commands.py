"""`chiaro-train prepare-avatars`: convert the textured people, and look at them."""

# ruff: noqa: PLC0415 - each command imports only what it needs

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .assets import default_cache_folder, default_data_folder
from .stage_commands import CacheOption, DataOption

application = typer.Typer()
console = Console()


@application.command()
def prepare_avatars(
    again: Annotated[bool, typer.Option(help="Convert those that are in the cache too.")] = False,
    preview: Annotated[
        Path | None, typer.Option(help="PNG to write: every avatar as a random person, from two sides.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the people in the preview.")] = 1,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Convert the avatars' files once into shapes and atlases in the cache."""
    from .lightstage.avatars.prepare_avatars import prepare_avatars as convert

    folder = cache or default_cache_folder()
    for name in convert(data or default_data_folder(), folder, again=again):
        console.print(name)
    console.print(f"Prepared avatars lie in {folder / 'avatars'}")
    if preview is not None:
        from .lightstage.avatars.avatar_person import load_avatar_model
        from .lightstage.avatars.portrait_sheet import arranged, avatar_rows
        from .sheets import write_sheet

        write_sheet([arranged(avatar_rows(load_avatar_model(folder), seed), 3)], preview)
        console.print(f"Wrote {preview}")
