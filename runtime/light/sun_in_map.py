"""Taking a sun out of an environment map: light that spherical harmonics cannot carry.

Order 2 makes a broad glow of a sun, without a shadow's edge. As a lamp it is exact, and casts one.
"""

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from .equirectangular import map_directions, solid_angles
from .light import SunLamp

SMALLEST_SHARE = 0.1
"""Of the irradiance on a surface that faces the sun; below, the map keeps it."""

SEARCH_RADIUS = np.radians(3.0)
"""How far from its centre a sun, with the glow of a lens around it, may reach."""

LARGEST_DIAMETER = np.radians(4.0)
SMALLEST_DIAMETER = np.radians(0.1)


def split_sun(radiance: Float32Array) -> tuple[Float32Array, SunLamp | None]:
    """Find a sun in a map.

    A sun is a compact excess of light around the map's brightest direction over the ring that surrounds it.

    Args:
        radiance: (H, W, 3) equirectangular, world axes.

    Returns:
        The map with the sky's radiance in the sun's place, and the sun; the map itself and None where no source is
        compact and strong enough.
    """
    brightness = radiance.mean(axis=2)
    row, column = np.unravel_index(int(brightness.argmax()), brightness.shape)
    rows, directions, angles = _neighbourhood(radiance.shape[0], radiance.shape[1], int(row), int(column))
    inside = angles < SEARCH_RADIUS
    ring = (angles >= SEARCH_RADIUS) & (angles < 1.5 * SEARCH_RADIUS)
    if not ring.any() or not brightness[row, column] > 0:
        return radiance, None
    patch = radiance[rows]
    sky = np.median(patch[ring], axis=0)
    weights = solid_angles(*radiance.shape[:2])[rows]
    excess = np.maximum(patch - sky, 0.0) * weights[..., None] * inside[..., None]
    irradiance = excess.sum(axis=(0, 1), dtype=np.float64)
    sun = _sun_of_excess(excess.mean(axis=2), directions, irradiance)
    if sun is None or irradiance.mean() < SMALLEST_SHARE * _irradiance_facing(radiance, sun.direction):
        return radiance, None
    without = radiance.copy()
    without[rows] = _without_sun(patch, sky, inside)
    return without, sun


def _neighbourhood(height: int, width: int, row: int, column: int) -> tuple[slice, Float64Array, Float64Array]:
    """The rows near a pixel, their directions (h, W, 3), and their angles (h, W) from the pixel's direction."""
    reach = int(np.ceil(1.5 * SEARCH_RADIUS / np.pi * height)) + 1
    rows = slice(max(row - reach, 0), min(row + reach + 1, height))
    directions = map_directions(height, width)[rows]
    centre = directions[row - rows.start, column]
    return rows, directions, np.arccos(np.clip(directions @ centre, -1.0, 1.0))


def _sun_of_excess(weights: Float64Array, directions: Float64Array, irradiance: Float64Array) -> SunLamp | None:
    """A disc with the centroid and the second moment of the excess: a disc of radius r has mean θ² = r²/2."""
    total = float(weights.sum())
    if not total > 0:
        return None
    centroid = np.einsum("hw,hwc->c", weights, directions)
    direction = centroid / np.linalg.norm(centroid)
    angles = np.arccos(np.clip(directions @ direction, -1.0, 1.0))
    diameter = 2.0 * np.sqrt(2.0 * float((weights * angles**2).sum()) / total)
    if diameter > LARGEST_DIAMETER:
        return None
    return SunLamp(direction, irradiance, max(diameter, float(SMALLEST_DIAMETER)))


def _irradiance_facing(radiance: Float32Array, direction: Float64Array) -> float:
    """Mean irradiance over the channels on a surface that faces a direction, from a coarse map."""
    height, width = radiance.shape[:2]
    cosine = np.maximum(map_directions(height, width) @ direction, 0.0)
    return float((radiance.mean(axis=2) * cosine * solid_angles(height, width)).sum())


def _without_sun(patch: Float32Array, sky: Float32Array, inside: BoolArray) -> Float32Array:
    """The patch with nothing brighter than the ring inside."""
    return np.where(inside[..., None], np.minimum(patch, sky), patch).astype(np.float32)
