"""The person's own colour in pixels that are part background, so that relit edges carry no fringe of it.

Forte, "Approximate Fast Foreground Colour Estimation" (ICIP 2021): smooth estimates of foreground and background, then
one correction by the compositing equation. The smooth estimates come from a push-pull pyramid here.
"""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float32Array
from ..view.border import smoothstep
from ..view.extension import push_pull
from .window import Band, Window


class Foreground:
    """Smooth foreground and background colours on the nodes of a window."""

    def __init__(self, window: Window, plate_nodes: Float32Array, matte_nodes: Float32Array) -> None:
        """Spread sure colours over unsure ones.

        Args:
            window: where in the plate.
            plate_nodes: (3, rows, columns).
            matte_nodes: (rows, columns).
        """
        self._window = window
        person = push_pull(plate_nodes, smoothstep(0.8, 1.0, matte_nodes))
        background = push_pull(plate_nodes, 1 - smoothstep(0.0, 0.1, matte_nodes))
        self._colours = np.concatenate([person, background]).reshape(6, -1)

    def in_band(self, plate: Float32Array, matte: Float32Array, band: Band) -> Float32Array:
        """Planes of the plate, with the person's colour in place of the mixture along the matte's edge.

        Args:
            plate: (3, rows, columns) of the band.
            matte: (rows, columns).
            band: where.
        """
        edge = np.flatnonzero((matte > 0) & (matte < 0.995))
        result = plate.reshape(3, -1).copy()
        if edge.size:
            colours = self._at(edge, band)
            person, background = colours[:3], colours[3:]
            alpha = matte.reshape(-1)[edge]
            mixture = result[:, edge]
            corrected = person + alpha * (mixture - alpha * person - (1 - alpha) * background)
            # The person's share of the light cannot exceed the pixel's.
            possible = np.clip(corrected, 0, np.maximum(mixture, 0) / alpha)
            result[:, edge] = np.where(mixture >= 0, possible, mixture)
        return result.reshape(plate.shape)

    def _at(self, pixel: NDArray[np.intp], band: Band) -> Float32Array:
        """(6, N) both colours at flat pixels of a band."""
        step, stride = self._window.step, self._window.map_pixels.shape[1]
        row, column = np.divmod(pixel, band.size[1])
        row, column = row + band.rows.start, column + band.columns.start
        index = row // step * stride + column // step
        down = ((row % step + 0.5) / step).astype(np.float32)
        across = ((column % step + 0.5) / step).astype(np.float32)
        colours = self._colours
        upper = colours.take(index, axis=1)
        upper += across * (colours.take(index + 1, axis=1) - upper)
        lower = colours.take(index + stride, axis=1)
        lower += across * (colours.take(index + stride + 1, axis=1) - lower)
        upper += down * (lower - upper)
        mixed: Float32Array = upper
        return mixed
