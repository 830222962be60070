"""Draws the figures of conventions.md from the code that they describe.

python docs/make_figures.py
"""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d.art3d import Line3DCollection
from numpy.typing import NDArray

from chiaro.runtime.camera import camera_from_lens
from chiaro.runtime.light.equirectangular import map_coordinates, map_directions
from chiaro.runtime.light.harmonics import basis

FIGURES = Path(__file__).parent / "figures"

AXIS_COLOURS = {"x": "#d6453d", "y": "#5a9e3a", "z": "#3a72c4"}
POSITIVE, NEGATIVE = "#e08a2c", "#4b7bb5"

HARMONICS = (
    "0 · const",
    "1 · y",
    "2 · z",
    "3 · x",
    "4 · xy",
    "5 · yz",
    "6 · 3z² − 1",
    "7 · xz",
    "8 · x² − y²",
)
"""Index and polynomial of each basis function."""


def draw_harmonics() -> Figure:
    """The nine basis functions as lobes: distance from the centre is the absolute value, colour the sign."""
    figure = Figure(figsize=(10.5, 8.0), layout="constrained")
    for index, name in enumerate(HARMONICS):
        order = int(np.sqrt(index))
        column = index - order * order - order + 2
        axis = figure.add_subplot(3, 5, order * 5 + column + 1, projection="3d")
        _draw_lobe(axis, index)
        axis.set_title(f"{name}\nl = {order}, m = {_signed(index - order * order - order)}", fontsize=9, y=0.0)
    figure.text(0.02, 0.97, "index = l² + l + m", fontsize=11, va="top")
    figure.text(0.02, 0.925, "orange: positive, blue: negative", fontsize=9, va="top", color="#555555")
    return figure


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", "−") if number else "0"


def _draw_lobe(axis: Axes, index: int) -> None:
    polar, azimuth = np.meshgrid(np.linspace(0.0, np.pi, 61), np.linspace(0.0, 2.0 * np.pi, 121), indexing="ij")
    directions = np.stack([np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)], axis=-1)
    value = basis(directions)[..., index]
    lobe = directions * np.abs(value)[..., None]
    colours = np.where(value[..., None] >= 0, _rgb(POSITIVE), _rgb(NEGATIVE))
    axis.plot_surface(
        *np.moveaxis(lobe, -1, 0), facecolors=colours, rstride=1, cstride=1, linewidth=0, antialiased=False
    )
    reach = 0.78
    for letter, unit in zip("xyz", np.eye(3), strict=True):
        axis.add_collection3d(Line3DCollection([[0 * unit, reach * unit]], colors=AXIS_COLOURS[letter], linewidths=1.5))
        axis.text(*(1.12 * reach * unit), letter, color=AXIS_COLOURS[letter], fontsize=9, ha="center", va="center")
    axis.set(xlim=(-0.6, 0.6), ylim=(-0.6, 0.6), zlim=(-0.6, 0.6))
    axis.set_box_aspect((1, 1, 1), zoom=1.2)
    axis.view_init(elev=22, azim=35)
    axis.set_axis_off()


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[start : start + 2], 16) / 255.0 for start in (1, 3, 5)])


def draw_environment() -> Figure:
    """Where directions lie in an environment map."""
    directions = map_directions(256, 512)
    colours = 0.5 + 0.42 * directions
    figure = Figure(figsize=(9.0, 5.2), layout="constrained")
    axis = figure.add_subplot()
    axis.imshow(colours, extent=(0.0, 1.0, 1.0, 0.0), aspect=0.5)
    marks = {"+X": (1, 0, 0), "−X": (-1, 0, 0), "+Y": (0, 1, 0), "−Y": (0, -1, 0)}
    for name, direction in marks.items():
        _mark(axis, name, np.array(direction, np.float64))
    axis.text(0.5, 0.045, "row 0 is +Z (up)", ha="center", va="center", fontsize=11, weight="bold")
    axis.text(0.5, 0.955, "last row is −Z (down)", ha="center", va="center", fontsize=11, weight="bold")
    axis.annotate("", (0.66, 0.6), (0.5, 0.6), arrowprops={"arrowstyle": "-|>", "lw": 2})
    axis.text(
        0.58, 0.63, "Mapping node's Z rotation θ > 0\nmoves the picture by θ / 2π", ha="center", va="top", fontsize=9
    )
    axis.set_xlabel("u = 0.5 − azimuth / 2π, azimuth from +X towards +Y")
    axis.set_ylabel("v = polar angle from +Z / π")
    axis.set_title("Environment maps: the world's directions in the picture (colour = direction)", fontsize=11)
    return figure


