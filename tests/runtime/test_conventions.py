"""What docs/conventions.md publishes is what the code does."""

import re
from pathlib import Path

import numpy as np

from chiaro.runtime.light.harmonics import basis
from chiaro.runtime.output.exr import CHANNELS

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "conventions.md").read_text(encoding="utf-8")


def test_the_published_channels_are_the_written_ones() -> None:
    rows = re.findall(r"^\| (\w+) \| ([A-Z](?:, [A-Z])*) \|", DOCUMENT.split("## EXR channels")[1], re.MULTILINE)
    assert [f"{layer}.{channel}" for layer, channels in rows for channel in channels.split(", ")] == list(CHANNELS)


def test_the_published_harmonics_are_the_computed_ones() -> None:
    rows = re.findall(
        r"^\| (\d) \| \d, −?\d \| ([¼½]) √\((\d+)/π\)|^\| 0 \| 0, 0 \| (½) √\((1)/π\)", DOCUMENT, re.MULTILINE
    )
    assert len(rows) == 9
    x, y, z = direction = np.array([0.48, -0.6, 0.64])
    polynomials = [1.0, y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y]
    fraction = {"¼": 0.25, "½": 0.5}
    published = [
        fraction[row[1]] * np.sqrt(float(row[2]) / np.pi) * polynomial
        for row, polynomial in zip(rows, polynomials, strict=True)
    ]
    np.testing.assert_allclose(basis(direction), published)


def test_every_figure_of_the_document_exists() -> None:
    figures = re.findall(r"\]\((figures/\S+\.png)\)", DOCUMENT)
    assert len(figures) >= 3
    for figure in figures:
        assert (Path(__file__).resolve().parents[2] / "docs" / figure).is_file(), figure
