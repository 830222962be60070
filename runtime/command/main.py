"""The `chiaro` command: relight, orbit, analyse, info, bench."""

import sys

import typer

from ..errors import ChiaroError
from .analyse import analyse
from .bench import bench
from .info import info
from .orbit import orbit
from .relight import relight

USER_ERROR = 2
CANCELLED = 130

app = typer.Typer(
    name="chiaro",
    help="Relight people in plates: a photograph, a sequence or a movie in, the same person under another light out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(relight)
app.command()(orbit)
app.command()(analyse)
app.command()(info)
app.command()(bench)


def main() -> None:
    """Run the command; errors a user can mend are one sentence on standard error and exit code 2."""
    try:
        app()
    except ChiaroError as error:
        typer.echo(f"chiaro: {error}", err=True)
        sys.exit(USER_ERROR)
    except KeyboardInterrupt:
        typer.echo("chiaro: cancelled; the frames that were finished are kept.", err=True)
        sys.exit(CANCELLED)