def _mark(axis: Axes, name: str, direction: NDArray[np.float64]) -> None:
    u, v = (float(value) for value in map_coordinates(direction))
    for place in {u, 1.0 - u} if u in (0.0, 1.0) else {u}:
        axis.plot(place, v, "o", color="black", markersize=7, clip_on=False)
        left = place > 0.9
        axis.annotate(
            name,
            (place, v),
            (-8 if left else 8, 8),
            textcoords="offset points",
            fontsize=12,
            weight="bold",
            ha="right" if left else "left",
        )


def draw_camera() -> Figure:
    """The camera's axes, its picture's pixel coordinates, and a point in both."""
    figure = Figure(figsize=(10.5, 4.8), layout="constrained")
    space = figure.add_subplot(1, 2, 1, projection="3d")
    picture = figure.add_subplot(1, 2, 2)
    camera = camera_from_lens(8, 6, focal_length_mm=36.0)
    point = np.array([-0.2, 0.12, -1.0])
    _draw_camera_space(space, camera.directions(np.array([[0, 0], [8, 0], [8, 6], [0, 6]])), point)
    _draw_pixels(picture, camera.project(point))
    return figure


def _draw_camera_space(axis: Axes, corners: NDArray[np.float64], point: NDArray[np.float64]) -> None:
    """Drawn with camera z along the paper's depth, so axes are permuted to (x, −z, y)."""

    def to_paper(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)

    origin = np.zeros(3)
    frame = [[origin, corner] for corner in corners] + [[corners[i], corners[(i + 1) % 4]] for i in range(4)]
    axis.add_collection3d(Line3DCollection(to_paper(np.array(frame)), colors="#888888", linewidths=1.0))
    for letter, unit in zip("xyz", np.eye(3), strict=True):
        line = to_paper(np.array([[origin, 0.55 * unit]]))
        axis.add_collection3d(Line3DCollection(line, colors=AXIS_COLOURS[letter], linewidths=2.5))
        axis.text(*to_paper(0.64 * unit), letter, color=AXIS_COLOURS[letter], fontsize=12, weight="bold")
    axis.plot(*to_paper(np.array([origin, point])).T, color="#333333", lw=1, ls="--")
    axis.plot(*to_paper(point[None]).T, "o", color="black")
    axis.text(*to_paper(point + np.array([0.03, 0.03, 0.0])), "point", fontsize=10)
    axis.text(*to_paper(np.array([0.0, -0.62, -1.0])), "picture at depth 1", fontsize=9, color="#666666", ha="center")
    axis.set(xlim=(-0.55, 0.55), ylim=(-0.45, 1.05), zlim=(-0.5, 0.6))
    axis.set_box_aspect((1.1, 1.5, 1.1), zoom=1.25)
    axis.view_init(elev=18, azim=-58)
    axis.set_axis_off()
    axis.set_title("camera space: it looks along −z; depth = −z, metres", fontsize=11)


def _draw_pixels(axis: Axes, pixel: NDArray[np.float64]) -> None:
    checks = np.indices((6, 8)).sum(axis=0) % 2
    axis.imshow(checks, cmap="gray", vmin=-4, vmax=1.3, extent=(0, 8, 6, 0))
    axis.plot(0.5, 0.5, "s", color="#c0392b")
    axis.annotate("(0.5, 0.5): centre of\nthe top-left pixel", (0.5, 0.5), (1.0, 1.35), fontsize=10)
    axis.plot(4, 3, "+", color="black", markersize=14, mew=2)
    axis.annotate("principal point (4, 3)", (4, 3), (4.15, 3.35), fontsize=10)
    axis.plot(*pixel, "o", color="black")
    axis.annotate(f"point ({pixel[0]:.2f}, {pixel[1]:.2f})", pixel, pixel + np.array([-0.6, -0.25]), fontsize=10)
    axis.set(xticks=range(9), yticks=range(7), xlabel="x, pixels →", ylabel="← y, pixels")
    axis.set_title("pixel coordinates of an 8x6 picture", fontsize=11)


def main() -> None:
    """Draw all figures."""
    FIGURES.mkdir(exist_ok=True)
    drawings = {"harmonics": draw_harmonics, "environment": draw_environment, "camera": draw_camera}
    for name, draw in drawings.items():
        draw().savefig(FIGURES / f"{name}.png", dpi=110, facecolor="white")


if __name__ == "__main__":
    main()
