"""The fast guided filter: an image is made a local linear function of a guide, so its edges fall where the guide's are.

He, Sun and Tang, "Guided Image Filtering" (ECCV 2010), and He and Sun, "Fast Guided Filter" (2015): the coefficients
are found at low resolution, brought up, and applied with the guide at full resolution. It is linear in the image.
"""

from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array
from ..box_sum import box_sum


@dataclass(frozen=True)
class GuideStatistics:
    """What the filter needs to know of a guide; made once, used for every image that is filtered with it.

    Attributes:
        guide: (G, h, w) guide, G = 1 (gray) or 3 (colour).
        weight: (h, w) how much each pixel counts, 0..1.
        radius: pixels.
        mean: (G, h, w) local mean of the guide.
        inverse_covariance: (G, G, h, w) inverse of its local covariance plus epsilon on the diagonal.
        inverse_total: (h, w) one over the local sum of weights.
    """

    guide: Float32Array
    weight: Float32Array
    radius: int
    mean: Float32Array
    inverse_covariance: Float32Array
    inverse_total: Float32Array

    def local_mean(self, image: Float32Array) -> Float32Array:
        """(C, h, w) weighted mean around each pixel."""
        mean = box_sum(image * self.weight, self.radius)
        mean *= self.inverse_total
        return mean


def guide_statistics(
    guide: Float32Array, *, radius: int, epsilon: float, weight: Float32Array | None = None
) -> GuideStatistics:
    """Prepare a guide.

    Args:
        guide: (1, h, w) gray or (3, h, w) colour.
        radius: pixels of the local window.
        epsilon: variance of the guide below which it is taken for texture and smoothed over, in the guide's units
            squared.
        weight: (h, w) how much each pixel counts; all the same when None. Where no pixel of a window counts, all do, a
            little.
    """
    channels, *size = guide.shape
    weight = np.ones(size, np.float32) if weight is None else np.maximum(weight, np.float32(1e-4))
    inverse_total = 1 / box_sum(weight[None], radius)[0]
    first, second = np.triu_indices(channels)
    sums = box_sum(np.concatenate([guide, guide[first] * guide[second]]) * weight, radius)
    sums *= inverse_total
    mean = sums[:channels]
    covariance = sums[channels:] - mean[first] * mean[second]
    covariance[first == second] += np.float32(epsilon)
    return GuideStatistics(guide, weight, radius, mean, _inverse(covariance), inverse_total)


def _inverse(covariance: Float32Array) -> Float32Array:
    """Inverse (G, G, h, w) of symmetric matrices given by their upper triangle, by cofactors."""
    if covariance.shape[0] == 1:
        return 1 / covariance[None]
    xx, xy, xz, yy, yz, zz = covariance.astype(np.float64)
    x, y, z = yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy
    scale = 1 / (xx * x + xy * y + xz * z)
    lower = ((xx * zz - xz * xz) * scale, (xy * xz - xx * yz) * scale, (xx * yy - xy * xy) * scale)
    inverse = np.empty((3, 3, *xx.shape), np.float32)
    inverse[0, 0], inverse[1, 1], inverse[2, 2] = x * scale, lower[0], lower[2]
    inverse[0, 1] = inverse[1, 0] = y * scale
    inverse[0, 2] = inverse[2, 0] = z * scale
    inverse[1, 2] = inverse[2, 1] = lower[1]
    return inverse


@dataclass(frozen=True)
class GuidedCoefficients:
    """The local linear function: image_c = Σ_g slope_cg · guide_g + offset_c.

    Attributes:
        slope: (C, G, h, w).
        offset: (C, h, w).
    """

    slope: Float32Array
    offset: Float32Array


def guided_coefficients(statistics: GuideStatistics, image: Float32Array) -> GuidedCoefficients:
    """Fit an image to the guide (He et al. 2010, eq. 5, 6, 14 and 15) and average the fits of overlapping windows.

    Args:
        statistics: the prepared guide.
        image: (C, h, w).
    """
    guide, mean_guide = statistics.guide, statistics.mean
    channels, count = guide.shape[0], image.shape[0]
    size = guide.shape[1:]
    products = (image[:, None] * guide[None]).reshape(-1, *size)
    means = statistics.local_mean(np.concatenate([image, products]))
    mean = means[:count]
    covariance = means[count:].reshape(count, channels, *size) - mean[:, None] * mean_guide[None]
    fit = np.empty((count * (channels + 1), *size), np.float32)
    slope, offset = fit[: count * channels].reshape(count, channels, *size), fit[count * channels :]
    for channel in range(channels):
        slope[:, channel] = (statistics.inverse_covariance[channel][None] * covariance).sum(axis=1)
    np.subtract(mean, (slope * mean_guide[None]).sum(axis=1), out=offset)
    averaged = statistics.local_mean(fit)
    return GuidedCoefficients(
        averaged[: count * channels].reshape(count, channels, *size), averaged[count * channels :]
    )


def guided_filter(
    guide: Float32Array,
    image: Float32Array,
    *,
    radius: int,
    epsilon: float,
    weight: Float32Array | None = None,
) -> Float32Array:
    """The filter at one resolution.

    Args:
        guide: (1, h, w) or (3, h, w).
        image: (C, h, w).
        radius: pixels.
        epsilon: see guide_statistics.
        weight: see guide_statistics.

    Returns:
        (C, h, w).
    """
    statistics = guide_statistics(guide, radius=radius, epsilon=epsilon, weight=weight)
    coefficients = guided_coefficients(statistics, image)
    filtered: Float32Array = (coefficients.slope * statistics.guide[None]).sum(axis=1) + coefficients.offset
    return filtered
