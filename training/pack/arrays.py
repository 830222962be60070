"""Arrays in little space, bit for bit: bytes of equal weight stand together, then LZMA."""

import io
import lzma
from typing import Any

import numpy as np

BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
AnyArray = np.ndarray[tuple[int, ...], np.dtype[Any]]

TYPES = "types"
"""Name under which the element types of all arrays are kept; no array may have it."""


def byte_planes(array: AnyArray) -> BytesArray:
    """(itemsize, …) bytes of an array, the last axis of a table first: coordinates of one axis are alike."""
    # Not ascontiguousarray: it gives single numbers an axis.
    ordered = np.asarray(np.moveaxis(array, -1, 0) if array.ndim > 1 else array, order="C")
    single: BytesArray = ordered[..., None].view(np.uint8)
    return np.asarray(np.moveaxis(single, -1, 0), order="C")


def from_byte_planes(planes: BytesArray, kind: str) -> AnyArray:
    """The array of an element type (`dtype.str`) that `byte_planes` took apart."""
    ordered: AnyArray = np.asarray(np.moveaxis(planes, 0, -1), order="C").view(np.dtype(kind))[..., 0]
    return np.asarray(np.moveaxis(ordered, 0, -1) if ordered.ndim > 1 else ordered, order="C")


def compressed_arrays(arrays: dict[str, AnyArray]) -> bytes:
    """Named arrays as bytes."""
    kinds = np.array([array.dtype.str for array in arrays.values()])
    planes: dict[str, AnyArray] = {name: byte_planes(array) for name, array in arrays.items()}
    buffer = io.BytesIO()
    np.savez(buffer, **{TYPES: kinds}, **planes)
    return lzma.compress(buffer.getvalue())


def decompressed_arrays(content: bytes) -> dict[str, AnyArray]:
    """The arrays of `compressed_arrays`."""
    with np.load(io.BytesIO(lzma.decompress(content)), allow_pickle=False) as archive:
        kinds = (str(kind) for kind in archive[TYPES])
        names = (name for name in archive.files if name != TYPES)
        return {name: from_byte_planes(archive[name], kind) for name, kind in zip(names, kinds, strict=True)}
