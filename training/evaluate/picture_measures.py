"""Measures of pictures: PSNR and SSIM inside a matte, warping error, jitter.

Pictures are compared as they are shown: exposed so that the brightest hundredth of the true person is white, and
sRGB-encoded. PSNR has the peak 1.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from skimage.metrics import structural_similarity

from ...runtime.arrays import AnyFloatArray, BoolArray, Float32Array
from ...runtime.crop import sample_bilinear
from ...runtime.output.picture import exposure_for
from ...runtime.transfer import srgb_from_linear

HIGHEST = 100.0
"""Decibels of pictures without any difference that float32 can tell."""


def shown(image: AnyFloatArray, true: AnyFloatArray, inside: BoolArray) -> Float32Array:
    """A linear picture (h, w, 3) encoded at the exposure that suits the true one."""
    return srgb_from_linear(image * np.float32(exposure_for(true.astype(np.float32), inside)))


def psnr(predicted: AnyFloatArray, true: AnyFloatArray, inside: BoolArray) -> float:
    """Peak signal to noise ratio in decibels, peak 1, of (h, w, C) inside a mask; NaN where it is empty."""
    if not inside.any():
        return float("nan")
    error = float(np.mean((predicted[inside].astype(np.float64) - true[inside]) ** 2))
    return float(min(-10.0 * np.log10(max(error, 1e-300)), HIGHEST))


def best_factor(predicted: AnyFloatArray, true: AnyFloatArray, inside: BoolArray) -> float:
    """The factor on the prediction with the least squared error inside a mask."""
    ours, theirs = predicted[inside].astype(np.float64), true[inside].astype(np.float64)
    return float((ours * theirs).sum() / max(float((ours * ours).sum()), 1e-12))


def scale_free_psnr(predicted: AnyFloatArray, true: AnyFloatArray, inside: BoolArray) -> float:
    """PSNR after the best common factor."""
    return psnr(predicted * best_factor(predicted, true, inside), true, inside)


def ssim(predicted: AnyFloatArray, true: AnyFloatArray, inside: BoolArray) -> float:
    """Structural similarity (Wang et al. 2004: Gaussian window of deviation 1.5), its mean over a mask.

    Outside the mask both pictures are black, so that what lies there neither helps nor harms.
    """
    if not inside.any():
        return float("nan")
    pictures = [np.where(inside[..., None], image, 0.0).astype(np.float64) for image in (predicted, true)]
    _, similarity = structural_similarity(  # type: ignore[no-untyped-call]  # scikit-image has no types
        *pictures, data_range=1.0, channel_axis=-1, gaussian_weights=True, use_sample_covariance=False, full=True
    )
    return float(similarity[inside].mean())


def warping_error(
    pictures: Sequence[AnyFloatArray], motions: Sequence[AnyFloatArray], visible: Sequence[BoolArray]
) -> float:
    """Mean squared difference between each picture and the next one carried back along the known motion.

    As E_warp of Lai et al. 2018, "Learning blind video temporal consistency", section 4.2, with true motion.

    Args:
        pictures: (F,) of (h, w, 3), encoded.
        motions: (F - 1,) of (h, w, 2), pixels to the right and down from each frame to the next.
        visible: (F - 1,) of (h, w), where the same point is seen in both frames.

    Returns:
        Mean over the pairs; NaN without any.
    """
    errors = []
    for here, after, motion, seen in zip(pictures[:-1], pictures[1:], motions, visible, strict=True):
        if not seen.any():
            continue
        carried = sample_bilinear(after, centres(*seen.shape) + motion)
        errors.append(float(np.mean((carried[seen].astype(np.float64) - here[seen]) ** 2)))
    return float(np.mean(errors)) if errors else float("nan")


def centres(height: int, width: int) -> AnyFloatArray:
    """(h, w, 2) coordinates x, y of pixel centres."""
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([x, y], axis=-1)


def jitter(pictures: Sequence[AnyFloatArray], inside: BoolArray) -> float:
    """RMSE between adjacent pictures (h, w, 3) inside a mask, mean over the pairs (NVPR, figure 8)."""
    pairs = pairwise(pictures)
    return float(np.mean([np.sqrt(np.mean((a[inside].astype(np.float64) - b[inside]) ** 2)) for a, b in pairs]))
