"""What the portrait network's card says of the networks inside it."""

from pathlib import Path

import pytest

from chiaro.training.configuration import RunConfiguration
from chiaro.training.inner_cards import section, write_section


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "portrait.md"
    path.write_text("# portrait\n\n## Training\n\nlong\n\n## Measured\n\n13.5\n")
    return path


def put(heading: str, commit: str, card: Path) -> str:
    write_section(heading, section(heading, RunConfiguration(half_precision=False), 10, commit), card)
    return card.read_text()


def test_a_section_stands_once_and_before_the_numbers(card: Path) -> None:
    put("Overview", "first", card)
    text = put("Overview", "second", card)
    assert text.count("## Overview") == 1
    assert "commit second" in text
    assert "float32 convolutions" in text
    assert text.index("long") < text.index("## Overview") < text.index("## Measured")
    assert text.endswith("13.5\n")


def test_a_close_up_goes_with_the_overview_that_it_was_built_on(card: Path) -> None:
    put("Overview", "first", card)
    put("Closeup", "second", card)
    text = put("Closeup", "third", card)
    assert (text.count("## Overview"), text.count("## Closeup")) == (1, 1)
    assert text.index("commit first") < text.index("commit third") < text.index("## Measured")
    text = put("Overview", "fourth", card)
    assert "## Closeup" not in text
    assert text.endswith("13.5\n")


def test_a_second_piece_says_what_it_began_with() -> None:
    first, second = (section("Closeup", RunConfiguration(seen=seen), 10, "a") for seen in (0, 96_000))
    assert "96,000 others" in second
    assert "others" not in first


def test_weights_between_two_runs_say_so() -> None:
    between = section("Overview", RunConfiguration(seen=64), 10, "a", share=0.9)
    assert "0.9 of this run's" in between
    assert "this run's" not in section("Overview", RunConfiguration(seen=64), 10, "a")
