"""What each pixel of the person is, at the plate's resolution."""

import numpy as np

from ..arrays import Float32Array
from ..crop import Crop, sample_bilinear, transform_pixels
from ..encoding import Encoding
from ..parts import PARTS, crop_parts
from ..view.border import CropBorder, smoothstep
from .guided_filter import guided_filter

GUIDE_RADIUS, GUIDE_EPSILON = 3, 1e-3
"""Pixels around, and the variance of the plate's colour that is noise: edges of parts move onto edges of the plate."""

UNDECIDED = (0.25, 0.75)
"""Certainty that a pixel is the person's, below which it is background and above which it is not."""

DECISION = 3
"""Power of the parts' shares: 1 keeps the network's doubt as a mixture of parts."""


def plate_parts(plate: Float32Array, encoding: Encoding) -> Float32Array:
    """Part mattes at the plate's resolution, edges on the plate's edges.

    Args:
        plate: (H, W, 3) scene-linear Rec.709.
        encoding: of this frame.

    Returns:
        (H, W, 8) coverage 0..1 in the order of PARTS; the sum over the parts is at most 1.

    Raises:
        WeightsError: the network that made the encoding names no parts.
    """
    small, crop = crop_parts(encoding), encoding.crop
    rows, columns = _window(crop, plate.shape[0], plate.shape[1])
    y, x = np.mgrid[rows, columns] + 0.5
    pixels = transform_pixels(crop.crop_from_plate, np.stack([x, y], axis=-1))
    coverage = sample_bilinear(small, pixels)
    scale = max(1, round((columns.stop - columns.start) / crop.camera.width))
    guide = np.sqrt(np.clip(plate[rows, columns], 0, 4)).transpose(2, 0, 1).astype(np.float32)
    filtered = guided_filter(
        guide, coverage.transpose(2, 0, 1), radius=GUIDE_RADIUS * scale, epsilon=GUIDE_EPSILON
    ).transpose(1, 2, 0)
    fade = CropBorder(crop).fade_at(pixels)[..., None]
    result = np.zeros((*plate.shape[:2], len(PARTS)), np.float32)
    result[rows, columns] = _decided(np.clip(filtered, 0, 1)) * fade
    return result


def _decided(coverage: Float32Array) -> Float32Array:
    """Clear doubt away: what is hardly the person is not, and a pixel belongs mostly to its likeliest part."""
    total = coverage.sum(axis=-1, keepdims=True)
    share = (coverage / np.maximum(total, 1e-6)) ** DECISION
    share /= np.maximum(share.sum(axis=-1, keepdims=True), 1e-6)
    decided: Float32Array = share * smoothstep(*UNDECIDED, total)
    return decided


def _window(crop: Crop, height: int, width: int) -> tuple[slice, slice]:
    """Rows and columns of the plate that the crop covers."""
    size = float(crop.camera.width)
    corners = transform_pixels(crop.plate_from_crop, np.array([[0, 0], [size, 0], [0, size], [size, size]]))
    low = np.clip(np.floor(corners.min(axis=0)), 0, [width - 1, height - 1]).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)), low + 1, [width, height]).astype(int)
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
