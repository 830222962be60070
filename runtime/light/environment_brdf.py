"""How much of a prefiltered reflection reaches the camera: the second half of the split sum.

Karis, "Real Shading in Unreal Engine 4" (SIGGRAPH 2013 course): with Schlick's Fresnel term the integral of the
reflection over all directions is F0 · scale + bias, two functions of view angle and roughness. They are tabled once
from the same GGX terms that lamps are reflected with; the analytic fit of Karis 2014 was tried and errs by a fifth
at grazing angles.
"""

from functools import cache

import numpy as np

from ..arrays import Float32Array
from .brdf import SMALLEST_ROUGHNESS

_COSINES = 24
_ROUGHNESSES = 12
_SAMPLES = 512


def environment_brdf(cosine_view: Float32Array, roughness: Float32Array, f0: Float32Array) -> Float32Array:
    """Share of a uniform environment that is reflected to the camera.

    Args:
        cosine_view: (n,) between normal and view.
        roughness: (n,) 0..1.
        f0: (n,) reflectance at normal incidence.

    Returns:
        (n,).
    """
    x = np.sqrt(np.clip(cosine_view, 0, 1)) * np.float32(_COSINES - 1)
    y = np.clip(roughness, 0, 1) * np.float32(_ROUGHNESSES - 1)
    column, row = np.minimum(x.astype(np.int32), _COSINES - 2), np.minimum(y.astype(np.int32), _ROUGHNESSES - 2)
    share_x, share_y = x - column, y - row
    table = _table().reshape(-1, 2)
    corner = row * _COSINES + column
    upper = table[corner] * (1 - share_x)[:, None] + table[corner + 1] * share_x[:, None]
    lower = table[corner + _COSINES] * (1 - share_x)[:, None] + table[corner + _COSINES + 1] * share_x[:, None]
    both = upper + (lower - upper) * share_y[:, None]
    share: Float32Array = (f0 * both[:, 0] + both[:, 1]).astype(np.float32)
    return share


@cache
def _table() -> Float32Array:
    """(roughnesses, cosines, 2) scale and bias; cosines are the squares of even steps, finer at grazing angles.

    Microfacet normals are drawn from the distribution, which leaves the weight G · (v·h) / (n·v · n·h).
    """
    cosine_view = np.maximum(np.linspace(0.0, 1.0, _COSINES) ** 2, 1e-3)[None, :, None]
    alpha = np.maximum(np.linspace(0.0, 1.0, _ROUGHNESSES), SMALLEST_ROUGHNESS)[:, None, None] ** 2
    share = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    turn = np.pi * (1.0 + np.sqrt(5.0)) * np.arange(_SAMPLES)
    cosine_half = np.sqrt((1.0 - share) / (1.0 + (alpha**2 - 1.0) * share))
    sine_half = np.sqrt(1.0 - cosine_half**2)
    view_half = np.sqrt(1.0 - cosine_view**2) * sine_half * np.cos(turn) + cosine_view * cosine_half
    view_half = np.maximum(view_half, 0.0)
    cosine_light = 2.0 * view_half * cosine_half - cosine_view
    lit = np.maximum(cosine_light, 1e-6)
    smith = 2.0 * lit * cosine_view
    smith /= lit * np.sqrt(cosine_view**2 * (1.0 - alpha**2) + alpha**2) + cosine_view * np.sqrt(
        lit**2 * (1.0 - alpha**2) + alpha**2
    )
    weight = np.where(cosine_light > 0.0, smith * view_half / (cosine_view * cosine_half), 0.0)
    fresnel = (1.0 - view_half) ** 5
    table: Float32Array = np.stack([(weight * (1.0 - fresnel)).mean(axis=2), (weight * fresnel).mean(axis=2)], axis=2)
    return table.astype(np.float32)
