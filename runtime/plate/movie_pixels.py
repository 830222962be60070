"""Pixels of a decoded movie frame: from Y'CbCr in any depth, range and matrix to R'G'B' codes."""

from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from ..arrays import Float32Array

CODE_POINT_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""From ITU-T H.273 matrix coefficients; what is not tagged is BT.601, as FFmpeg and Blender take it."""

UNTAGGED_CODE_POINTS = (0, 2, 3)
"""R'G'B' itself, unspecified, and reserved."""

LUMA_WEIGHTS = {
    Colorspace.ITU709: (0.2126, 0.0722),
    Colorspace.FCC: (0.30, 0.11),
    Colorspace.ITU601: (0.299, 0.114),
    Colorspace.SMPTE240M: (0.212, 0.087),
    Colorspace.BT2020: (0.2627, 0.0593),
}
"""Red's and blue's weights in luma (ITU-T H.273, table 4)."""

FULL_RANGE_CODE_POINT = 2
PRECISE = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


def rgb_codes(frame: av.VideoFrame) -> NDArray[Any]:
    """The picture of a frame as R'G'B' (and straight alpha, where the movie has it).

    Args:
        frame: as decoded.

    Returns:
        (H, W, 3 or 4): uint8 for sources of up to 8 bits, as FFmpeg converts them; float32 with 0..1 for deeper ones,
        where whiter than white and blacker than black are kept.
    """
    components = frame.format.components
    alpha = any(component.is_alpha for component in components)
    depth = max(component.bits for component in components)
    matrix = CODE_POINT_MATRICES.get(int(frame.colorspace), Colorspace.ITU601)
    full = int(frame.color_range) == FULL_RANGE_CODE_POINT or frame.format.name.startswith("yuvj")
    has_chroma = sum(not component.is_alpha for component in components) == 3
    if depth <= 8:
        return frame.reformat(
            format="rgba" if alpha else "rgb24",
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=PRECISE,
        ).to_ndarray()
    if frame.format.is_rgb or not has_chroma:
        deep = frame.reformat(format="rgba64le" if alpha else "rgb48le").to_ndarray()
        return deep.astype(np.float32) / np.float32(65535)
    return _deep_rgb(frame, matrix, depth, full=full, alpha=alpha)


def _deep_rgb(frame: av.VideoFrame, matrix: Colorspace, depth: int, *, full: bool, alpha: bool) -> Float32Array:
    # FFmpeg only brings chroma to full size here, which shifts codes to the top bits; told that the range stays the
    # same it leaves them alone. Its own way to 16-bit RGB is off by up to one part in 256, so the matrix is ours.
    planes = frame.reformat(
        format="yuva444p16le" if alpha else "yuv444p16le",
        src_colorspace=matrix,
        dst_colorspace=matrix,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation=PRECISE,
    ).to_ndarray()
    codes = planes.astype(np.float32) / np.float32(1 << (16 - depth))
    rgb = rgb_from_luma_chroma(codes[..., :3], LUMA_WEIGHTS[matrix], depth, full=full)
    if not alpha:
        return rgb
    straight = planes[..., 3:].astype(np.float32) / np.float32(65535)
    return np.concatenate([rgb, straight], axis=-1)


def rgb_from_luma_chroma(
    codes: Float32Array, luma_weights: tuple[float, float], depth: int, *, full: bool
) -> Float32Array:
    """R'G'B' from Y'CbCr codes (ITU-T H.273, equations 26 to 31 and 38 to 40).

    Args:
        codes: (..., 3) Y', Cb, Cr as integers of the given depth, in float.
        luma_weights: weights of red and blue in luma.
        depth: bits.
        full: whether the codes fill the range, or leave the head and foot room of video.

    Returns:
        (..., 3) float32, 0..1 between black and white.
    """
    step = float(1 << (depth - 8))
    top = float((1 << depth) - 1)
    luma_foot, luma_span, chroma_span = (0.0, top, top) if full else (16 * step, 219 * step, 224 * step)
    red_weight, blue_weight = luma_weights
    luma = (codes[..., 0] - np.float32(luma_foot)) / np.float32(luma_span)
    blue_difference = (codes[..., 1] - np.float32(128 * step)) / np.float32(chroma_span)
    red_difference = (codes[..., 2] - np.float32(128 * step)) / np.float32(chroma_span)
    red = luma + np.float32(2 * (1 - red_weight)) * red_difference
    blue = luma + np.float32(2 * (1 - blue_weight)) * blue_difference
    green_weight = 1 - red_weight - blue_weight
    green = (luma - np.float32(red_weight) * red - np.float32(blue_weight) * blue) / np.float32(green_weight)
    return np.stack([red, green, blue], axis=-1)
