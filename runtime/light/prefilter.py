"""Environment maps blurred by the GGX lobe, so that a rough reflection is one lookup.

The first half of the split sum (Karis, "Real Shading in Unreal Engine 4", SIGGRAPH 2013 course): the lobe is taken for
a view along the normal, which makes it round. A round lobe on an equirectangular map is a convolution along the
azimuth, so a Fourier transform of each row turns the blur into one small matrix per frequency: keyframed worlds are
prefiltered anew on each frame in about a millisecond.
"""

from functools import cache

import numpy as np

from ..arrays import AnyFloatArray, Float32Array
from .equirectangular import map_coordinates

HEIGHT = 32
WIDTH = 64
ROUGHNESS_LEVELS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""GGX roughness (alpha = roughness²) of each level; the first is the map itself."""

_SUBSAMPLES = 4


def prefilter_map(radiance: Float32Array) -> Float32Array:
    """Blur a map for every roughness level.

    Args:
        radiance: (H, W, 3) equirectangular, of any size.

    Returns:
        (levels, HEIGHT, WIDTH, 3) float32. A map of constant radiance keeps it exactly on every level.
    """
    small = reduced_map(radiance)
    frequencies = np.fft.rfft(small, axis=1).transpose(1, 0, 2)
    blurred = np.matmul(_blur_matrices(), frequencies[None])
    levels = np.fft.irfft(blurred.transpose(0, 2, 1, 3), n=WIDTH, axis=2)
    stacked: Float32Array = np.concatenate([small[None], np.maximum(levels, 0)]).astype(np.float32)
    return stacked


def reduced_map(radiance: Float32Array) -> Float32Array:
    """(HEIGHT, WIDTH, 3) mean radiance over the solid angle of each small pixel."""
    height, width = radiance.shape[:2]
    row_edges = np.cos(np.pi * np.arange(height + 1) / height)
    small_row_edges = np.cos(np.pi * np.arange(HEIGHT + 1) / HEIGHT)
    rows = _overlap(-small_row_edges, -row_edges)
    columns = _overlap(np.arange(WIDTH + 1) / WIDTH, np.arange(width + 1) / width)
    by_row = (rows @ radiance.reshape(height, -1)).reshape(HEIGHT, width, 3)
    reduced: Float32Array = np.matmul(columns, by_row)
    return reduced


def sample_reflections(levels: Float32Array, directions: Float32Array, roughness: Float32Array) -> Float32Array:
    """Reflected radiance along directions.

    Args:
        levels: (levels, HEIGHT, WIDTH, 3) from `prefilter_map`.
        directions: (n, 3) unit, world.
        roughness: (n,) 0..1.

    Returns:
        (n, 3) float32, interpolated linearly between pixels and levels.
    """
    u, v = map_coordinates(directions)
    x: AnyFloatArray = u * WIDTH - 0.5
    y: AnyFloatArray = np.clip(v * HEIGHT - 0.5, 0, HEIGHT - 1)
    level: AnyFloatArray = np.clip(roughness, 0, 1) * np.float32(len(levels) - 1)
    left, top, lower = np.floor(x).astype(np.int32), y.astype(np.int32), level.astype(np.int32)
    lower = np.minimum(lower, len(levels) - 2)
    top = np.minimum(top, HEIGHT - 2)
    shares_x, shares_y, shares_level = _pair(x - left), _pair(y - top), _pair(level - lower)
    table = levels.reshape(-1, 3)
    columns = (left % WIDTH, (left + 1) % WIDTH)
    result = np.zeros((len(x), 3), np.float32)
    for level_step in (0, 1):
        for row_step in (0, 1):
            rows = ((lower + level_step) * HEIGHT + top + row_step) * WIDTH
            weight = shares_level[level_step] * shares_y[row_step]
            for column_step in (0, 1):
                share = (weight * shares_x[column_step]).astype(np.float32)
                result += share[:, None] * table[rows + columns[column_step]]
    return result


def _pair(fraction: AnyFloatArray) -> tuple[AnyFloatArray, AnyFloatArray]:
    """Weights of the lower and the upper neighbour."""
    return 1 - fraction, fraction


def _overlap(target_edges: AnyFloatArray, source_edges: AnyFloatArray) -> Float32Array:
    """(targets, sources) share of each target interval that each source interval covers; edges ascend."""
    upper = np.minimum(target_edges[1:, None], source_edges[None, 1:])
    lower = np.maximum(target_edges[:-1, None], source_edges[None, :-1])
    covered = np.maximum(upper - lower, 0.0)
    shares: Float32Array = (covered / covered.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


@cache
def _blur_matrices() -> Float32Array:
    """(levels − 1, frequencies, HEIGHT, HEIGHT) real: the lobes are even in the azimuth."""
    fine = _SUBSAMPLES * HEIGHT
    polar = np.pi * (np.arange(HEIGHT) + 0.5) / HEIGHT
    fine_polar = np.pi * (np.arange(fine) + 0.5) / fine
    steps = (np.arange(_SUBSAMPLES * WIDTH) - (_SUBSAMPLES - 1) / 2) * 2 * np.pi / (_SUBSAMPLES * WIDTH)
    cosine = np.cos(polar)[:, None, None] * np.cos(fine_polar)[None, :, None]
    cosine = cosine + (np.sin(polar)[:, None, None] * np.sin(fine_polar)[None, :, None]) * np.cos(steps)
    matrices = []
    for roughness in ROUGHNESS_LEVELS[1:]:
        weight = reflection_lobe(cosine, roughness) * np.sin(fine_polar)[None, :, None]
        kernel = weight.reshape(HEIGHT, HEIGHT, _SUBSAMPLES, WIDTH, _SUBSAMPLES).sum(axis=(2, 4))
        kernel /= kernel.sum(axis=(1, 2), keepdims=True)
        matrices.append(np.fft.rfft(kernel, axis=2).real.transpose(2, 0, 1))
    return np.stack(matrices).astype(np.float32)


def reflection_lobe(cosine: AnyFloatArray, roughness: float) -> AnyFloatArray:
    """Unnormalised GGX reflection lobe for a view along the normal: D(h) · max(n·l, 0).

    Args:
        cosine: (...) cosine between the mirror direction and the light.
        roughness: alpha = roughness².
    """
    alpha_squared = max(roughness, 0.05) ** 4
    half_cosine_squared = np.clip((1.0 + cosine) / 2.0, 0.0, 1.0)
    denominator = half_cosine_squared * (alpha_squared - 1.0) + 1.0
    lobe: AnyFloatArray = np.maximum(cosine, 0.0) / (denominator * denominator)
    return lobe
