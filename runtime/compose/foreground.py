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
            plate_nodes: (rows, columns, 3).
            matte_nodes: (rows, columns).
        """
        self._window = window
        person = push_pull(plate_nodes, smoothstep(0.8, 1.0, matte_nodes))
        background = push_pull(plate_nodes, 1 - smoothstep(0.0, 0.1, matte_nodes))
        self._colours = np.concatenate([person, background], axis=-1).reshape(-1, 6)

    def in_band(self, plate: Float32Array, matte: Float32Array, band: Band) -> Float32Array:
        """(rows, width, 3) the plate, with the person's colour in place of the mixture along the matte's edge."""
        row, column = np.nonzero((matte > 0) & (matte < 0.995))
        result = plate.copy()
        if not row.size:
            return result
        colours = self._at(row + band.rows.start, column)
        person, background = colours[:, :3], colours[:, 3:]
        alpha = matte[row, column][:, None]
        mixture = plate[row, column]
        corrected = person + alpha * (mixture - alpha * person - (1 - alpha) * background)
        # The person's share of the light cannot exceed the pixel's.
        possible = np.clip(corrected, 0, np.maximum(mixture, 0) / alpha)
        result[row, column] = np.where(mixture >= 0, possible, mixture)
        return result

    def _at(self, row: NDArray[np.intp], column: NDArray[np.intp]) -> Float32Array:
        """(N, 6) both colours at pixels of the window."""
        step, stride = self._window.step, self._window.map_pixels.shape[1]
        index = row // step * stride + column // step
        down = ((row % step + 0.5) / step).astype(np.float32)[:, None]
        across = ((column % step + 0.5) / step).astype(np.float32)[:, None]
        colours = self._colours
        upper = colours[index] * (1 - across) + colours[index + 1] * across
        lower = colours[index + stride] * (1 - across) + colours[index + stride + 1] * across
        mixed: Float32Array = upper + down * (lower - upper)
        return mixed
