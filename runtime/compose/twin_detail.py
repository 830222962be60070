"""The plate's texture on what is painted from the head's other side: maps are as fine as the crop, plates are finer."""

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from ..gbuffer import Twin
from ..view.border import smoothstep
from .delight import DelitPlate
from .plate_mapping import plate_mapping
from .projection import ProjectedPlate, project_plate

SMOOTH = 2.0
"""Pixels of the crop over which the plate is averaged to tell its texture from what the maps hold already."""
LARGEST = 2.0
"""Most by which texture changes a colour: more is an edge that lies elsewhere in the maps."""
INSIDE = (0.95, 1.0)
"""Mean matte around a twin up to which some of the background is in the means there, and from which there is none."""
LEAST_ALBEDO = np.float32(0.005)


def is_finer(plate: ProjectedPlate, twin: Twin) -> bool:
    """Whether a plate, as it is projected, shows more than the maps that were mirrored."""
    return plate.reduction < int(SMOOTH * twin.plate_pixels_per_pixel)


class TwinDetail:
    """What of the plate is finer than its means, looked up at twins.

    Attributes:
        planes: (3, h, w) on the view's pixels, to be handed back to `factor` between them.
    """

    def __init__(
        self, delit: DelitPlate, plate: ProjectedPlate, twin: Twin, view_in_render: Float64Array, in_front: BoolArray
    ) -> None:
        """Prepare for a view.

        Args:
            delit: the plate.
            plate: as it is projected.
            twin: of the view.
            view_in_render: (h, w, 2) render pixels of the view's.
            in_front: (h, w) whether these lie before the camera.
        """
        known = np.isfinite(twin.plate_pixels[..., 0]) & in_front
        self._mapping = plate_mapping(twin.plate_pixels, known, view_in_render)
        self._sharp = plate
        self._smooth = project_plate(delit, SMOOTH * twin.plate_pixels_per_pixel, with_own=False)
        left_over = self._mapping.left_over(twin.plate_pixels, known, view_in_render)
        self.planes = np.concatenate([left_over, np.where(known, twin.share, np.float32(0))[None]])

    def factor(self, render_pixels: Float64Array, planes: Float32Array) -> Float32Array:
        """(3, N) on painted colours at render pixels (N, 2) with these planes (3, N); 1 where there is no twin."""
        result = np.ones((3, len(render_pixels)), np.float32)
        used = np.flatnonzero(planes[2] > 0)
        if used.size:
            result[:, used] = self._texture(render_pixels[used], planes[:, used])
        return result

    def _texture(self, render_pixels: Float64Array, planes: Float32Array) -> Float32Array:
        place = self._mapping.at(render_pixels) + planes[:2].T
        sharp, smooth = self._sharp.at(place), self._smooth.at(place)
        ratio = np.maximum(sharp.of(self._sharp.brightest_albedo), LEAST_ALBEDO)
        ratio /= np.maximum(smooth.of(self._smooth.brightest_albedo), LEAST_ALBEDO)
        share = planes[2] * smoothstep(*INSIDE, smooth.of(self._smooth.matte)) * ~(sharp.outside | smooth.outside)
        limit = np.float32(np.log(LARGEST))
        detail: Float32Array = np.exp(share * np.clip(np.log(ratio), -limit, limit))
        return detail
