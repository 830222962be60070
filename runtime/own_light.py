"""Estimate the light a plate was shot in, as nine spherical harmonics.

The network names a light; a weighted least squares fit of plate ≈ albedo · (transport · light) over the whole person
then makes it agree with what the plate shows. Highlights and wrong albedo are outliers, so the fit is reweighted
(iteratively reweighted least squares with Huber's weights).
"""

import numpy as np

from .arrays import AnyFloatArray, Float64Array

ITERATIONS = 4
HUBER_SCALE = 1.5
PRIOR_PIXELS = 200.0
"""How many well-lit pixels the network's own estimate counts for."""
LARGEST_UNCLIPPED = 0.98
STEP = 2
"""Every second pixel each way is plenty for 27 unknowns."""


def estimate_own_light(
    *,
    radiance: AnyFloatArray,
    albedo: AnyFloatArray,
    transport: AnyFloatArray,
    weight: AnyFloatArray,
    prior: AnyFloatArray,
) -> Float64Array:
    """Fit the light to a crop.

    Args:
        radiance: (h, w, 3) the crop, scene-linear, in the network's exposure.
        albedo: (h, w, 3) diffuse albedo.
        transport: (h, w, 9) diffuse transport.
        weight: (h, w) how much each pixel counts, 0..1.
        prior: (9, 3) the network's estimate.

    Returns:
        (9, 3) radiance spherical harmonics in the axes of the transport.
    """
    rows = slice(None, None, STEP)
    pixels = radiance[rows, rows].reshape(-1, 3).astype(np.float64)
    reflectance = albedo[rows, rows].reshape(-1, 3).astype(np.float64)
    basis = transport[rows, rows].reshape(-1, 9).astype(np.float64)
    usable = (weight[rows, rows].reshape(-1) > 0.5) & (pixels.max(axis=1) < LARGEST_UNCLIPPED)
    light = np.array(prior, dtype=np.float64)
    if np.count_nonzero(usable) < PRIOR_PIXELS:
        return light
    for channel in range(3):
        light[:, channel] = _fit_channel(
            pixels[usable, channel], reflectance[usable, channel, None] * basis[usable], light[:, channel]
        )
    return light


def _fit_channel(measured: Float64Array, design: Float64Array, prior: Float64Array) -> Float64Array:
    """Huber-weighted ridge regression towards the prior; (n,), (n, 9), (9,) to (9,)."""
    # The small constant keeps a channel that reflects nothing (a pure red under green light) at its prior.
    ridge = (PRIOR_PIXELS * float(np.mean(design[:, 0] ** 2)) + 1e-6) * np.eye(9)
    prior = prior * _scale(measured, design @ prior)
    weights = np.ones_like(measured)
    light = prior
    for _ in range(ITERATIONS):
        weighted = design * weights[:, None]
        light = np.linalg.solve(weighted.T @ design + ridge, weighted.T @ measured + ridge @ prior)
        residual = np.abs(design @ light - measured)
        threshold = HUBER_SCALE * 1.4826 * float(np.median(residual)) + 1e-6
        weights = np.minimum(1.0, threshold / np.maximum(residual, 1e-12))
    result: Float64Array = light
    return result


def _scale(measured: Float64Array, predicted: Float64Array) -> float:
    """How much brighter the plate is than predicted.

    The network's albedo and light each have a free scale, and seen from one side the harmonics are nearly dependent:
    a prior of the wrong brightness would bend the light's direction.
    """
    lit = predicted > 1e-4
    return float(np.median(measured[lit] / predicted[lit])) if lit.any() else 1.0
