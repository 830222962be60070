"""A small z-buffer rasteriser: which triangle each sub-sample of the picture sees, and where on it."""

import numba
import numpy as np

from ...runtime.arrays import Float32Array

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]


@numba.njit(cache=True, fastmath=True)
def rasterise(screen: Float32Array, triangles: IntArray, size: int) -> tuple[IntArray, Float32Array]:
    """Draw triangles into a square z-buffer.

    Args:
        screen: (V, 3) float32: x and y in pixels (y down, centre of the top-left pixel at 0.5), and 1/depth.
        triangles: (T, 3).
        size: pixels along each side.

    Returns:
        triangle (size, size) int32, −1 where nothing is seen; inverse depth (size, size).
    """
    seen = np.full((size, size), -1, np.int32)
    nearest = np.zeros((size, size), np.float32)
    for t in range(triangles.shape[0]):
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
        for y in range(y0, y1 + 1):
            py = y + 0.5
            for x in range(x0, x1 + 1):
                px = x + 0.5
                wa = wa_x * (px - cx) + wa_y * (py - cy)
                wb = wb_x * (px - cx) + wb_y * (py - cy)
                wc = 1.0 - wa - wb
                if wa >= 0.0 and wb >= 0.0 and wc >= 0.0:
                    z = wa * za + wb * zb + wc * zc
                    if z > nearest[y, x]:
                        nearest[y, x] = z
                        seen[y, x] = t
    return seen, nearest


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
