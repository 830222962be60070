"""The field's surface at twice the pixels it was marched at.

A field is as fine as the texels of its planes, four pixels of a view. Marched at every pixel it costs four times as
much and says nothing more.
"""

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array
from ..scattered import scattered
from .render import FieldView, beside

_NAMES = ("depth", "crop_points", "albedo", "normal", "transport", "roughness")
_NEAR, _FAR = np.float32(0.75), np.float32(0.25)
"""Shares of the nearer and the farther of two neighbours in a pixel half their size."""


def enlarged(found: FieldView, largest_step: float) -> FieldView:
    """Twice as many pixels each way: linear along the surface, never across an edge of depth.

    Args:
        found: (h, w).
        largest_step: metres of depth between neighbours beyond which they lie on two surfaces.

    Returns:
        (2h, 2w); the cover falls off linearly, the maps go on to where it ends.
    """
    height, width = found.alpha.shape
    pixel = np.flatnonzero(_doubled(beside(found.alpha > 0)))
    taps, shares = _neighbours(pixel, height, width)
    alpha = found.alpha.reshape(-1)[taps]
    depth = found.depth.reshape(-1)[taps]
    cover = (alpha * shares).sum(axis=0)
    there = alpha > 0
    # The nearest neighbour that has a surface says which one is meant.
    own = np.take_along_axis(depth, there.argmax(axis=0)[None], axis=0)
    shares = shares * (there & (np.abs(depth - own) <= np.float32(largest_step)))
    shares /= np.maximum(shares.sum(axis=0), np.float32(1e-6))
    return FieldView(
        alpha=scattered(cover, pixel, (2 * height, 2 * width)),
        **{name: _mixed(getattr(found, name), taps, shares, pixel) for name in _NAMES},
    )


def _doubled(mask: BoolArray) -> BoolArray:
    doubled: BoolArray = np.repeat(np.repeat(mask, 2, axis=0), 2, axis=1)
    return doubled


def _neighbours(pixel: NDArray[np.intp], height: int, width: int) -> tuple[NDArray[np.intp], Float32Array]:
    """(4, N) flat pixels of (height, width) around each fine pixel, the nearest first, and their shares (4, N)."""
    row, column = np.divmod(pixel, 2 * width)
    near_row, near_column = row // 2, column // 2
    far_row = np.clip(near_row + 2 * (row % 2) - 1, 0, height - 1)
    far_column = np.clip(near_column + 2 * (column % 2) - 1, 0, width - 1)
    rows, columns = (near_row, near_row, far_row, far_row), (near_column, far_column, near_column, far_column)
    taps = np.stack([r * width + c for r, c in zip(rows, columns, strict=True)])
    shares = np.array([_NEAR * _NEAR, _NEAR * _FAR, _FAR * _NEAR, _FAR * _FAR], np.float32)
    return taps, np.repeat(shares[:, None], pixel.size, axis=1)


def _mixed(values: Float32Array, taps: NDArray[np.intp], shares: Float32Array, pixel: NDArray[np.intp]) -> Float32Array:
    """(h, w) or (h, w, C) brought up."""
    height, width = values.shape[:2]
    flat = values.reshape(height * width, -1)
    mixed = flat[taps[0]] * shares[0][:, None]
    for tap, share in zip(taps[1:], shares[1:], strict=True):
        mixed += flat[tap] * share[:, None]
    return scattered(mixed.reshape(-1, *values.shape[2:]), pixel, (2 * height, 2 * width))
