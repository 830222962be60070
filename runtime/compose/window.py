"""The part of an image that a small square map covers, and a grid of nodes over it to bring the map up from.

Nodes stand every `step` pixels, aligned with the image's pixels. From the map to the nodes goes a homography, sampled
at few points; from the nodes to the pixels goes plain linear interpolation along rows and columns, which is fast.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..crop import Crop, box_reduced, sample_bilinear

_BAND_PIXELS = 60_000
"""Pixels of a band of rows that is worked on at once: its arrays stay in the processor's cache."""
_OUTSIDE = -1e6
"""Map pixel far outside any map."""
_CORNER = (0, 0, 1, 1)
"""Stands for the window of a map that lies outside the image: one pixel that the map does not reach."""


@dataclass(frozen=True)
class Band:
    """Some rows of the window.

    Attributes:
        first_node: row of nodes it starts at.
        last_node: row of nodes it ends at.
        rows: rows of the window.
    """

    first_node: int
    last_node: int
    rows: slice


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
        """Rows and columns of the plate."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def bands(self) -> Iterator[Band]:
        """The window in bands of rows."""
        nodes = max(1, _BAND_PIXELS // max(1, self.width * self.step))
        for first in range(0, -(-self.height // self.step), nodes):
            last = min(first + nodes, -(-self.height // self.step))
            yield Band(first, last, slice(first * self.step, min(last * self.step, self.height)))

    def on_nodes(self, image: Float32Array) -> Float32Array:
        """A map (h, w) or (h, w, C) at the nodes; the map's edge is repeated outside it."""
        factor = max(1, int(self._map_pixels_per_node()))
        return sample_bilinear(box_reduced(image, factor), self.map_pixels / factor)

    def _map_pixels_per_node(self) -> float:
        if min(self.map_pixels.shape[:2]) < 2:
            return 1.0
        across = np.linalg.norm(self.map_pixels[:, 1:] - self.map_pixels[:, :-1], axis=-1)
        return float(np.median(across))

    def averaged_on_nodes(self, image: Float32Array) -> Float32Array:
        """A window image (height, width[, C]) at the nodes: the mean of the four cells around each."""
        cells = _cell_means(image, self.step)
        padded = np.pad(cells, [(1, 1), (1, 1)] + [(0, 0)] * (image.ndim - 2), mode="edge")
        rows = padded[:-1] + padded[1:]
        mean: Float32Array = 0.25 * (rows[:, :-1] + rows[:, 1:])
        return mean

    def enlarged(self, nodes: Float32Array, band: Band) -> Float32Array:
        """A node map (rows + 1, columns + 1, C) at the band's pixels, (band rows, width, C)."""
        wide = self._widened(nodes[band.first_node : band.last_node + 1])
        share = self._shares()[: self.step][None, :, None, None]
        tall = wide[:-1, None] + share * (wide[1:] - wide[:-1])[:, None]
        count = band.rows.stop - band.rows.start
        enlarged: Float32Array = tall.reshape(-1, self.width, nodes.shape[-1])[:count]
        return enlarged

    def _widened(self, nodes: Float32Array) -> Float32Array:
        columns = np.arange(self.width)
        left = columns // self.step
        share = self._shares()[columns % self.step][:, None]
        slope = nodes[:, 1:] - nodes[:, :-1]
        wide: Float32Array = nodes.take(left, axis=1)
        wide += share * slope.take(left, axis=1)
        return wide

    def _shares(self) -> Float32Array:
        """How far between two nodes each pixel's centre is."""
        return ((np.arange(self.step) + 0.5) / self.step).astype(np.float32)


def _cell_means(image: Float32Array, step: int) -> Float32Array:
    """Mean of each step x step cell; the last cells repeat the image's edge."""
    if step == 1:
        return image
    height, width = image.shape[:2]
    pad = [(0, -height % step), (0, -width % step)] + [(0, 0)] * (image.ndim - 2)
    padded = np.pad(image, pad, mode="edge") if pad[0][1] or pad[1][1] else image
    rows = padded.reshape(-1, step, *padded.shape[1:]).sum(axis=1)
    cells = rows.reshape(rows.shape[0], -1, step, *image.shape[2:]).sum(axis=2)
    mean: Float32Array = cells * np.float32(1 / step**2)
    return mean


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
    map_from_image = np.linalg.inv(image_from_map)
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
