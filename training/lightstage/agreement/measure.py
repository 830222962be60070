"""How far two renderings of one scene lie apart."""

from dataclasses import dataclass, fields

import numpy as np

from ....runtime.arrays import AnyFloatArray, Float32Array
from ..parts import PartClass
from .scene import BytesArray, Rendering

WHITE = 1.0
"""Linear radiance of a plate's white: the peak of the signal in PSNR, and where a plate clips."""
FACE = (PartClass.SKIN, PartClass.LIPS, PartClass.BROWS, PartClass.EYES, PartClass.MOUTH)


@dataclass(frozen=True)
class Agreement:
    """Differences between two renderings, over pixels where both mattes are over a half.

    Attributes:
        psnr: of diffuse radiance as a linear plate holds it, clipped at white; dB.
        converged_psnr: an estimate of it for endless samples: the variance of Cycles' noise taken off the squares.
        unclipped_psnr: as `psnr` without clipping: rims under strong back light count many times.
        noise_psnr: of Cycles against itself, at the same number of samples.
        face_psnr: as `psnr`, over skin, lips, brows, eyes and mouth alone.
        hair_psnr: as `psnr`, over hair alone; NaN where there is none.
        bias: mean of ours over mean of Cycles', of clipped diffuse radiance.
        specular_psnr: of clipped specular radiance, dB.
        albedo_psnr: of albedo, dB: whether both look at the same colours.
        normal_degrees: mean angle between normals.
        normal_median: median of it.
        depth_millimetres: mean absolute difference of depth.
        depth_median: median of it.
        matte_iou: sum of minima over sum of maxima of the mattes.
    """

    psnr: float
    converged_psnr: float
    unclipped_psnr: float
    noise_psnr: float
    face_psnr: float
    hair_psnr: float
    bias: float
    specular_psnr: float
    albedo_psnr: float
    normal_degrees: float
    normal_median: float
    depth_millimetres: float
    depth_median: float
    matte_iou: float


def psnr(ours: AnyFloatArray, theirs: AnyFloatArray) -> float:
    """Peak signal-to-noise ratio in dB against WHITE; NaN of nothing."""
    return _decibels(_squared(ours, theirs)) if ours.size else float("nan")


def _squared(ours: AnyFloatArray, theirs: AnyFloatArray) -> float:
    return float(np.mean((ours.astype(np.float64) - theirs) ** 2))


def _decibels(squared_error: float) -> float:
    return 10.0 * float(np.log10(WHITE**2 / max(squared_error, 1e-12)))


def matte_iou(ours: Float32Array, theirs: Float32Array) -> float:
    """Intersection over union of two soft mattes (h, w)."""
    union = float(np.maximum(ours, theirs).sum())
    return float(np.minimum(ours, theirs).sum()) / union if union > 0.0 else 1.0


def normal_angles(ours: Float32Array, theirs: Float32Array) -> Float32Array:
    """(N,) degrees between (N, 3) unit vectors."""
    # The half-angle form is exact for small angles, where the cosine is not.
    sine = 0.5 * np.linalg.norm(ours - theirs, axis=-1)
    angles: Float32Array = np.degrees(2.0 * np.arcsin(np.clip(sine, 0.0, 1.0))).astype(np.float32)
    return angles


def compare(
    ours: Rendering, theirs: Rendering, halves: tuple[Float32Array, Float32Array], parts: BytesArray
) -> Agreement:
    """Measure.

    Args:
        ours: the stage's rendering.
        theirs: the path-traced rendering, whose diffuse radiance is the mean of the halves.
        halves: (h, w, 3) two independent path-traced diffuse renderings with half the samples each.
        parts: (h, w) `PartClass` of ours.
    """
    inside = (ours.matte > 0.5) & (theirs.matte > 0.5)
    first, second = (np.clip(diffuse, 0.0, WHITE) for diffuse in (ours.diffuse, theirs.diffuse))
    face, hair = inside & np.isin(parts, FACE), inside & (parts == PartClass.HAIR)
    angles = normal_angles(ours.normal[inside], theirs.normal[inside])
    depth = np.abs(ours.depth[inside] - theirs.depth[inside]) * 1000.0
    # The difference of the halves has four times the variance of their mean.
    noise = 0.25 * _squared(*(np.clip(half[inside], 0.0, WHITE) for half in halves))
    error = _squared(first[inside], second[inside])
    return Agreement(
        psnr=_decibels(error),
        # The noise is itself an estimate: at most nine tenths of the error are taken off.
        converged_psnr=_decibels(max(error - noise, 0.1 * error)),
        unclipped_psnr=psnr(ours.diffuse[inside], theirs.diffuse[inside]),
        noise_psnr=_decibels(noise),
        face_psnr=psnr(first[face], second[face]),
        hair_psnr=psnr(first[hair], second[hair]),
        bias=float(first[inside].mean() / max(float(second[inside].mean()), 1e-9)),
        specular_psnr=psnr(*(np.clip(one.specular[inside], 0.0, WHITE) for one in (ours, theirs))),
        albedo_psnr=psnr(ours.albedo[inside], theirs.albedo[inside]),
        normal_degrees=float(angles.mean()),
        normal_median=float(np.median(angles)),
        depth_millimetres=float(depth.mean()),
        depth_median=float(np.median(depth)),
        matte_iou=matte_iou(ours.matte, theirs.matte),
    )


def mean_agreement(results: list[Agreement]) -> Agreement:
    """Every number averaged over the scenes that have it."""
    names = [field.name for field in fields(Agreement)]
    values = {name: np.array([getattr(result, name) for result in results]) for name in names}
    return Agreement(
        **{name: float(np.nanmean(some)) if np.isfinite(some).any() else float("nan") for name, some in values.items()}
    )
