"""Plates and results as files; needs no Blender."""

from pathlib import Path

import numpy as np
import OpenImageIO
from numpy.typing import NDArray


def plate_pixels(width: int, height: int, seed: int = 0) -> NDArray[np.float32]:
    """(H, W, 3) noise."""
    return np.random.default_rng(seed).random((height, width, 3), dtype=np.float32)


def write_exr(path: Path, pixels: NDArray[np.float32]) -> Path:
    """Write a 32-bit EXR."""
    height, width, channels = pixels.shape
    buffer = OpenImageIO.ImageBuf(OpenImageIO.ImageSpec(width, height, channels, "float"))
    buffer.set_pixels(buffer.roi, np.ascontiguousarray(pixels))
    assert buffer.write(str(path)), buffer.geterror()
    return path


def read_exr(path: Path) -> NDArray[np.float32]:
    """All channels of the first part."""
    buffer = OpenImageIO.ImageBuf(str(path))
    pixels: NDArray[np.float32] = buffer.get_pixels(OpenImageIO.FLOAT)
    assert not buffer.has_error, buffer.geterror()
    return pixels
