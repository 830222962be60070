"""What the card of the portrait network says of the networks inside it: the overview, and the close-up."""

import re
from pathlib import Path

from .cards import write_text
from .configuration import RunConfiguration, configuration_text

NEXT = "## Measured"
DATA = {
    "Overview": """\
Inside the network is a second, smaller one, which sees the crop at 64 by 64 pixels and answers in maps of 32 by 32:
means of both networks' answers, over wide parts of the picture, are what comes out. It learnt from pictures of the
same virtual light stage, drawn at a quarter of the width: of 240 people with ICT-FaceKit heads and 140 textured ones
first, then twice of 220 and 120 others; the last time a third of them stood before rooms and streets made of
shapes.""",
    "Closeup": """\
A third network inside it sees the crop at 128 by 128 pixels and what the overview sees, and says the same maps. Parts
of the person, its matte and the relief of the surface that come out are both its and the first network's. It learnt
from pictures of the same virtual light stage, drawn at half the width, and of the same people.""",
}
"""By heading; a network goes when one that stands before it in this order is replaced, for it builds on that one."""


def section(
    heading: str, configuration: RunConfiguration, step: int, commit: str, *, share: float | None = None
) -> str:
    """Markdown on a network inside the portrait network.

    Args:
        heading: of DATA.
        configuration: of its run.
        step: batches that it has seen.
        commit: of the code.
        share: of this run in the weights, where they lie between its and those that it began with.
    """
    pictures = step * configuration.batch
    seen = configuration.seen
    before = f" It began with what {seen:,} others had taught it." if seen else ""
    if share is not None:
        before += f" The exported weights lie between this run's and those it began with: {share:g} of this run's."
    return (
        f"## {heading}\n\n{DATA[heading]}\n\n"
        f"{step} steps of {configuration.batch} pictures ({pictures:,} in all), float32 weights, "
        f"{'bfloat16' if configuration.half_precision else 'float32'} convolutions, code at commit {commit}."
        f"{before}\n\n"
        f"```toml\n{configuration_text(configuration)}```\n\n"
    )


def write_section(heading: str, text: str, card: Path) -> None:
    """Put a section into a card before its numbers, in place of an earlier one and of those that build on it."""
    names = list(DATA)
    replaced = "|".join(names[names.index(heading) :])
    kept = re.sub(
        rf"^## ({replaced})\n.*?(?=^## )", "", card.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    place = kept.index(NEXT)
    write_text(kept[:place] + text + kept[place:], card)
