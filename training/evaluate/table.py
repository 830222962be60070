"""The table: every measure with its bar, every number with its neighbours; in Markdown and CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..cards import write_text


@dataclass(frozen=True)
class Statistic:
    """Of a measure over pictures.

    Attributes:
        mean: the number that the bar is held against.
        median: of the pictures.
        count: how many pictures told.
    """

    mean: float
    median: float
    count: int


Column = dict[str, Statistic]
"""One contestant's statistics by measure."""


@dataclass(frozen=True)
class Measure:
    """A row of the table.

    Attributes:
        name: of the numbers.
        title: for people, with the unit.
        bar: to reach; None for a row that only explains.
        at_least: whether more is better.
        digits: after the point.
        percent: whether it is shown times a hundred.
    """

    name: str
    title: str
    bar: float | None = None
    at_least: bool = False
    digits: int = 2
    percent: bool = False

    def shown(self, value: float) -> str:
        """A value as text; a dash for none."""
        if not np.isfinite(value):
            return "–"
        return f"{100.0 * value if self.percent else value:.{self.digits}f}{' %' if self.percent else ''}"

    def bar_text(self) -> str:
        """The bar as text."""
        return "" if self.bar is None else f"{'≥' if self.at_least else '≤'} {self.shown(self.bar)}"

    def passed(self, value: float) -> bool | None:
        """Whether a value passes; None without a bar or a value."""
        if self.bar is None or not np.isfinite(value):
            return None
        return bool(value >= self.bar if self.at_least else value <= self.bar)


def more(name: str, title: str, bar: float | None = None, digits: int = 2) -> Measure:
    """A row where more is better."""
    return Measure(name, title, bar, True, digits)


def less(name: str, title: str, bar: float | None = None, digits: int = 2) -> Measure:
    """A row where less is better."""
    return Measure(name, title, bar, False, digits)


def share(name: str, title: str, bar: float | None = None) -> Measure:
    """A row of shares, of which less is better."""
    return Measure(name, title, bar, False, 1, True)


FEATURE_ROW = "feature distance"
MEASURES = (
    less("normal, skin", "plate-view normals, mean angle on skin (°)", 8.0),
    less("normal, all", "plate-view normals, mean angle on all (°)", 12.0),
    share("depth", "plate-view depth, RMSE after scale, of head depth", 0.04),
    share("depth, head", "… on the head without clothes"),
    more("albedo, network", "albedo, PSNR scale free (dB)", 26.0),
    more("albedo, pass", "albedo pass (plate ÷ own light), PSNR scale free (dB)", 26.0),
    more("environment, scene-linear, PSNR", "relit by a held-out HDRI, scene-linear plate, PSNR (dB)", 28.0),
    more("environment, scene-linear, SSIM", "… SSIM", 0.93, 3),
    more("environment, scene-linear, PSNR scale free", "… PSNR scale free (dB)"),
    more("environment, photographed, PSNR", "relit by a held-out HDRI, photographed plate, PSNR (dB)", 28.0),
    more("environment, photographed, SSIM", "… SSIM", 0.93, 3),
    more("environment, photographed, PSNR scale free", "… PSNR scale free (dB)"),
    more("lamp, scene-linear, PSNR", "relit by one hard lamp, scene-linear plate, PSNR (dB)", 24.0),
    more("lamp, photographed, PSNR", "relit by one hard lamp, photographed plate, PSNR (dB)", 24.0),
    more("lamp, scene-linear, SSIM", "… scene-linear plate, SSIM", None, 3),
    share("light", "light, relative error of the nine harmonics", 0.20),
    share("light, scale free", "… scale free"),
    less("light, direction", "light, direction of the dominant light (°)", 12.0),
    more("moved", "seen from ±20° yaw, PSNR (dB)", 24.0),
    more("moved, where the plate saw it", "… where the plate saw the surface (dB)"),
    share("moved, depth", "seen from ±20° yaw, depth RMSE of head depth", 0.06),
    share("moved, holes", "… share of the person that is a hole"),
    more("matte, pass", "matte pass, IoU", 0.97, 3),
    more("matte, network", "matte of the network, IoU", 0.97, 3),
    more("parts", "parts, mean IoU", 0.80, 3),
    less("temporal ratio", "warping error with ÷ without the temporal network", 0.5),
    less("temporal ratio, beyond the truth", "… of what is beyond the true frames' own warping error"),
    share("temporal, lighting change", "lighting error with against without it, change", 0.01),
    less("warping error", "warping error, frames alone (×10⁻³)", None, 3),
    less("warping error, streaming", "… with the temporal network (×10⁻³)", None, 3),
    less("warping error of the error", "warping error of the error, frames alone (×10⁻³)", None, 3),
    less("warping error of the error, streaming", "… with the temporal network (×10⁻³)", None, 3),
    less("lighting error", "lighting error of sequences (RMSE)", None, 4),
    less("jitter ratio", "jitter under light sped up 1–10×, with ÷ without", 0.5),
    less("jitter", "jitter under light sped up 1–10×, frames alone (RMSE)", None, 4),
    less("jitter, streaming", "… with the temporal network (RMSE)", None, 4),
    less("noise jitter", "jitter under sensor noise, frames alone (RMSE)", None, 4),
    less("noise jitter, streaming", "… with the temporal network (RMSE)", None, 4),
    less("flicker, painted", "change from frame to frame of clips at yaw ±25°, what is painted (×10⁻³)", None, 1),
    less("flicker, seen", "… what the plate saw (×10⁻³)", None, 1),
    less("flicker, plate", "… the plate itself (×10⁻³)", None, 1),
    more("identity, plate view", "identity on real clips, relit at the plate's view (cosine)", 0.85, 3),
    more("identity, yaw 20", "identity on real clips, relit at yaw 20° (cosine)", 0.60, 3),
    more("identity, yaw 20, own light", "… at yaw 20° under the own light (cosine)", None, 3),
    more("identity, stage", "identity on the stage's people, relit by a held-out HDRI (cosine)", None, 3),
    more("identity, stage's own picture", "… of the stage's own picture under that HDRI (cosine)", None, 3),
    less(FEATURE_ROW, "SqueezeNet feature distance to own-light reconstruction", None, 3),
    less("weights", "weights in all (MB)", 40.0, 1),
    less("encode", "encode a frame, two threads, shortest (ms)", 60.0, 1),
    less("encode, processor", "… processor time ÷ 2 (ms)", None, 1),
    less("encode, network alone", "… the network alone, shortest (ms)", None, 1),
    less("render", "see 256² from a new camera, shortest (ms)", 90.0, 1),
    less("render, processor", "… processor time ÷ 2 (ms)", None, 1),
    less("render, first", "… from the first camera of a frame, all that is made once included (ms)", None, 1),
    less("field", "… the field, made once for a frame (ms)", None, 1),
    share("refused", "heads that the product refused (turned too far)"),
)


