"""What the card of the portrait network says of the overview in it."""

from pathlib import Path

from ..cards import write_text
from ..configuration import RunConfiguration, configuration_text

HEADING = "## Overview"
NEXT = "## Measured"
DATA = """\
Inside the network is a second, smaller one, which sees the crop at 64 by 64 pixels and answers in maps of 32 by 32:
means of both networks' answers, over wide parts of the picture, are what comes out. It learnt from pictures of the
same virtual light stage, drawn at a quarter of the width: 240 people with ICT-FaceKit heads, 140 textured ones."""


def section(configuration: RunConfiguration, step: int, commit: str) -> str:
    """Markdown on an overview.

    Args:
        configuration: of its run.
        step: batches that it has seen.
        commit: of the code.
    """
    pictures = step * configuration.batch
    return (
        f"{HEADING}\n\n{DATA}\n\n"
        f"{step} steps of {configuration.batch} pictures ({pictures:,} in all), float32 weights, "
        f"bfloat16 convolutions, code at commit {commit}.\n\n```toml\n{configuration_text(configuration)}```\n\n"
    )


def write_section(text: str, card: Path) -> None:
    """Put the section into a card, in place of an earlier one, before its numbers."""
    old = card.read_text(encoding="utf-8")
    start, end = old.find(HEADING), old.index(NEXT)
    write_text(old[: start if start >= 0 else end] + text + old[end:], card)
