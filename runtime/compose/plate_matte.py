"""The matte at the plate's resolution: the network's small matte, its edge drawn along the plate's hair."""

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..crop import Crop
from ..view.border import CropBorder, smoothstep
from .guided_filter import GuidedCoefficients, guide_statistics, guided_coefficients
from .window import Band, Window

MATTE_RADIUS = 4
"""Nodes: how far hair may reach beyond the network's matte."""
MATTE_EPSILON = 1e-3
"""Variance of the plate's brightness and colour that is noise, not an edge."""
_LEAST, _MOST = 0.04, 0.96
"""What the guided filter leaves of pure background and pure person; stretched to 0 and 1."""
_UNDECIDED = (0.1, 0.9)
"""After the first fit the matte is pushed apart between these and fitted again: where the network was unsure over a
broad band, the first fit finds the edge in the plate, and the second clears what is left on the wrong side."""


class PlateMatte:
    """The guided matte of a window, evaluated band by band."""

    def __init__(
        self, window: Window, plate_nodes: Float32Array, matte: Float32Array, crop: Crop, brightness: float
    ) -> None:
        """Fit the matte to the plate's colours (colour guide: He et al. 2010, section 3.5).

        Args:
            window: where in the plate.
            plate_nodes: (3, rows, columns) plate at the nodes.
            matte: (h, w) of the crop.
            crop: where that lies in the plate.
            brightness: luminance of the person in the plate.
        """
        self._window = window
        self._scale = np.float32(1 / brightness)
        nodes = window.on_nodes(matte[None])[0]
        fade = CropBorder(crop).fade_at(window.map_pixels)
        limit = fade * smoothstep(0.0, 0.1, _largest_around(nodes, MATTE_RADIUS // 2))
        statistics = guide_statistics(self._coded(plate_nodes), radius=MATTE_RADIUS, epsilon=MATTE_EPSILON)
        coefficients = guided_coefficients(statistics, nodes[None])
        decided = smoothstep(*_UNDECIDED, _applied(coefficients, statistics.guide))
        coefficients = guided_coefficients(statistics, decided[None])
        self.nodes = np.clip(_applied(coefficients, statistics.guide), 0, 1)
        self._maps = np.concatenate([coefficients.slope[0], coefficients.offset, limit[None]])

    @property
    def reach(self) -> BoolArray:
        """(rows, columns) nodes around which the matte may be above zero."""
        there: BoolArray = self._maps[4] > 0
        return there

    def _coded(self, plate: Float32Array) -> Float32Array:
        """Square root of the plate relative to the person's brightness: steps that look alike are alike."""
        coded: Float32Array = np.clip(plate * self._scale, 0, 4)
        return np.sqrt(coded, out=coded)

    def in_band(self, plate: Float32Array, band: Band) -> tuple[Float32Array, Float32Array]:
        """The matte for a band's pixels (3, rows, columns), and what it is to be multiplied by in the end.

        Returns:
            (rows, columns) matte, exactly 0 and 1 away from its edge; (rows, columns) limit, which fades to 0 at the
            crop's border and away from the network's matte, and says nothing about what a pixel shows.
        """
        maps = self._window.enlarged(self._maps, band)
        coded = self._coded(plate)
        matte: Float32Array = maps[3]
        for channel in range(3):
            matte += maps[channel] * coded[channel]
        matte -= np.float32(_LEAST)
        matte *= np.float32(1 / (_MOST - _LEAST))
        np.clip(matte, 0, 1, out=matte)
        return matte, maps[4]


def _applied(coefficients: GuidedCoefficients, guide: Float32Array) -> Float32Array:
    """(rows, columns) the fitted matte at the nodes."""
    matte: Float32Array = (coefficients.slope[0] * guide).sum(axis=0) + coefficients.offset[0]
    return matte


def _largest_around(image: Float32Array, radius: int) -> Float32Array:
    """Maximum over the square around each pixel."""
    padded = np.pad(image, radius, mode="edge")
    height, width = image.shape
    rows = np.maximum.reduce([padded[offset : offset + height] for offset in range(2 * radius + 1)])
    largest: Float32Array = np.maximum.reduce([rows[:, offset : offset + width] for offset in range(2 * radius + 1)])
    return largest