def measures_beside(first: Mapping[str, Statistic] | None) -> tuple[Measure, ...]:
    """The rows; with the first network's numbers the feature distance has a bar of half of its."""
    if first is None or FEATURE_ROW not in first:
        return MEASURES
    half = 0.5 * first[FEATURE_ROW].mean
    rows = [
        Measure(row.name, row.title + ", bar: half the first network's", half, False, row.digits)
        if row.name == FEATURE_ROW
        else row
        for row in MEASURES
    ]
    return tuple(rows)


def statistics_of(values: Mapping[str, Iterable[float]]) -> Column:
    """Statistics of lists by name; what is not a number does not count."""
    column = {}
    for name, listed in values.items():
        known = np.array([value for value in listed if np.isfinite(value)], np.float64)
        if known.size:
            column[name] = Statistic(float(known.mean()), float(np.median(known)), int(known.size))
    return column


def single(value: float) -> Statistic:
    """A number that is no mean."""
    return Statistic(value, value, 1)


def table_rows(measures: Sequence[Measure], columns: Mapping[str, Column], judged: int) -> list[tuple[str, ...]]:
    """Rows of text: measure, bar, then each column, of which the first `judged` are held against the bar."""
    rows = []
    for measure in measures:
        if not any(measure.name in column for column in columns.values()) and measure.bar is None:
            continue
        cells = []
        for index, column in enumerate(columns.values()):
            value = column[measure.name].mean if measure.name in column else float("nan")
            passed = measure.passed(value) if index < judged else None
            verdict = "" if passed is None else " (pass)" if passed else " (fail)"
            cells.append(measure.shown(value) + verdict)
        rows.append((measure.title, measure.bar_text(), *cells))
    return rows


def write_csv(measures: Sequence[Measure], columns: Mapping[str, Column], judged: int, path: Path) -> None:
    """One line for each measure and column: mean, median, count, bar, pass or fail."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("measure", "column", "mean", "median", "count", "bar", "verdict"))
    for measure in measures:
        for index, (name, column) in enumerate(columns.items()):
            if measure.name not in column:
                continue
            found = column[measure.name]
            passed = measure.passed(found.mean) if index < judged else None
            verdict = "" if passed is None else "pass" if passed else "fail"
            bar = "" if measure.bar is None else f"{measure.bar:g}"
            writer.writerow((measure.name, name, f"{found.mean:.6g}", f"{found.median:.6g}", found.count, bar, verdict))
    write_text(text.getvalue(), path)
