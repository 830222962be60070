"""What a lens does to the light on its way to the sensor: blur, motion, distortion, coloured edges, dark corners."""

import numba
import numpy as np
from scipy.ndimage import gaussian_filter

from ...runtime.arrays import AnyFloatArray, Float32Array


def softened(image: AnyFloatArray, sigma: float) -> AnyFloatArray:
    """Gaussian blur of (h, w, c), sigma in pixels."""
    result: AnyFloatArray = gaussian_filter(image, (sigma, sigma, 0), truncate=2.5)
    return result


def _quarter(image: AnyFloatArray) -> AnyFloatArray:
    size = image.shape[0]
    result: AnyFloatArray = image.reshape(size // 4, 4, size // 4, 4, -1).mean(axis=(1, 3))
    return result


def defocused(image: AnyFloatArray, radius: float, *, disc: bool) -> AnyFloatArray:
    """Out of focus (n, n, 3), n a multiple of four: a Gaussian, or the disc that an open aperture makes of each light.

    Args:
        image: linear.
        radius: pixels; wide blurs are computed at a quarter of the resolution.
        disc: whether highlights become discs.
    """
    if radius < 3.0 or image.shape[0] % 4:
        return softened(image, 0.5 * radius)
    small = _quarter(image)
    blurred = _disc_blurred(small, 0.25 * radius) if disc else softened(small, 0.125 * radius)
    return _enlarged(np.ascontiguousarray(blurred, np.float32))


@numba.njit(cache=True, fastmath=True)
def _enlarged(image: Float32Array) -> Float32Array:
    """Four times the size, bilinearly between pixel centres."""
    height, width = image.shape[0], image.shape[1]
    out = np.empty((4 * height, 4 * width, 3), np.float32)
    for row in range(4 * height):
        v = min(max((row + 0.5) / 4 - 0.5, 0.0), height - 1.0)
        top = min(int(v), height - 2)
        fv = v - top
        for column in range(4 * width):
            u = min(max((column + 0.5) / 4 - 0.5, 0.0), width - 1.0)
            left = min(int(u), width - 2)
            fu = u - left
            for c in range(3):
                upper = image[top, left, c] * (1 - fu) + image[top, left + 1, c] * fu
                lower = image[top + 1, left, c] * (1 - fu) + image[top + 1, left + 1, c] * fu
                out[row, column, c] = upper * (1 - fv) + lower * fv
    return out


def _disc_blurred(image: AnyFloatArray, radius: float) -> AnyFloatArray:
    """Mean over a disc, by a product of spectra; the edge is continued."""
    pad = int(np.ceil(radius)) + 1
    padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), mode="edge").astype(np.float32)
    y, x = np.mgrid[-pad : pad + 1, -pad : pad + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0.0, 1.0)
    spectrum = np.fft.rfft2(kernel / kernel.sum(), padded.shape[:2])
    blurred = np.fft.irfft2(np.fft.rfft2(padded, axes=(0, 1)) * spectrum[..., None], padded.shape[:2], axes=(0, 1))
    height, width = image.shape[:2]
    result: AnyFloatArray = np.maximum(blurred[2 * pad : 2 * pad + height, 2 * pad : 2 * pad + width], 0.0)
    return result.astype(np.float32)


@numba.njit(cache=True, fastmath=True)
def _smeared(image: Float32Array, dx: float, dy: float, steps: int) -> Float32Array:
    height, width = image.shape[0], image.shape[1]
    out = np.zeros_like(image)
    for step in range(steps):
        t = (step + 0.5) / steps - 0.5
        ox, oy = t * dx, t * dy
        ix, iy = int(np.floor(ox)), int(np.floor(oy))
        fx, fy = ox - ix, oy - iy
        for row in range(height):
            y0 = min(max(row + iy, 0), height - 1)
            y1 = min(max(row + iy + 1, 0), height - 1)
            for column in range(width):
                x0 = min(max(column + ix, 0), width - 1)
                x1 = min(max(column + ix + 1, 0), width - 1)
                for c in range(3):
                    upper = image[y0, x0, c] * (1 - fx) + image[y0, x1, c] * fx
                    lower = image[y1, x0, c] * (1 - fx) + image[y1, x1, c] * fx
                    out[row, column, c] += (upper * (1 - fy) + lower * fy) / steps
    return out


def smeared(image: AnyFloatArray, motion: tuple[float, float]) -> Float32Array:
    """Mean along a straight motion of (x, y) pixels during the exposure."""
    steps = max(2, int(np.ceil(1.5 * np.hypot(*motion))))
    result: Float32Array = _smeared(np.ascontiguousarray(image, np.float32), motion[0], motion[1], steps)
    return result


@numba.njit(cache=True, fastmath=True)
def _distorted(image: Float32Array, barrel: float, fringe: float) -> Float32Array:
    size = image.shape[0]
    out = np.empty_like(image)
    half = 0.5 * size
    for row in range(size):
        for column in range(size):
            x, y = (column + 0.5 - half) / half, (row + 0.5 - half) / half
            bend = 1.0 + barrel * (x * x + y * y)
            for c in range(3):
                scale = half * bend * (1.0 + (c - 1) * fringe)
                u = min(max(half + x * scale - 0.5, 0.0), size - 1.001)
                v = min(max(half + y * scale - 0.5, 0.0), size - 1.001)
                left, top = int(u), int(v)
                fu, fv = u - left, v - top
                upper = image[top, left, c] * (1 - fu) + image[top, left + 1, c] * fu
                lower = image[top + 1, left, c] * (1 - fu) + image[top + 1, left + 1, c] * fu
                out[row, column, c] = upper * (1 - fv) + lower * fv
    return out


def distorted(image: AnyFloatArray, barrel: float, fringe: float) -> Float32Array:
    """Slight radial distortion and lateral colour fringes of a square picture.

    Args:
        image: (n, n, 3).
        barrel: relative shift at the middle of an edge, Brown's first radial coefficient; the truth is not bent, so
            it must stay under a pixel.
        fringe: relative difference in scale between green and the other two channels.
    """
    result: Float32Array = _distorted(np.ascontiguousarray(image, np.float32), barrel, fringe)
    return result


def vignetted(image: AnyFloatArray, amount: float, centre: tuple[float, float]) -> AnyFloatArray:
    """Darker away from the plate's optical centre; the middle of the crop keeps its exposure.

    Args:
        image: (h, w, 3) linear.
        amount: how much light is lost at a distance of one half width.
        centre: of the plate, in half widths from the crop's middle.
    """
    height, width = image.shape[:2]
    y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2.0 - 1.0 - np.float32(centre[1])
    x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2.0 - 1.0 - np.float32(centre[0])
    falloff = 1.0 / (1.0 + np.float32(amount) * (x[None, :] ** 2 + y[:, None] ** 2)) ** 2
    middle = 1.0 / (1.0 + amount * (centre[0] ** 2 + centre[1] ** 2)) ** 2
    result: AnyFloatArray = image * (falloff / np.float32(middle))[..., None]
    return result
