"""A small z-buffer rasteriser: which triangle each sub-sample of the picture sees, and where on it."""

from enum import IntEnum

import numba
import numpy as np

from ...runtime.arrays import Float32Array

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]
BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


class Coverage(IntEnum):
    """How a triangle is drawn."""

    OPAQUE = 0
    CUTOUT = 1
    """Covers as much of itself as its texture's alpha says."""
    ABSENT = 2


_CUTOUT, _ABSENT = int(Coverage.CUTOUT), int(Coverage.ABSENT)
_WIDE = 6
"""Columns from which on the span of each row is worth computing."""
NO_TEXTURE = np.full((1, 1), 255, np.uint8)


def rasterise(screen: Float32Array, triangles: IntArray, size: int) -> tuple[IntArray, Float32Array]:
    """Draw opaque triangles into a square z-buffer.

    Args:
        screen: (V, 3) float32: x and y in pixels (y down, centre of the top-left pixel at 0.5), and 1/depth.
        triangles: (T, 3).
        size: pixels along each side.

    Returns:
        triangle (size, size) int32, −1 where nothing is seen; inverse depth (size, size).
    """
    coverage = np.zeros(len(triangles), np.uint8)
    return rasterise_covered(screen, triangles, coverage, np.zeros((1, 2), np.float32), NO_TEXTURE, size)


@numba.njit(cache=True, fastmath=True)
def rasterise_covered(  # noqa: PLR0917 - compiled: one pass over all triangles, arguments by position
    screen: Float32Array, triangles: IntArray, coverage: BytesArray, uv: Float32Array, alpha: BytesArray, size: int
) -> tuple[IntArray, Float32Array]:
    """Draw triangles of which some are cut out by a texture's alpha, and some are left out.

    Alpha becomes coverage by ordered thresholds: a sub-sample passes where alpha exceeds its own threshold, and
    thresholds of neighbours are spread evenly (the R2 lattice of Roberts 2018, "The unreasonable effectiveness of
    quasirandom sequences"), shifted from triangle to triangle so that layers of hair do not hide in each other.

    Args:
        screen: (V, 3) as for `rasterise`.
        triangles: (T, 3).
        coverage: (T,) uint8 `Coverage`.
        uv: (V, 2) texture coordinates; only read for cut-out triangles.
        alpha: (H, W) uint8.
        size: pixels along each side.

    Returns:
        As `rasterise`.
    """
    seen = np.full((size, size), -1, np.int32)
    nearest = np.zeros((size, size), np.float32)
    rows, columns = alpha.shape
    for t in range(triangles.shape[0]):
        if coverage[t] == _ABSENT:
            continue
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, bx, by, cx, cy = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9:
            continue
        x0 = max(0, int(np.ceil(min(ax, bx, cx) - 0.5)))
        x1 = min(size - 1, int(np.floor(max(ax, bx, cx) - 0.5)))
        y0 = max(0, int(np.ceil(min(ay, by, cy) - 0.5)))
        y1 = min(size - 1, int(np.floor(max(ay, by, cy) - 0.5)))
        if x0 > x1 or y0 > y1:
            continue
        inverse = 1.0 / area
        wa_x, wa_y = (by - cy) * inverse, (cx - bx) * inverse
        wb_x, wb_y = (cy - ay) * inverse, (ax - cx) * inverse
        za, zb, zc = screen[a, 2], screen[b, 2], screen[c, 2]
        cutout = coverage[t] == _CUTOUT
        z_x, z_y = wa_x * (za - zc) + wb_x * (zb - zc), wa_y * (za - zc) + wb_y * (zb - zc)
        px, py = x0 + 0.5 - cx, y0 + 0.5 - cy
        row_a, row_b = wa_x * px + wa_y * py, wb_x * px + wb_y * py
        row_z = zc + z_x * px + z_y * py
        wide = x1 - x0 > _WIDE
        for y in range(y0, y1 + 1):
            first, last = x0, x1
            if wide:
                first, last = _span(first, last, x0, row_a, wa_x)
                first, last = _span(first, last, x0, row_b, wb_x)
                first, last = _span(first, last, x0, 1.0 - row_a - row_b, -wa_x - wb_x)
            skipped = first - x0
            wa, wb, z = row_a + skipped * wa_x, row_b + skipped * wb_x, row_z + skipped * z_x
            row_a, row_b, row_z = row_a + wa_y, row_b + wb_y, row_z + z_y
            for x in range(first, last + 1):
                wc = 1.0 - wa - wb
                here_a, here_b, here_z = wa, wb, z
                wa, wb, z = wa + wa_x, wb + wb_x, z + z_x
                if min(here_a, here_b, wc) < 0.0 or here_z <= nearest[y, x]:
                    continue
                if cutout:
                    pa, pb, pc = here_a * za / here_z, here_b * zb / here_z, wc * zc / here_z
                    u = pa * uv[a, 0] + pb * uv[b, 0] + pc * uv[c, 0]
                    v = pa * uv[a, 1] + pb * uv[b, 1] + pc * uv[c, 1]
                    texel = alpha[int(np.floor(v * rows)) % rows, int(np.floor(u * columns)) % columns]
                    threshold = 0.7548776662 * x + 0.5698402910 * y + 0.6180339887 * t
                    if texel <= 255.0 * (threshold - np.floor(threshold)):
                        continue
                nearest[y, x] = here_z
                seen[y, x] = t
    return seen, nearest


@numba.njit(cache=True, fastmath=True)
def _span(first: int, last: int, start: int, weight: float, step: float) -> tuple[int, int]:
    """Narrow the columns first..last of a row to where a weight, known at column `start`, is not negative.

    A column too many is left on either side: the caller tests each. Without this, strands of hair that lie across
    the picture cost as much as the boxes around them.
    """
    if step > 1e-9:
        return max(first, start + int(max(-weight / step, 0.0)) - 1), last
    if step < -1e-9:
        return first, min(last, start + int(min(max(-weight / step, -1.0), 1e6)) + 1)
    return first, last


@numba.njit(cache=True, fastmath=True)
def barycentric(  # noqa: PLR0917 - compiled: arguments go in by position
    screen: Float32Array, a: int, b: int, c: int, x: float, y: float
) -> tuple[float, float, float]:
    """Perspective-correct weights of a triangle's corners at a pixel position."""
    ax, ay, bx, by, cx, cy = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    wa = ((by - cy) * (x - cx) + (cx - bx) * (y - cy)) / area * screen[a, 2]
    wb = ((cy - ay) * (x - cx) + (ax - cx) * (y - cy)) / area * screen[b, 2]
    third = ((ay - by) * (x - ax) + (bx - ax) * (y - ay)) / area * screen[c, 2]
    total = wa + wb + third
    return wa / total, wb / total, third / total
