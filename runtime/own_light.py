"""Estimate the light a plate was shot in, as nine spherical harmonics.

The network names a light; a weighted least squares fit of plate ≈ albedo · (transport · light) + gloss · light over the
whole person then makes it agree with what the plate shows. Gloss is the surface's reflection of each harmonic: a light
reflected by a few hundredths of dark skin or hair is as bright as what their colour gives back, and without it the fit
would make the light too bright by a third of a stop. Sharp highlights and wrong albedo are outliers, so the fit is
reweighted (iteratively reweighted least squares with Huber's weights).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .arrays import AnyFloatArray, BoolArray, Float32Array, Float64Array
from .light.brdf import dot
from .light.harmonics import CONSTANT
from .light.own_specular import mirrored_harmonics
from .light.specular import reflected_share

ITERATIONS = 4
HUBER_SCALE = 1.5
PRIOR_PIXELS = 270.0
"""How many well-lit pixels the network's own estimate counts for: nine harmonics do not hold all of a plate's light."""
LARGEST_STEP = 2.0
"""Most by which a light's level is moved: where the plate's light lacks a colour, the two differ without end."""
LEAST_PIXELS = 100
"""With fewer that are lit and not clipped there is no fit."""
LARGEST_UNCLIPPED = 0.98
COLOURED = 0.02
"""Reflectance at which gloss counts by half."""
STEP = 3
"""Every third pixel each way is plenty for 27 unknowns."""


@dataclass(frozen=True)
class Glossy:
    """What a surface mirrors with, over the crop.

    Attributes:
        normal: (h, w, 3) unit, crop camera axes.
        to_camera: (h, w, 3) unit, crop camera axes.
        roughness: (h, w).
        specular: (h, w) reflectance at normal incidence.
    """

    normal: Float32Array
    to_camera: Float32Array
    roughness: Float32Array
    specular: Float32Array

    def gloss(self, transport: AnyFloatArray, usable: BoolArray) -> Float32Array:
        """(n, 9) radiance towards the camera per harmonic, of every STEP-th pixel that is usable.

        Args:
            transport: (h, w, 9); its mean tells what is hidden.
            usable: (n',) of every STEP-th pixel, row by row.
        """
        normal, to_camera = _thinned(self.normal)[usable], _thinned(self.to_camera)[usable]
        roughness, f0 = _thinned(self.roughness)[usable], _thinned(self.specular)[usable]
        cosine = np.maximum(dot(normal, to_camera), 0)
        visibility = np.clip(_thinned(transport[..., 0])[usable] / np.float32(CONSTANT), 0, 1).astype(np.float32)
        mirrored = mirrored_harmonics(2 * cosine[:, None] * normal - to_camera, roughness)
        result: Float32Array = mirrored * reflected_share(cosine, roughness, f0, visibility)[:, None]
        return result


def estimate_own_light(
    *,
    radiance: AnyFloatArray,
    albedo: AnyFloatArray,
    transport: AnyFloatArray,
    weight: AnyFloatArray,
    prior: AnyFloatArray,
    prior_pixels: float = PRIOR_PIXELS,
    glossy: Glossy | None = None,
) -> Float64Array:
    """Fit the light to a crop.

    Args:
        radiance: (h, w, 3) the crop, scene-linear, in the network's exposure.
        albedo: (h, w, 3) diffuse albedo.
        transport: (h, w, 9) diffuse transport.
        weight: (h, w) how much each pixel counts, 0..1.
        prior: (9, 3) the network's estimate.
        prior_pixels: how many well-lit pixels it counts for.
        glossy: what the surface mirrors with; None where the radiance holds no reflection.

    Returns:
        (9, 3) radiance spherical harmonics in the axes of the transport.
    """
    pixels = _thinned(radiance)
    usable = (_thinned(weight) > 0.5) & (pixels.max(axis=1) < LARGEST_UNCLIPPED)
    prior = np.array(prior, dtype=np.float64)
    count = np.count_nonzero(usable)
    if count < LEAST_PIXELS:
        return prior
    shown = _Shown(
        measured=_columns(pixels[usable]),
        reflectance=_columns(_thinned(albedo)[usable]),
        basis=_columns(_thinned(transport)[usable]),
        gloss=np.zeros((9, count)) if glossy is None else _columns(glossy.gloss(transport, usable)),
    )
    return _fit(shown, prior * _scale(shown.measured, shown.predicted(prior)), prior_pixels)


def agreed_level(fitted: AnyFloatArray, named: AnyFloatArray) -> Float64Array:
    """Factors on a fitted light that bring it halfway, in stops, to the brightness of the light that the network names.

    How bright the light is and how light the skin is are one number that a picture hardly tells. The network says it
    twice: by its albedo, which makes the fit's level, and by the light it names. Their errors are partly independent,
    so their mean is nearer the truth than either. The albedo takes the inverse factors, and the plate stays explained.

    Args:
        fitted: (9, 3) from `estimate_own_light`.
        named: (9, 3) the network's estimate.

    Returns:
        (3,) the factor of each channel, 1 / LARGEST_STEP to LARGEST_STEP; 1 where the two have nothing in common.
    """
    common, own = (fitted * named).sum(axis=0), (fitted * fitted).sum(axis=0)
    alike = (common > 0.0) & (own > 0.0)
    factors: Float64Array = np.sqrt(np.where(alike, common, 1.0) / np.where(alike, own, 1.0))
    return np.clip(factors, 1.0 / LARGEST_STEP, LARGEST_STEP)


def _thinned(image: AnyFloatArray) -> AnyFloatArray:
    """Every STEP-th pixel each way of (h, w, c) or (h, w): (n', c) or (n',)."""
    rows = slice(None, None, STEP)
    return image[rows, rows].reshape(-1, *image.shape[2:])


def _columns(values: AnyFloatArray) -> Float64Array:
    """(n, c) to (c, n), one channel after the other in memory."""
    return np.ascontiguousarray(values.T, dtype=np.float64)


@dataclass(frozen=True)
class _Shown:
    """What the plate shows: (3, n) measured radiance and reflectance, (9, n) transport and gloss of the same pixels."""

    measured: Float64Array
    reflectance: Float64Array
    basis: Float64Array
    gloss: Float64Array

    @cached_property
    def glossed(self) -> Float64Array:
        """(3, n) how far gloss is counted on in each channel.

        Where a surface gives next to nothing back of a colour, the little that is mirrored would decide alone whether
        there is such light, and reflectances are known too roughly for that.
        """
        share: Float64Array = self.reflectance / (self.reflectance + COLOURED)
        return share

    def predicted(self, light: Float64Array) -> Float64Array:
        """(3, n) radiance under a light (9, 3)."""
        result: Float64Array = self.reflectance * np.einsum("kc,kn->cn", light, self.basis)
        result += self.glossed * np.einsum("kc,kn->cn", light, self.gloss)
        return result


def _fit(shown: _Shown, prior: Float64Array, prior_pixels: float) -> Float64Array:
    """Huber-weighted ridge regression of every channel towards the prior (9, 3).

    The products of transport are made once, and summed by einsum: a BLAS hands such small sums to all its threads,
    which takes a hundred times as long where other work keeps the processor busy, as a render does.
    """
    row, column = np.triu_indices(9)
    basis, gloss, glossed = shown.basis, shown.gloss, shown.glossed
    # Of (reflectance · transport + gloss)²: with the square of the reflectance, with itself, and without it.
    squares = np.concatenate([basis[k] * basis[k:] for k in range(9)])
    crossed = np.concatenate([basis[k] * gloss[k:] + gloss[k] * basis[k:] for k in range(9)])
    mirrored = np.concatenate([gloss[k] * gloss[k:] for k in range(9)])
    # The small constant keeps a channel that reflects nothing (a pure red under green light) at its prior.
    level = prior_pixels * np.mean((shown.reflectance * shown.basis[0]) ** 2, axis=1) + 1e-6
    ridge = level[:, None, None] * np.eye(9)
    towards_prior = level[:, None] * prior.T
    trust, light = np.ones_like(shown.reflectance), prior
    for _ in range(ITERATIONS):
        diffuse, specular = trust * shown.reflectance, trust * glossed
        normal = np.empty((3, 9, 9))
        normal[:, row, column] = np.einsum("cn,pn->cp", diffuse * shown.reflectance, squares)
        normal[:, row, column] += np.einsum("cn,pn->cp", diffuse * glossed, crossed)
        normal[:, row, column] += np.einsum("cn,pn->cp", specular * glossed, mirrored)
        normal[:, column, row] = normal[:, row, column]
        explained = np.einsum("cn,kn->ck", diffuse * shown.measured, basis)
        explained += np.einsum("cn,kn->ck", specular * shown.measured, gloss)
        light = np.linalg.solve(normal + ridge, (explained + towards_prior)[..., None])[..., 0].T
        residual = np.abs(shown.predicted(light) - shown.measured)
        threshold = HUBER_SCALE * 1.4826 * np.median(residual, axis=1, keepdims=True) + 1e-6
        trust = np.minimum(1.0, threshold / np.maximum(residual, 1e-12))
    result: Float64Array = light
    return result


def _scale(measured: Float64Array, predicted: Float64Array) -> Float64Array:
    """(3,) how much brighter the plate is than predicted, (3, n) each.

    The network's albedo and light each have a free scale, and seen from one side the harmonics are nearly dependent:
    a prior of the wrong brightness would bend the light's direction.
    """
    scale = np.ones(3)
    for channel, (ours, theirs) in enumerate(zip(measured, predicted, strict=True)):
        lit = theirs > 1e-4
        if lit.any():
            scale[channel] = np.median(ours[lit] / theirs[lit])
    return scale
