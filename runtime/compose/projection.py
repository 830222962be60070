"""Project the delit plate onto the surface as another camera sees it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import AnyFloatArray, Float32Array
from .delight import LARGEST_ALBEDO, DelitPlate
from .planes import largest_channel
from .window import cell_means


@dataclass(frozen=True)
class ProjectedPlate:
    """The delit plate, made as coarse as the render needs it, ready to be sampled.

    Attributes:
        left: plate column of the arrays' left edge.
        top: plate row of their top edge.
        reduction: plate pixels per pixel of the arrays.
        brightest_albedo: (3, h, w) albedo times shading gain.
        matte: (h, w).
        fill: (h, w), or None where it is zero everywhere.
        specular_ratio: (h, w), or None where it is one everywhere.
        cornea: (h, w) how far each pixel shows a cornea, or None where no eye is told.
        own: (3, h, w) the person under the plate's own light, or None when it is not needed.
    """

    left: int
    top: int
    reduction: int
    brightest_albedo: Float32Array
    matte: Float32Array
    fill: Float32Array | None
    specular_ratio: Float32Array | None
    cornea: Float32Array | None
    own: Float32Array | None

    def at(self, plate_pixels: AnyFloatArray) -> "PlateSamples":
        """Where plate pixels (N, 2) lie in the arrays."""
        height, width = self.matte.shape
        x = (plate_pixels[:, 0] - self.left) / self.reduction - 0.5
        y = (plate_pixels[:, 1] - self.top) / self.reduction - 0.5
        outside = ~((x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5))
        x = np.clip(np.where(outside, 0.0, x), 0, width - 1).astype(np.float32)
        y = np.clip(np.where(outside, 0.0, y), 0, height - 1).astype(np.float32)
        column, row = (
            np.minimum(x.astype(np.int32), max(width - 2, 0)),
            np.minimum(y.astype(np.int32), max(height - 2, 0)),
        )
        right, down = np.int32(min(1, width - 1)), np.int32(min(1, height - 1) * width)
        return PlateSamples(row * np.int32(width) + column, right, down, x - column, y - row, outside)


@dataclass(frozen=True)
class PlateSamples:
    """Bilinear samples of plate arrays (N of them).

    Attributes:
        index: (N,) flat index of the top-left neighbour.
        right: step to the right neighbour.
        down: step to the lower neighbour.
        across: (N,) share of the right neighbours.
        along: (N,) share of the lower neighbours.
        outside: (N,) whether the sample lies outside the arrays.
    """

    index: NDArray[np.int32]
    right: np.int32
    down: np.int32
    across: Float32Array
    along: Float32Array
    outside: NDArray[np.bool_]

    def chosen(self, which: NDArray[np.bool_]) -> "PlateSamples":
        """Some of the samples."""
        return PlateSamples(
            self.index[which],
            self.right,
            self.down,
            self.across[which],
            self.along[which],
            self.outside[which],
        )

    def of(self, image: Float32Array) -> Float32Array:
        """Sample (h, w) or planes (C, h, w): (N,) or (C, N)."""
        flat = image.reshape(*image.shape[:-2], -1)
        upper = self._row(flat, self.index)
        lower = self._row(flat, self.index + self.down)
        lower -= upper
        lower *= self.along
        upper += lower
        return upper

    def _row(self, flat: Float32Array, index: NDArray[np.int32]) -> Float32Array:
        left: Float32Array = flat.take(index, axis=-1)
        right = flat.take(index + self.right, axis=-1)
        right -= left
        right *= self.across
        left += right
        return left


def project_plate(delit: DelitPlate, plate_pixels_per_pixel: float, *, with_own: bool) -> ProjectedPlate:
    """Prepare the plate for a render.

    Args:
        delit: the plate.
        plate_pixels_per_pixel: how much coarser the render is than the plate; whole multiples are averaged, so that
            the render does not alias.
        with_own: whether the plate's own light stays in part.
    """
    factor = max(1, int(plate_pixels_per_pixel))
    gain = delit.shading_gain
    brightest = delit.albedo * gain if bool((gain > 1).any()) else delit.albedo
    there = delit.matte > 0
    filled = bool((delit.shading_fill[there] > 0).any())
    held_back = bool((delit.specular_ratio[there] < 1).any())
    return ProjectedPlate(
        left=delit.window.left,
        top=delit.window.top,
        reduction=factor,
        brightest_albedo=cell_means(brightest, factor),
        matte=cell_means(delit.matte[None], factor)[0],
        fill=cell_means(delit.shading_fill[None], factor)[0] if filled else None,
        specular_ratio=cell_means(delit.specular_ratio[None], factor)[0] if held_back else None,
        cornea=cell_means(_corneas(delit)[None], factor)[0] if delit.eyes else None,
        own=cell_means(_own_look(delit), factor) if with_own else None,
    )


def _corneas(delit: DelitPlate) -> Float32Array:
    """(h, w) 0..1 of all eyes."""
    cornea = np.zeros_like(delit.matte)
    for eye in delit.eyes:
        np.maximum(cornea[eye.pixels], eye.cornea, out=cornea[eye.pixels])
    return cornea


def _own_look(delit: DelitPlate) -> Float32Array:
    """(3, h, w) the person as the plate shows them."""
    everything = slice(None), slice(None)
    look: Float32Array = delit.albedo * delit.whole_shading(everything) + delit.own_specular
    return look


def albedo_and_gain(brightest_albedo: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Split albedo times gain (3, N) as delight did: albedo (3, N) at most LARGEST_ALBEDO, gain (N,)."""
    gain = np.maximum(largest_channel(brightest_albedo) * np.float32(1 / LARGEST_ALBEDO), 1)
    return brightest_albedo / gain, gain
