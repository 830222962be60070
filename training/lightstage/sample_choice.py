"""Which sub-samples of a pixel are shaded: few inside one material, more where a pixel shows several things."""

import numpy as np

from ...runtime.arrays import Float32Array
from .compiled import compiled_with
from .parts import Part
from .rasterise import BytesArray, IntArray

_STRANDS = tuple(int(p) for p in (Part.HAIR, Part.BROW, Part.BEARD, Part.LASH))
_INTERIOR = np.array([[0, 8], [2, 6]], np.int64)
_FINE = np.array([[0, 4, 8], [2, 4, 6]], np.int64)
_EDGE = np.array([0, 2, 4, 6, 8], np.int64)


@compiled_with()
def is_strand(part: int) -> bool:
    """Whether a part is made of strands of hair."""
    return part in _STRANDS


@compiled_with()
def _chosen(
    seen: IntArray,
    parts: BytesArray,
    row: int,
    column: int,
    chosen: np.ndarray,  # type: ignore[type-arg]  # compiled
) -> tuple[int, int]:
    """Fill `chosen` with the sub-samples to shade; returns their number and that of covered sub-samples."""
    covered, first, uniform = 0, -1, True
    last = 0
    for s in range(9):
        t = seen[row * 3 + s // 3, column * 3 + s % 3]
        if t >= 0:
            covered += 1
            last = s
            if first < 0:
                first = parts[t]
            elif parts[t] != first:
                uniform = False
    if covered == 0:
        return 0, 0
    parity = (row + column) & 1
    used = 0
    if covered == 9 and uniform:
        if is_strand(first):
            chosen[:3] = _FINE[parity]
            return 3, 9
        chosen[:2] = _INTERIOR[parity]
        return 2, 9
    for s in _EDGE:
        if seen[row * 3 + s // 3, column * 3 + s % 3] >= 0:
            chosen[used] = s
            used += 1
    if used == 0:
        chosen[0] = last
        used = 1
    return used, covered


@compiled_with()
def choose_samples(seen: IntArray, parts: BytesArray) -> tuple[IntArray, IntArray, Float32Array]:
    """Which sub-samples are shaded.

    Args:
        seen: (3 size, 3 size) triangles from the rasteriser.
        parts: (T,).

    Returns:
        pixel (N,) int32 and sub-sample 0..8 (N,) int32, in the order of pixels; matte (size, size).
    """
    size = seen.shape[0] // 3
    matte = np.zeros((size, size), np.float32)
    chosen = np.zeros(9, np.int64)
    total = 0
    for row in range(size):
        for column in range(size):
            used, covered = _chosen(seen, parts, row, column, chosen)
            matte[row, column] = covered / 9.0
            total += used
    pixel, place = np.empty(total, np.int32), np.empty(total, np.int32)
    n = 0
    for row in range(size):
        for column in range(size):
            if matte[row, column] == 0.0:
                continue
            used, _ = _chosen(seen, parts, row, column, chosen)
            for k in range(used):
                pixel[n], place[n] = row * size + column, chosen[k]
                n += 1
    return pixel, place, matte
