"""Plots of an evaluation."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .static_person import SPEEDS


def plot_speeds(speeds: Mapping[str, Sequence[Sequence[float]]], path: Path) -> None:
    """Jitter of relit frames over the speed of the person's own light (NVPR, figure 8), a line for each column.

    Args:
        speeds: by column, of each person the jitter at SPEEDS.
        path: of the PNG.
    """
    curves = {name: (list(SPEEDS), np.mean(rows, axis=0).tolist()) for name, rows in speeds.items() if rows}
    _plot(curves, ("speed of the own light", "RMSE between adjacent relit frames"), path)


def plot_pictures(pictures: Mapping[str, Mapping[int, float]], path: Path) -> None:
    """PSNR of each picture under a held-out environment, worst first, a line for each column."""
    curves = {}
    for name, scores in pictures.items():
        known = sorted(value for value in scores.values() if np.isfinite(value))
        if known:
            curves[name] = (list(range(1, len(known) + 1)), known)
    _plot(curves, ("pictures, worst first", "PSNR under a held-out HDRI (dB)"), path)


def _plot(curves: Mapping[str, tuple[list[int], list[float]]], labels: tuple[str, str], path: Path) -> None:
    if not curves:
        return
    from matplotlib.figure import Figure  # noqa: PLC0415 - takes a second, and only the end needs it

    figure = Figure(figsize=(7.0, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, (x, y) in curves.items():
        axes.plot(x, y, marker="o", markersize=3, label=name)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    axes.grid(alpha=0.3)
    axes.legend()
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.png")
    figure.savefig(temporary, dpi=110)
    temporary.replace(path)
