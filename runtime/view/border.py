"""The crop's border: the person goes on beyond it, the network's knowledge does not."""

import numpy as np

from ..arrays import AnyFloatArray, Float32Array, Float64Array
from ..crop import Crop, transform_pixels

FADED_BORDER = 0.08
"""Share of the crop's width, along each side, over which the matte fades to zero.

Shoulders and chest cross the border; relit up to it they would end in a hard edge. The fade turns that edge into a
soft passage from the relit person to the plate.
"""
PLATE_MARGIN = 1.5
"""Pixels of the crop: a plate that goes on no farther than this beyond a side of the crop ends there."""
_PLACES = 129
"""Along each side at which it is asked whether the plate goes on."""


def smoothstep(low: float, high: float, values: Float32Array) -> Float32Array:
    """0 below `low`, 1 above `high`, 3t² − 2t³ between."""
    t = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    eased: Float32Array = (t * t * (3 - 2 * t)).astype(np.float32, copy=False)
    return eased


def smooth_share(low: float, high: float, value: float) -> float:
    """The same of one number."""
    return float(smoothstep(low, high, np.array([value], np.float32))[0])


def central_weight(size: int) -> Float32Array:
    """(size, size) 1 inside, 0 along the crop's border: how much a pixel of the crop tells about the person."""
    to_edge = np.minimum(np.arange(size) + 0.5, size - np.arange(size) - 0.5).astype(np.float32)
    along = smoothstep(0.0, FADED_BORDER * size, to_edge)
    weight: Float32Array = along[:, None] * along[None, :]
    return weight


class CropBorder:
    """The sides of a crop, as far as the plate goes on beyond them: where the plate ends there is no edge to soften."""

    def __init__(self, crop: Crop) -> None:
        self._size = size = crop.camera.width
        corners = np.array([[0.0, 0.0], [size, 0.0], [size, size], [0.0, size]])
        self._sides: list[tuple[Float64Array, Float64Array]] = []
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            inside = _part_in_plate(start, end, crop)
            if inside is not None:
                self._sides.append((start + inside[0] * (end - start), start + inside[1] * (end - start)))

    def fade_at(self, pixels: AnyFloatArray) -> Float32Array:
        """(...) factor for the matte at crop pixels (..., 2): 1 inside, 0 along these sides and outside the crop."""
        return self._fade(pixels[..., 0].astype(np.float32), pixels[..., 1].astype(np.float32))

    def fade(self) -> Float32Array:
        """(size, size) the same factor at the centres of the crop's pixels."""
        centres = np.arange(self._size, dtype=np.float32) + np.float32(0.5)
        return self._fade(centres[None, :], centres[:, None])

    def _fade(self, x: Float32Array, y: Float32Array) -> Float32Array:
        size = np.float32(self._size)
        fade = (((x >= 0) & (x <= size)) & ((y >= 0) & (y <= size))).astype(np.float32)
        for start, end in self._sides:
            # Sides lie along the axes: next to a whole one the distance is that to its line.
            distances = [
                np.maximum(np.maximum(np.float32(min(a, b)) - value, value - np.float32(max(a, b))), 0)
                for value, a, b in zip((x, y), start, end, strict=True)
                if abs(b - a) < size
            ]
            distance = distances[0] if len(distances) == 1 else np.hypot(*distances)
            fade *= smoothstep(0.0, FADED_BORDER * self._size, distance)
        return fade


def _part_in_plate(start: Float64Array, end: Float64Array, crop: Crop) -> tuple[float, float] | None:
    """First and last share of a line in the crop at which the plate goes on; None where it does nowhere.

    A homography takes lines to lines and the plate is convex, so it is one stretch of the line.
    """
    share = np.linspace(0.0, 1.0, _PLACES)
    pixels = transform_pixels(crop.plate_from_crop, start + share[:, None] * (end - start))
    plate_per_crop_pixel = float(np.linalg.norm(pixels[-1] - pixels[0])) / crop.camera.width
    margin = PLATE_MARGIN * plate_per_crop_pixel
    limits = np.array([crop.plate_width, crop.plate_height]) - margin
    inside = np.flatnonzero(((pixels >= margin) & (pixels <= limits)).all(axis=1))
    return (float(share[inside[0]]), float(share[inside[-1]])) if inside.size else None
