"""Tables on the console and in Markdown files."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .cards import write_text


def print_and_save(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], out: Path) -> None:
    """Print a table and write it as Markdown."""
    print_table(title, columns, rows)
    write_text(f"{title}:\n\n{markdown(columns, rows)}", out)


def print_table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def markdown(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table as Markdown."""
    return "".join("| " + " | ".join(line) + " |\n" for line in (columns, ("---",) * len(columns), *rows))
