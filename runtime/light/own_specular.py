"""Specular reflection of a light that is known by its harmonics only."""

from functools import cache

import numpy as np

from ..arrays import AnyFloatArray, Float32Array
from .harmonics import basis
from .prefilter import ROUGHNESS_LEVELS, reflection_lobe
from .specular import environment_share
from .surface import Surface


def harmonics_specular(surface: Surface, harmonics: AnyFloatArray) -> Float32Array:
    """(n, 3) radiance: the harmonics, blurred by each point's GGX lobe, in the mirror direction."""
    mirrored = mirrored_harmonics(surface.reflected, surface.roughness)
    reflection = np.maximum(mirrored @ harmonics.astype(np.float32), 0)
    specular: Float32Array = reflection * environment_share(surface)[:, None]
    return specular


def mirrored_harmonics(reflected: Float32Array, roughness: Float32Array) -> Float32Array:
    """(n, 9) each harmonic, blurred by a GGX lobe, in the mirror directions (n, 3) of points of that roughness (n,).

    A round lobe multiplies each order l by one number (the Funk–Hecke theorem).
    """
    blur = lobe_coefficients(roughness)
    mirrored: Float32Array = basis(reflected)
    mirrored[:, 1:4] *= blur[:, 0:1]
    mirrored[:, 4:9] *= blur[:, 1:2]
    return mirrored


def lobe_coefficients(roughness: Float32Array) -> Float32Array:
    """(n, 2) what GGX reflection of that roughness leaves of orders 1 and 2."""
    table = _lobe_table()
    columns = [np.interp(roughness, ROUGHNESS_LEVELS, table[:, order]) for order in range(2)]
    return np.stack(columns, axis=1).astype(np.float32)


@cache
def _lobe_table() -> AnyFloatArray:
    """(levels, 2) Legendre moments P₁, P₂ of the lobe at each roughness level."""
    nodes = (np.arange(2048) + 0.5) / 2048
    # Squeezing the nodes towards cos θ = 1 resolves the narrow lobes.
    cosine, measure = 1.0 - 2.0 * nodes**4, nodes**3
    moments = []
    for roughness in ROUGHNESS_LEVELS:
        lobe = reflection_lobe(cosine, roughness) * measure
        moments.append([(lobe * cosine).sum() / lobe.sum(), (lobe * (1.5 * cosine**2 - 0.5)).sum() / lobe.sum()])
    return np.array(moments)
