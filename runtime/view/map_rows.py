"""All maps of an encoding side by side, pixel by pixel, so that places in the crop are looked up in one go."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float32Array
from ..encoding import Encoding, per_encoding
from .heightfield import heightfield

MATTE, ALBEDO, NORMAL, TRANSPORT, ROUGHNESS, SPECULAR = 0, slice(1, 4), slice(4, 7), slice(7, 16), 16, 17
"""Where each map stands in a row."""
_CHANNELS = 18


def map_rows_at(encoding: Encoding, crop_pixels: Float32Array) -> Float32Array:
    """(N, 18) all maps at places (N, 2) in the crop, between pixels.

    All but the matte come from inside the matte, so a soft edge carries the head's values and not the background's.
    """
    return _bilinear_rows(_rows(encoding), encoding.crop.camera.width, crop_pixels)


@per_encoding
def _rows(encoding: Encoding) -> Float32Array:
    """(n · n, 18) the maps of each pixel."""
    field = heightfield(encoding)
    count = field.size * field.size
    maps = np.empty((count, _CHANNELS), np.float32)
    maps[:, ALBEDO] = encoding.albedo.reshape(count, 3)
    maps[:, NORMAL] = encoding.normal.reshape(count, 3)
    maps[:, TRANSPORT] = encoding.transport.reshape(count, 9)
    maps[:, ROUGHNESS] = encoding.roughness.reshape(-1)
    maps[:, SPECULAR] = encoding.specular.reshape(-1)
    outside = np.flatnonzero(field.source != np.arange(count))
    maps[outside] = maps[field.source[outside]]
    maps[:, MATTE] = field.matte.reshape(-1)
    return maps


def _bilinear_rows(rows: Float32Array, size: int, pixels: Float32Array) -> Float32Array:
    """Sample a flat (size·size, C) image at (N, 2) pixel coordinates."""
    x = np.clip(pixels[:, 0] - np.float32(0.5), 0, size - 1)
    y = np.clip(pixels[:, 1] - np.float32(0.5), 0, size - 1)
    column, row = np.minimum(x.astype(np.int32), size - 2), np.minimum(y.astype(np.int32), size - 2)
    share_x, share_y = (x - column).astype(np.float32)[:, None], (y - row).astype(np.float32)[:, None]
    index = row * size + column
    upper = _mixed(rows, index, share_x)
    lower = _mixed(rows, index + size, share_x)
    lower -= upper
    lower *= share_y
    upper += lower
    return upper


def _mixed(rows: Float32Array, index: NDArray[np.int32], share: Float32Array) -> Float32Array:
    """rows[index] and rows[index + 1], mixed."""
    left: Float32Array = rows.take(index, axis=0)
    right = rows.take(index + 1, axis=0)
    right -= left
    right *= share
    left += right
    return left
