"""Interpolation that never mixes the two sides of an edge of depth, and never reads what is not there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import AnyFloatArray, BoolArray, Float32Array


@dataclass(frozen=True)
class EdgeAwareSamples:
    """Bilinear samples whose weights leave out the neighbours on the far side of an edge.

    Attributes:
        index: (4, N) flat indices of the neighbours.
        weight: (4, N) their weights; they add up to one, or to zero where no neighbour is there.
        share: (N,) 0..1 how much of the plain bilinear weight lies on neighbours that are there.
        front: (N,) 0..1 how much of the nearer side there is at a sample on an edge of depth; NaN elsewhere.
    """

    index: NDArray[np.intp]
    weight: Float32Array
    share: Float32Array
    front: Float32Array

    def of(self, image: Float32Array) -> Float32Array:
        """Sample planes (C, h, w): (C, N)."""
        flat = image.reshape(image.shape[0], -1)
        result: Float32Array = flat.take(self.index[0], axis=1)
        result *= self.weight[0]
        for corner in (1, 2, 3):
            result += flat.take(self.index[corner], axis=1) * self.weight[corner]
        return result


def edge_aware_samples(
    depth: Float32Array,
    present: BoolArray,
    pixels: AnyFloatArray,
    largest_step: float,
    front: Float32Array | None = None,
) -> EdgeAwareSamples:
    """Choose neighbours and weights.

    Where the four neighbours of a sample are further apart in depth than `largest_step`, they fall into a front and a
    back group, and the sample belongs to the group with more of the bilinear weight, or, where it is known how much of
    each pixel is the front's, with more of that: the edge between the groups then runs smoothly between pixels, in
    place of stairs.

    Args:
        depth: (h, w) metres.
        present: (h, w) whether there is anything at a pixel.
        pixels: (N, 2) coordinates; beyond the image nothing is present.
        largest_step: metres between neighbours on one surface.
        front: (h, w) 0..1 how much of a pixel is the front's; NaN where it is all or nothing, or front is None.
    """
    height, width = depth.shape
    x, y = pixels[..., 0] - 0.5, pixels[..., 1] - 0.5
    outside = ~((x > -1) & (x < width) & (y > -1) & (y < height))
    x, y = np.where(outside, 0.0, x), np.where(outside, 0.0, y)
    column, row = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    across, down = (x - column).astype(np.float32), (y - row).astype(np.float32)
    columns = np.stack([column, column + 1, column, column + 1])
    rows = np.stack([row, row, row + 1, row + 1])
    weight = np.stack([(1 - across) * (1 - down), across * (1 - down), (1 - across) * down, across * down])
    weight *= (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height) & ~outside
    index = np.clip(rows, 0, height - 1) * width + np.clip(columns, 0, width - 1)
    weight *= present.reshape(-1)[index]
    share = weight.sum(axis=0)
    in_front = _leave_out_other_side(weight, depth.reshape(-1), index, largest_step, front)
    weight /= np.maximum(weight.sum(axis=0), np.float32(1e-9))
    return EdgeAwareSamples(index, weight, share, in_front)


def _leave_out_other_side(
    weight: Float32Array,
    depth: Float32Array,
    index: NDArray[np.intp],
    largest_step: float,
    front: Float32Array | None,
) -> Float32Array:
    """Zero the weights of the group of neighbours that a sample does not belong to; gives `EdgeAwareSamples.front`."""
    in_front = np.full(weight.shape[1], np.nan, np.float32)
    near, far = _depth_range(depth[index], weight > 0)
    torn = np.flatnonzero(far - near > largest_step)
    if not torn.size:
        return in_front
    corners = index[:, torn]
    is_front = depth[corners] < 0.5 * (near[torn] + far[torn])
    shares = is_front.astype(np.float32)
    if front is not None:
        known = front.reshape(-1)[corners]
        shares = np.where(np.isnan(known), shares, known)
    here = weight[:, torn]
    in_front[torn] = (here * shares).sum(axis=0) / here.sum(axis=0)
    weight[:, torn] = here * (is_front == (in_front[torn] >= 0.5))
    return in_front


def _depth_range(depth: Float32Array, there: BoolArray) -> tuple[Float32Array, Float32Array]:
    near: Float32Array = np.where(there, depth, np.inf).min(axis=0)
    far: Float32Array = np.where(there, depth, -np.inf).max(axis=0)
    return near, far
