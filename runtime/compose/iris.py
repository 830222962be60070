"""The iris in an open eye: the disc of its size that is darkest against what is around it."""

from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array, Float64Array
from ..view.border import smooth_share
from .planes import luminance
from .window import cell_means

SURELY_EYE = 0.7
"""Coverage from which on a pixel is an eye's for sure."""
AROUND_IRIS = 1.4
"""Radii of the iris up to which the white around it counts."""
BRIGHT = 0.8
"""Quantile of an eye's brightness that stands for its white."""
CONTRAST = (0.1, 0.2)
"""Darkness, 0 to 1, by which an iris exceeds what is around it in the eye."""
SEEN = (0.3, 0.45)
"""Of an iris' disc, that lids leave to be seen."""
SEARCHED_RADIUS = 4.0
"""Pixels of an iris' radius with which it is looked for, up to twice as many."""
NEARLY = 0.95
"""Of the best place's score, from which on a place near it counts."""


@dataclass(frozen=True)
class Iris:
    """Middle (2,) column and row of an iris, a pixel's centre being at 0.5, and how sure it is, 0..1."""

    middle: Float64Array
    sureness: float


def found_iris(person: Float32Array, coverage: Float32Array, radius: Float64Array) -> Iris | None:
    """The disc in an eye that is darkest against what is around it.

    Args:
        person: (3, h, w) scene-linear.
        coverage: (h, w) 0..1 of the open eye.
        radius: (2,) pixels across and down, which differ where pixels are not square.

    Returns:
        None where nothing is dark.
    """
    reduction = max(1, int(radius.min() / SEARCHED_RADIUS))
    small = cell_means(np.concatenate([person, coverage[None]]), reduction)
    coverage, radius = small[3], radius / reduction
    brightness = np.sqrt(np.maximum(luminance(small[:3]), 0))
    if not (coverage > SURELY_EYE).any():
        return None
    darkness = np.clip(1 - brightness / np.float32(max(white_of(brightness, coverage), 1e-6)), 0, 1)
    within = _DiscSums((coverage.shape[0], coverage.shape[1]), radius)
    dark, there = within(darkness * coverage), within(coverage)
    area = there[0] / within.area
    contrast = dark[0] / np.maximum(there[0], 0.05 * within.area) - dark[1] / np.maximum(there[1], 0.05 * within.area)
    # Where lids hide more of the disc it says less.
    score = np.where(area >= SEEN[0], contrast * np.sqrt(np.clip(area, 0, 1)), 0)
    row, column = np.unravel_index(int(np.argmax(score)), score.shape)
    sureness = smooth_share(*CONTRAST, float(contrast[row, column])) * smooth_share(*SEEN, float(area[row, column]))
    if sureness <= 0:
        return None
    # The mean over what is nearly as good is finer than a pixel.
    rows, columns = np.indices(score.shape)
    weight = np.maximum(score - NEARLY * score[row, column], 0)
    weight *= np.hypot(rows - row, columns - column) < 0.3 * radius.min() + 1
    middle = np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum() + 0.5
    return Iris(middle * reduction, sureness)


def white_of(values: Float32Array, coverage: Float32Array) -> float:
    """What stands for the white of an eye, of values (h, w) under its coverage (h, w)."""
    return float(np.quantile(values[coverage > SURELY_EYE], BRIGHT))


class _DiscSums:
    """Sums of images (h, w) over a disc around each pixel, and over the ring around it; radius (2,) across, down."""

    def __init__(self, shape: tuple[int, int], radius: Float64Array) -> None:
        height, width = shape
        self._shape, self._size = shape, (2 * height, 2 * width)  # twice as large, so that edges do not meet
        y, x = (np.fft.fftfreq(length, 1 / length) for length in self._size)
        distance, edge = np.hypot(y[:, None] / radius[1], x[None] / radius[0]), radius.mean()
        inside = np.clip((1 - distance) * edge + 0.5, 0, 1)
        ring = np.clip((AROUND_IRIS - distance) * edge + 0.5, 0, 1) - inside
        self._discs, self.area = np.fft.rfft2(np.stack([inside, ring])), float(inside.sum())

    def __call__(self, image: Float32Array) -> Float64Array:
        """(2, h, w) over disc and ring."""
        sums: Float64Array = np.fft.irfft2(np.fft.rfft2(image, self._size) * self._discs, self._size)
        return sums[:, : self._shape[0], : self._shape[1]]
