"""What several commands have in common."""

from pathlib import Path

import platformdirs
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

CACHE_HELP = "Folder that keeps what the network found in each frame; in the user's cache folder by default."


def default_cache_folder() -> Path:
    """The user's cache folder for encodings."""
    return Path(platformdirs.user_cache_dir("chiaro", appauthor=False)) / "encodings"


def progress_bar() -> Progress:
    """A progress bar on standard error, with the time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def say(text: str) -> None:
    """One line for the user, on standard error, so that it does not mix with results."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)
