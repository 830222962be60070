"""Maps of the surface on a window's nodes, brought up to pixels without mixing the two sides of an edge of depth."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array
from ..camera import Camera
from ..view.heightfield import largest_step
from .edge_aware import edge_aware_samples
from .window import Band, Window


@dataclass(frozen=True)
class NodeMaps:
    """Maps on the nodes of a window.

    Attributes:
        window: the nodes.
        maps: (C, rows, columns); zero where nothing is present.
        present: (rows, columns) whether there is a surface.
        share: (rows, columns) 0..1 how much of the map's pixels around the node show a surface.
        depth: (rows, columns) metres, by which the sides of an edge are told apart.
        front: (rows, columns) 0..1 share of the nearer side around a node on an edge; NaN elsewhere.
        largest_step: metres between neighbouring nodes on one surface.
    """

    window: Window
    maps: Float32Array
    present: BoolArray
    share: Float32Array
    depth: Float32Array
    front: Float32Array
    largest_step: float

    def in_band(self, band: Band) -> Float32Array:
        """(C, rows, columns) at a band's pixels."""
        result = self.window.enlarged(self.maps, band)
        row, column = self._torn_pixels(band)
        if row.size:
            in_window = np.stack([column + band.columns.start, row + band.rows.start], axis=-1)
            node_pixels = (in_window + 0.5) / self.window.step + 0.5
            samples = edge_aware_samples(self.depth, self.present, node_pixels, self.largest_step, self.front)
            result[:, row, column] = samples.of(self.maps)
        return result

    def _torn_pixels(self, band: Band) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns (of the band) of the pixels in cells that span an edge or lack a corner."""
        cell_row, cell_column = np.nonzero(self._torn_cells[band.node_rows, band.node_columns][:-1, :-1])
        step = self.window.step
        inner_row, inner_column = np.divmod(np.arange(step * step), step)
        row = (cell_row[:, None] * step + inner_row).ravel()
        column = (cell_column[:, None] * step + inner_column).ravel()
        height, width = band.size
        inside = (row < height) & (column < width)
        return row[inside], column[inside]

    @cached_property
    def _torn_cells(self) -> BoolArray:
        """(rows, columns) of cells, by their top-left node; the last row and column hold none."""
        near = np.minimum.reduce(_corners(np.where(self.present, self.depth, np.inf)))
        far = np.maximum.reduce(_corners(np.where(self.present, self.depth, -np.inf)))
        corners = np.add.reduce(_corners(self.present.astype(np.int8)))
        torn = np.zeros(self.present.shape, np.bool_)
        torn[:-1, :-1] = (corners > 0) & ((corners < 4) | (far - near > self.largest_step))
        return torn


def _corners(nodes: NDArray[np.generic]) -> list[NDArray[np.generic]]:
    """The four corners of each cell."""
    return [nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, :-1], nodes[1:, 1:]]


def node_maps(  # noqa: PLR0917 - the nodes, and what is known of the pixels they are between
    window: Window,
    camera: Camera,
    depth: Float32Array,
    present: BoolArray,
    maps: Float32Array,
    front: Float32Array | None = None,
) -> NodeMaps:
    """Carry planes (C, h, w) of a camera to a window's nodes.

    Args:
        window: made for this camera's pixels.
        camera: whose maps they are.
        depth: (h, w) metres.
        present: (h, w) whether a pixel shows a surface.
        maps: (C, h, w).
        front: (h, w) see `GBuffer.front`.
    """
    rows, columns = window.map_pixels.shape[:2]
    step = largest_step(camera, depth, present)
    samples = edge_aware_samples(depth, present, window.map_pixels.reshape(-1, 2), step, front)
    share = samples.share.reshape(rows, columns)
    return NodeMaps(
        window=window,
        maps=samples.of(maps).reshape(-1, rows, columns),
        present=share > 0,
        share=share,
        depth=samples.of(depth[None]).reshape(rows, columns),
        front=samples.front.reshape(rows, columns),
        largest_step=step,
    )
