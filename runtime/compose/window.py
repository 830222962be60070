"""The part of an image that a small square map covers, and a grid of nodes over it to bring the map up from.

Nodes stand every `step` pixels, aligned with the image's pixels. From the map to the nodes goes a homography, sampled
at few points; from the nodes to the pixels goes plain linear interpolation along rows and columns, which is fast.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array, Float64Array
from ..crop import Crop
from ..small_matrices import inverse

_BAND_PIXELS = 96_000
"""Pixels of a band that is worked on at once: few enough for the processor's cache, many enough that threads which work
on a band each seldom wait for each other."""
_OUTSIDE = -1e6
"""Map pixel far outside any map."""
_CORNER = (0, 0, 1, 1)
"""Stands for the window of a map that lies outside the image: one pixel that the map does not reach."""


@dataclass(frozen=True)
class Band:
    """A block of the window.

    Attributes:
        node_rows: rows of nodes around it.
        node_columns: columns of nodes around it.
        rows: rows of the window.
        columns: columns of the window.
    """

    node_rows: slice
    node_columns: slice
    rows: slice
    columns: slice

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Rows and columns of the window, to index with."""
        return self.rows, self.columns

    @property
    def nodes(self) -> tuple[slice, slice]:
        """Rows and columns of nodes, to index with."""
        return self.node_rows, self.node_columns

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start


