"""The log of losses of a run, as CSV, and its plot."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np


class LossLog:
    """Rows of (step, term, value); a run that resumes drops what came after its checkpoint."""

    def __init__(self, path: Path, first: int) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [row for row in self.rows() if row[0] <= first] if first else []
        temporary = path.with_suffix(f".{os.getpid()}.part")
        with temporary.open("w", newline="") as file:
            csv.writer(file).writerows([("step", "term", "value"), *kept])
        temporary.replace(path)

    def rows(self) -> list[tuple[int, str, float]]:
        """All rows so far."""
        if not self.path.exists():
            return []
        with self.path.open(newline="") as file:
            return [(int(step), term, float(value)) for step, term, value in list(csv.reader(file))[1:]]

    def add(self, step: int, terms: Mapping[str, float]) -> None:
        """Append the terms of a step."""
        with self.path.open("a", newline="") as file:
            csv.writer(file).writerows([(step, name, f"{value:.6g}") for name, value in terms.items()])

    def plot(self, out: Path) -> None:
        """Each term over the steps, on a logarithmic scale, as a PNG."""
        from matplotlib.figure import Figure  # noqa: PLC0415 - takes a second, and only checkpoints need it

        by_term: dict[str, list[tuple[int, float]]] = {}
        for step, term, value in self.rows():
            by_term.setdefault(term, []).append((step, value))
        if not by_term:
            return
        columns = 5
        lines = -(-len(by_term) // columns)
        figure = Figure(figsize=(3.2 * columns, 2.2 * lines), layout="constrained")
        for index, (term, values) in enumerate(sorted(by_term.items())):
            axes = figure.add_subplot(lines, columns, index + 1)
            steps, losses = np.array(values).T
            axes.plot(steps, np.maximum(losses, 1e-6), linewidth=0.8)
            axes.set_yscale("log")
            axes.set_title(term, fontsize=8)
            axes.tick_params(labelsize=6)
        temporary = out.with_suffix(f".{os.getpid()}.part")
        figure.savefig(temporary, format="png", dpi=80)
        temporary.replace(out)
