"""The fast guided filter: an image is made a local linear function of a guide, so its edges fall where the guide's are.

He, Sun and Tang, "Guided Image Filtering" (ECCV 2010), and He and Sun, "Fast Guided Filter" (2015): the coefficients
are found at low resolution, brought up, and applied with the guide at full resolution. It is linear in the image.
"""

from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array, Float64Array


def box_sum(image: Float32Array, radius: int) -> Float32Array:
    """Sum over the (2r + 1)² square around each pixel, cut off at the border.

    Args:
        image: (h, w) or (h, w, C).
        radius: r, pixels.
    """
    padding = [(radius, radius), (radius, radius)] + [(0, 0)] * (image.ndim - 2)
    padded = np.pad(image, padding)
    rows = _running_sum(padded, 2 * radius + 1)
    return _running_sum(rows.swapaxes(0, 1), 2 * radius + 1).swapaxes(0, 1)


def _running_sum(image: Float32Array, length: int) -> Float32Array:
    """Sums of `length` rows that follow each other, from sums of 1, 2, 4, 8… rows.

    Unlike differences of a cumulative sum this loses no digits in single precision, and it is faster.
    """
    count = image.shape[0] - length + 1
    total = np.zeros((count, *image.shape[1:]), np.float32)
    taken, size, power = 0, 1, image
    while True:
        if length & size:
            total += power[taken : taken + count]
            taken += size
        if taken == length:
            return total
        power = power[:-size] + power[size:]
        size *= 2


@dataclass(frozen=True)
class GuideStatistics:
    """What the filter needs to know of a guide; made once, used for every image that is filtered with it.

    Attributes:
        guide: (h, w, G) guide, G = 1 (gray) or 3 (colour).
        weight: (h, w) how much each pixel counts, 0..1.
        radius: pixels.
        mean: (h, w, G) local mean of the guide.
        inverse_covariance: (h, w, G, G) inverse of its local covariance plus epsilon on the diagonal.
        inverse_total: (h, w) one over the local sum of weights.
    """

    guide: Float32Array
    weight: Float32Array
    radius: int
    mean: Float32Array
    inverse_covariance: Float32Array
    inverse_total: Float32Array

    def local_mean(self, image: Float32Array) -> Float32Array:
        """(h, w, C) weighted mean around each pixel."""
        mean: Float32Array = box_sum(image * self.weight[..., None], self.radius) * self.inverse_total[..., None]
        return mean


def guide_statistics(
    guide: Float32Array, *, radius: int, epsilon: float, weight: Float32Array | None = None
) -> GuideStatistics:
    """Prepare a guide.

    Args:
        guide: (h, w) gray or (h, w, 3) colour.
        radius: pixels of the local window.
        epsilon: variance of the guide below which it is taken for texture and smoothed over, in the guide's units
            squared.
        weight: (h, w) how much each pixel counts; all the same when None. Where no pixel of a window counts, all do, a
            little.
    """
    guide = guide[..., None] if guide.ndim == 2 else guide
    weight = np.ones(guide.shape[:2], np.float32) if weight is None else np.maximum(weight, np.float32(1e-4))
    inverse_total = 1 / box_sum(weight, radius)
    channels = guide.shape[-1]
    first, second = np.triu_indices(channels)
    products = guide[..., first] * guide[..., second]
    sums = box_sum(np.concatenate([guide, products], axis=-1) * weight[..., None], radius) * inverse_total[..., None]
    mean = sums[..., :channels]
    covariance = np.empty((*guide.shape[:2], channels, channels), np.float32)
    covariance[..., first, second] = sums[..., channels:] - mean[..., first] * mean[..., second]
    covariance[..., second, first] = covariance[..., first, second]
    covariance += np.float32(epsilon) * np.eye(channels, dtype=np.float32)
    return GuideStatistics(guide, weight, radius, mean, _inverse(covariance), inverse_total)


def _inverse(matrix: Float32Array) -> Float32Array:
    """Inverse of symmetric (…, 1, 1) or (…, 3, 3) matrices; by cofactors, many times faster than a general solver."""
    if matrix.shape[-1] == 1:
        reciprocal: Float32Array = 1 / matrix
        return reciprocal
    wide: Float64Array = matrix.astype(np.float64)
    xx, xy, xz = wide[..., 0, 0], wide[..., 0, 1], wide[..., 0, 2]
    yy, yz, zz = wide[..., 1, 1], wide[..., 1, 2], wide[..., 2, 2]
    cofactor_x, cofactor_y, cofactor_z = yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy
    scale = 1 / (xx * cofactor_x + xy * cofactor_y + xz * cofactor_z)
    inverse = np.empty(matrix.shape, np.float32)
    inverse[..., 0, 0] = cofactor_x * scale
    inverse[..., 0, 1] = inverse[..., 1, 0] = cofactor_y * scale
    inverse[..., 0, 2] = inverse[..., 2, 0] = cofactor_z * scale
    inverse[..., 1, 1] = (xx * zz - xz * xz) * scale
    inverse[..., 1, 2] = inverse[..., 2, 1] = (xy * xz - xx * yz) * scale
    inverse[..., 2, 2] = (xx * yy - xy * xy) * scale
    return inverse


@dataclass(frozen=True)
class GuidedCoefficients:
    """The local linear function: image = Σ_g slope_g · guide_g + offset.

    Attributes:
        slope: (h, w, G, C).
        offset: (h, w, C).
    """

    slope: Float32Array
    offset: Float32Array


def guided_coefficients(statistics: GuideStatistics, image: Float32Array) -> GuidedCoefficients:
    """Fit an image to the guide (He et al. 2010, eq. 5, 6, 14 and 15) and average the fits of overlapping windows.

    Args:
        statistics: the prepared guide.
        image: (h, w, C).
    """
    guide = statistics.guide
    height, width, channels = guide.shape
    count = image.shape[-1]
    products = (guide[..., :, None] * image[..., None, :]).reshape(height, width, channels * count)
    means = statistics.local_mean(np.concatenate([image, products], axis=-1))
    mean = means[..., :count]
    covariance = means[..., count:].reshape(height, width, channels, count)
    covariance = covariance - statistics.mean[..., :, None] * mean[..., None, :]
    if channels == 1:
        slope = statistics.inverse_covariance * covariance
    else:
        slope = np.einsum("hwij,hwjc->hwic", statistics.inverse_covariance, covariance)
    offset = mean - (slope * statistics.mean[..., :, None]).sum(axis=2)
    flat = np.concatenate([slope.reshape(height, width, -1), offset], axis=-1)
    averaged = statistics.local_mean(flat)
    slope = averaged[..., : channels * count].reshape(height, width, channels, count)
    return GuidedCoefficients(slope, averaged[..., channels * count :])


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
        guide: (h, w) or (h, w, 3).
        image: (h, w, C).
        radius: pixels.
        epsilon: see guide_statistics.
        weight: see guide_statistics.

    Returns:
        (h, w, C).
    """
    statistics = guide_statistics(guide, radius=radius, epsilon=epsilon, weight=weight)
    coefficients = guided_coefficients(statistics, image)
    filtered: Float32Array = (coefficients.slope * statistics.guide[..., None]).sum(axis=2) + coefficients.offset
    return filtered
