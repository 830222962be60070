"""The shoot's lamps and windows in an iris: what is far brighter there than irises are."""

from dataclasses import dataclass

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..box_sum import box_sum
from ..view.border import smooth_share, smoothstep
from .planes import LUMINANCE, luminance

WHITE_IN_IRIS = 0.08
"""Of the white's luminance by which what is usual in an iris exceeds its median: its fibres, beside a black pupil."""
GLINT = (1.8, 2.8)
"""Luminance, in what is usual, from which on a pixel mirrors something, and from which on that is all it does."""
GLINT_SHARE = (0.25, 0.35)
"""Share of an iris that lamps and windows hide; what is more is a pale iris behind lashes."""
UNDER_GLINT = 1.1
"""Brightness of the iris that is put under a mirrored light, in its median."""


@dataclass(frozen=True)
class MirroredLight:
    """Radiance (3, h, w) of light that mirrors in a cornea, and how sure it is, 0..1, that it is that."""

    radiance: Float32Array
    sureness: float


def mirrored_light(
    person: Float32Array, within: Float32Array, iris: BoolArray, white: float, edge: int
) -> MirroredLight:
    """What of the person's colour is light mirrored in a cornea.

    Args:
        person: (3, h, w) scene-linear.
        within: (h, w) 0..1 where it may be.
        iris: (h, w) pixels that are the iris' for sure.
        white: luminance of the white of this eye.
        edge: pixels around a mirrored light that are taken with it.
    """
    if not iris.any():
        return MirroredLight(np.zeros_like(person), 0.0)
    colour = np.median(person[:, iris], axis=1)
    usual = float(np.dot(LUMINANCE, colour)) + WHITE_IN_IRIS * white
    ratio = luminance(person) / np.float32(max(usual, 1e-6))
    glint = smoothstep(*GLINT, ratio) * within
    under = np.minimum(person, (UNDER_GLINT * colour)[:, None, None].astype(np.float32))
    radiance = _spread(glint, edge) * within * (person - under)
    return MirroredLight(radiance, 1.0 - smooth_share(*GLINT_SHARE, float(glint[iris].mean())))


def _spread(share: Float32Array, reach: int) -> Float32Array:
    """(h, w) the largest value within a reach, with a soft edge as wide."""
    for axis in (0, 1):
        share = np.maximum.reduce([np.roll(share, step, axis) for step in range(-reach, reach + 1)])
    spread: Float32Array = box_sum(share[None], reach)[0] / np.float32((2 * reach + 1) ** 2)
    return spread