@dataclass(frozen=True)
class Window:
    """A rectangle of an image with its nodes.

    Attributes:
        left: first column.
        top: first row.
        width: columns.
        height: rows.
        step: pixels between nodes.
        map_size: pixels along each side of the square map.
        map_pixels: (rows + 1, columns + 1, 2) where the nodes lie in the map; far outside it where they lie behind the
            camera.
    """

    left: int
    top: int
    width: int
    height: int
    step: int
    map_size: int
    map_pixels: Float64Array

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the image."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def bands(self, wanted: BoolArray) -> Iterator[Band]:
        """Blocks that cover every pixel between wanted nodes.

        Args:
            wanted: (rows + 1, columns + 1) nodes whose surroundings are to be worked on.
        """
        rows, columns = wanted.shape[0] - 1, wanted.shape[1] - 1
        height = max(1, _BAND_PIXELS // max(1, self.width * self.step))
        for first in range(0, rows, height):
            last = min(first + height, rows)
            found = np.flatnonzero(wanted[first : last + 1].any(axis=0))
            if found.size:
                left, right = max(int(found[0]) - 1, 0), min(int(found[-1]) + 1, columns)
                yield self._band(first, last, left, right)

    def _band(self, first: int, last: int, left: int, right: int) -> Band:
        return Band(
            slice(first, last + 1),
            slice(left, right + 1),
            slice(first * self.step, min(last * self.step, self.height)),
            slice(left * self.step, min(right * self.step, self.width)),
        )

    def on_nodes(self, image: Float32Array) -> Float32Array:
        """Planes (C, h, w) of the map at the nodes, (C, rows + 1, columns + 1); edges repeat outside it."""
        samples = self._samples
        size = self.map_size // samples.reduction
        if samples.reduction > 1:
            image = cell_means(image[:, : size * samples.reduction, : size * samples.reduction], samples.reduction)
        flat = image.reshape(image.shape[0], -1)
        upper = flat.take(samples.index, axis=1)
        upper += samples.across * (flat.take(samples.index + samples.right, axis=1) - upper)
        lower = flat.take(samples.index + samples.down, axis=1)
        lower += samples.across * (flat.take(samples.index + samples.down + samples.right, axis=1) - lower)
        upper += samples.along * (lower - upper)
        nodes: Float32Array = upper
        return nodes

    @cached_property
    def _samples(self) -> "_MapSamples":
        """Bilinear samples of the map at the nodes; a map finer than the nodes is averaged first."""
        reduction = min(max(1, int(_spacing(self.map_pixels))), self.map_size)
        size = self.map_size // reduction
        position = np.clip(self.map_pixels / reduction - 0.5, 0, size - 1)
        corner = np.minimum(position.astype(np.int32), max(size - 2, 0))
        share = (position - corner).astype(np.float32)
        right = min(1, size - 1)
        index = corner[..., 1] * size + corner[..., 0]
        return _MapSamples(reduction, index, right, right * size, share[..., 0], share[..., 1])

    def averaged_on_nodes(self, image: Float32Array) -> Float32Array:
        """Planes (C, height, width) of the window at the nodes: the mean of the four cells around each."""
        cells = cell_means(image, self.step)
        padded = np.pad(cells, ((0, 0), (1, 1), (1, 1)), mode="edge")
        rows = padded[:, :-1] + padded[:, 1:]
        mean: Float32Array = np.float32(0.25) * (rows[:, :, :-1] + rows[:, :, 1:])
        return mean

    def enlarged(self, nodes: Float32Array, band: Band) -> Float32Array:
        """Node planes (C, rows + 1, columns + 1) at the band's pixels, (C, band rows, band columns)."""
        height, width = band.size
        wide = self._widened(nodes[:, band.node_rows, band.node_columns], width)
        tall = np.empty((nodes.shape[0], wide.shape[1] - 1, self.step, width), np.float32)
        rise = wide[:, 1:] - wide[:, :-1]
        np.multiply(rise[:, :, None], self._shares[:, None], out=tall)
        tall += wide[:, :-1, None]
        return tall.reshape(nodes.shape[0], -1, width)[:, :height]

    def _widened(self, nodes: Float32Array, width: int) -> Float32Array:
        columns = np.arange(width)
        left = columns // self.step
        wide: Float32Array = (nodes[:, :, 1:] - nodes[:, :, :-1]).take(left, axis=2)
        wide *= self._shares[columns % self.step]
        wide += nodes.take(left, axis=2)
        return wide

    @cached_property
    def _shares(self) -> Float32Array:
        """How far between two nodes each pixel's centre is."""
        return ((np.arange(self.step) + 0.5) / self.step).astype(np.float32)


@dataclass(frozen=True)
class _MapSamples:
    reduction: int
    index: NDArray[np.int32]
    right: int
    down: int
    across: Float32Array
    along: Float32Array


def _spacing(map_pixels: Float64Array) -> float:
    """Map pixels per node."""
    if min(map_pixels.shape[:2]) < 2:
        return 1.0
    return float(np.median(np.linalg.norm(map_pixels[:, 1:] - map_pixels[:, :-1], axis=-1)))


def cell_means(image: Float32Array, step: int) -> Float32Array:
    """Mean of each step x step cell of planes; the last cells repeat the image's edge."""
    if step == 1:
        return image
    bottom, right = -image.shape[1] % step, -image.shape[2] % step
    if bottom or right:
        image = np.pad(image, ((0, 0), (0, bottom), (0, right)), mode="edge")
    rows = image[:, 0::step].copy()
    for offset in range(1, step):
        rows += image[:, offset::step]
    cells = rows[:, :, 0::step].copy()
    for offset in range(1, step):
        cells += rows[:, :, offset::step]
    cells *= np.float32(1 / step**2)
    means: Float32Array = cells
    return means


def plate_window(crop: Crop) -> Window:
    """The window of the plate that a crop covers."""
    return window(crop.plate_from_crop, crop.camera.width, crop.plate_width, crop.plate_height)


def window(image_from_map: Float64Array, map_size: int, width: int, height: int) -> Window:
    """The window of an image that a square map covers.

    Args:
        image_from_map: (3, 3) homography between pixel coordinates; its third row gives a positive number for what
            lies before the camera.
        map_size: pixels along each side of the map.
        width: of the image.
        height: of the image.
    """
    left, top, right, bottom = _bounds(image_from_map, map_size, width, height)
    map_from_image = inverse(image_from_map)
    step = _step(map_from_image, left, top, right, bottom)
    columns, rows = -(-(right - left) // step) + 1, -(-(bottom - top) // step) + 1
    x, y = np.meshgrid(left + step * np.arange(columns), top + step * np.arange(rows))
    nodes = np.stack([x, y, np.ones_like(x)], axis=-1) @ map_from_image.T
    before_camera = nodes[..., 2:] > 0
    map_pixels = np.where(before_camera, nodes[..., :2] / np.where(before_camera, nodes[..., 2:], 1.0), _OUTSIDE)
    return Window(left, top, right - left, bottom - top, step, map_size, map_pixels)


def _bounds(image_from_map: Float64Array, map_size: int, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the map's outline within the image."""
    size = float(map_size)
    corners = np.array([[0.0, 0.0, 1.0], [size, 0.0, 1.0], [size, size, 1.0], [0.0, size, 1.0]]) @ image_from_map.T
    if (corners[:, 2] <= 0).all():
        return _CORNER
    if (corners[:, 2] <= 0).any():  # Part of the map lies behind the camera: its outline goes through infinity.
        return 0, 0, width, height
    pixels = corners[:, :2] / corners[:, 2:]
    left, top = np.clip(np.floor(pixels.min(axis=0)), 0, (width, height)).astype(int)
    right, bottom = np.clip(np.ceil(pixels.max(axis=0)), 0, (width, height)).astype(int)
    if right <= left or bottom <= top:
        return _CORNER
    return int(left), int(top), int(right), int(bottom)


def _step(map_from_image: Float64Array, left: int, top: int, right: int, bottom: int) -> int:
    """Image pixels per map pixel, rounded down so that no detail of the map is lost."""
    x, y = (left + right) / 2, (top + bottom) / 2
    around = np.array([[x, y, 1.0], [x + 1, y, 1.0], [x, y + 1, 1.0]]) @ map_from_image.T
    if (around[:, 2] <= 0).any():
        return 1
    pixels = around[:, :2] / around[:, 2:]
    area = abs(float(np.linalg.det(np.stack([pixels[1] - pixels[0], pixels[2] - pixels[0]]))))
    return max(1, int(1 / np.sqrt(max(area, 1e-12))))
