"""Which known points a point is like: near in space and of like colour, as the bilateral filter has it.

Tomasi and Manduchi, "Bilateral Filtering for Gray and Color Images" (ICCV 1998).
"""

from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array

BLOCK = 4096
"""Points asked about at a time."""


@dataclass(frozen=True)
class Likeness:
    """How far apart points may lie, and colours, and still be alike.

    Attributes:
        near: deviation of the distance, in the unit of the points.
        alike: deviation of the difference in colour, square roots of albedo.
    """

    near: float
    alike: float

    def features(self, points: Float32Array, albedo: Float32Array) -> Float32Array:
        """(N, 6) place (N, 3) and albedo (N, 3), in their deviations."""
        colour = np.sqrt(np.maximum(albedo, 0)) * np.float32(1 / self.alike)
        features: Float32Array = np.concatenate([points * np.float32(1 / self.near), colour], axis=-1)
        return features.astype(np.float32, copy=False)


def mean_of_alike(asked: Float32Array, known: Float32Array, values: Float32Array, weight: Float32Array) -> Float32Array:
    """Means of what is known, for each point asked about.

    Args:
        asked: (N, F) features of the points.
        known: (A, F) features of points that are known, at least one.
        values: (A, C) theirs.
        weight: (A,) how much each counts, more than 0.

    Returns:
        (N, C).
    """
    own = np.log(weight) - 0.5 * np.square(known).sum(axis=1)
    means = np.empty((len(asked), values.shape[1]), np.float32)
    for first in range(0, len(asked), BLOCK):
        exponent = asked[first : first + BLOCK] @ known.T + own
        shares = np.exp(exponent - exponent.max(axis=1, keepdims=True))
        means[first : first + BLOCK] = (shares @ values) / shares.sum(axis=1, keepdims=True)
    return means
