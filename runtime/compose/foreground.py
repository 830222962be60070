"""The person's own colour and share in pixels that are part background, so that relit edges carry no fringe of it.

Forte, "Approximate Fast Foreground Colour Estimation" (ICIP 2021): smooth estimates of foreground and background, then
one correction by the compositing equation. The smooth estimates come from a push-pull pyramid here.
"""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float32Array
from ..view.border import smoothstep
from ..view.extension import push_pull
from .window import Band, Window

_DECISIVE_CONTRAST = (0.01, 0.06)
"""Squared difference of person and background, relative to their size, from which colour tells them apart."""
_BACKGROUND_PLACE = (0.1, 0.45)
"""From background (0) to person (1): below the first a pixel is background, above the second the matte stands."""
_NEARLY_SURE = (0.6, 0.9)
"""Matte between which the colour's say fades out."""


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

    def in_band(
        self, plate: Float32Array, matte: Float32Array, band: Band, *, sure: bool = False
    ) -> tuple[Float32Array, Float32Array]:
        """Separate person and background along the matte's edge.

        Args:
            plate: (3, rows, columns) of the band.
            matte: (rows, columns).
            band: where.
            sure: whether the matte stands whatever the pixels look like.

        Returns:
            Planes (3, rows, columns) of the plate with the person's colour in place of the mixture, and the matte
            (rows, columns) without pixels that look like the background.
        """
        edge = np.flatnonzero((matte > 0) & (matte < 0.995))
        colour, share = plate.reshape(3, -1).copy(), matte.reshape(-1).copy()
        if edge.size:
            nearby = self._at(edge, band)
            person, background, mixture = nearby[:3], nearby[3:], colour[:, edge]
            alpha = share[edge] if sure else _cleared(share[edge], _likeness(mixture, person, background))
            corrected = person + alpha * (mixture - alpha * person - (1 - alpha) * background)
            # The person's share of the light cannot exceed the pixel's.
            possible = np.clip(corrected, 0, np.maximum(mixture, 0) / np.maximum(alpha, np.float32(1e-6)))
            colour[:, edge] = np.where(mixture >= 0, possible, mixture)
            share[edge] = alpha
        return colour.reshape(plate.shape), share.reshape(matte.shape)

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


def _cleared(matte: Float32Array, likeness: Float32Array) -> Float32Array:
    """(N,) the matte without the background's pixels; a matte that is nearly sure stands whatever the colour."""
    cleared: Float32Array = matte * (1 - likeness * (1 - smoothstep(*_NEARLY_SURE, matte)))
    return cleared


def _likeness(mixture: Float32Array, person: Float32Array, background: Float32Array) -> Float32Array:
    """(N,) 1 for a pixel of the background's colour, 0 for one of the person's, or where the two are alike.

    Colours (3, N) are compared as square roots. The pixel's place on the line from background to person is the
    matte's estimate of blue-screen matting (Smith and Blinn 1996, section 3); as the person is textured it only
    ever decides that a pixel is background.
    """
    coded = [np.sqrt(np.maximum(colour, 0)) for colour in (mixture, person, background)]
    towards_person = coded[1] - coded[2]
    contrast: Float32Array = (towards_person**2).sum(axis=0)
    place = ((coded[0] - coded[2]) * towards_person).sum(axis=0) / np.maximum(contrast, np.float32(1e-6))
    size = (coded[1] ** 2 + coded[2] ** 2).sum(axis=0)
    decided = smoothstep(*_DECISIVE_CONTRAST, contrast / np.maximum(size, np.float32(1e-6)))
    likeness: Float32Array = decided * (1 - smoothstep(*_BACKGROUND_PLACE, place))
    return likeness
