"""Taking suns and small lamps out of an environment map: light that spherical harmonics cannot carry.

Order 2 makes a broad glow of a sun, without a shadow's edge, and errs by a tenth and more of its light. As a lamp it is
exact, and casts a shadow.
"""

from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array, Float64Array
from .equirectangular import map_directions, solid_angles
from .light import SunLamp
from .prefilter import HEIGHT, WIDTH, reduced_map

MOST_SOURCES = 3

SMALLEST_SHARE = 0.1
"""Of all the irradiance on a surface that faces the source; a weaker one stays in the map."""

SEARCH_RADII = (np.radians(3.0), np.radians(6.0), np.radians(12.0))
"""How far from its centre a source, with the glow of a lens around it, may reach."""

GROWTH = 1.1
"""A wider search is preferred when it finds this much more light."""

RING = 1.4
"""Outer radius of the ring that shows what is behind a source, in search radii."""

LARGEST_DIAMETER = np.radians(12.0)
SMALLEST_DIAMETER = np.radians(0.1)


def split_compact_sources(radiance: Float32Array) -> tuple[Float32Array, tuple[SunLamp, ...]]:
    """Find the sources in a map that are small and strong.

    Args:
        radiance: (H, W, 3) equirectangular, world axes.

    Returns:
        The map with its surroundings' radiance in the sources' places, and the sources as distant lamps, strongest
        first; the map itself where there is none.
    """
    whole = reduced_map(radiance).mean(axis=2)
    sources: list[SunLamp] = []
    while len(sources) < MOST_SOURCES:
        found = _brightest_source(radiance)
        if found is None or found.lamp.irradiance.mean() < SMALLEST_SHARE * _irradiance_facing(
            whole, found.lamp.direction
        ):
            break
        radiance = found.map_without
        sources.append(found.lamp)
    return radiance, tuple(sources)


@dataclass(frozen=True)
class _Found:
    """A source, and the map without it."""

    lamp: SunLamp
    map_without: Float32Array


@dataclass(frozen=True)
class _Excess:
    """Light around the brightest pixel that stands out from the ring around it.

    Attributes:
        rows: where the patch lies in the map.
        irradiance: (3,) its sum over solid angle.
        weights: (h, W) the same per pixel, mean of the channels.
        directions: (h, W, 3).
        patch_without: (h, W, 3) radiance with nothing brighter than the ring inside.
    """

    rows: slice
    irradiance: Float64Array
    weights: Float64Array
    directions: Float64Array
    patch_without: Float32Array


def _brightest_source(radiance: Float32Array) -> _Found | None:
    """The source at the map's brightest pixel, if it is compact."""
    brightness = radiance.mean(axis=2)
    row, column = np.unravel_index(int(brightness.argmax()), brightness.shape)
    if not brightness[row, column] > 0:
        return None
    best: tuple[float, _Excess] | None = None
    for radius in SEARCH_RADII:
        excess = _excess(radiance, int(row), int(column), radius)
        if excess is not None and (best is None or excess.irradiance.mean() > GROWTH * best[1].irradiance.mean()):
            best = radius, excess
    if best is None:
        return None
    radius, excess = best
    lamp = _lamp_of_excess(excess)
    # Light that fills the search evenly is no source but a piece of sky; a wide one is well served by harmonics.
    if lamp.angle > min(1.6 * radius, LARGEST_DIAMETER):
        return None
    without = radiance.copy()
    without[excess.rows] = excess.patch_without
    return _Found(lamp, without)


def _excess(radiance: Float32Array, row: int, column: int, radius: float) -> _Excess | None:
    """What stands out within an angle of a pixel; None where nothing does."""
    height, width = radiance.shape[:2]
    reach = int(np.ceil(RING * radius / np.pi * height)) + 1
    rows = slice(max(row - reach, 0), min(row + reach + 1, height))
    directions = map_directions(height, width, rows)
    angles = np.arccos(np.clip(directions @ directions[row - rows.start, column], -1.0, 1.0))
    inside = (angles < radius)[..., None]
    ring = (angles >= radius) & (angles < RING * radius)
    if not ring.any():
        return None
    patch = radiance[rows]
    surroundings = np.median(patch[ring], axis=0)
    excess = np.maximum(patch - surroundings, 0.0) * inside * solid_angles(height, width)[rows, :, None]
    irradiance = excess.sum(axis=(0, 1), dtype=np.float64)
    if not irradiance.mean() > 0:
        return None
    without = np.where(inside, np.minimum(patch, surroundings), patch).astype(np.float32)
    return _Excess(rows, irradiance, excess.mean(axis=2), directions, without)


def _lamp_of_excess(excess: _Excess) -> SunLamp:
    """A disc with the centroid and the second moment of the excess: a disc of radius r has mean θ² = r²/2."""
    centroid = np.einsum("hw,hwc->c", excess.weights, excess.directions)
    direction = centroid / np.linalg.norm(centroid)
    angles = np.arccos(np.clip(excess.directions @ direction, -1.0, 1.0))
    mean_square = float((excess.weights * angles**2).sum() / excess.weights.sum())
    diameter = 2.0 * float(np.sqrt(2.0 * mean_square))
    return SunLamp(direction, excess.irradiance, max(diameter, float(SMALLEST_DIAMETER)))


def _irradiance_facing(brightness: Float32Array, direction: Float64Array) -> float:
    """Irradiance on a surface that faces a direction, under a map (HEIGHT, WIDTH)."""
    cosine = np.maximum(map_directions(HEIGHT, WIDTH) @ direction, 0.0)
    return float((brightness * cosine * solid_angles(HEIGHT, WIDTH)).sum())
