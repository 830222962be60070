"""Passes made visible: maps of directions, distances and weights as display pictures."""

import numpy as np

from ..arrays import AnyFloatArray, BoolArray, Float32Array
from ..transfer import luminance
from .png import Picture, srgb_picture

INSIDE = 0.5
"""Matte above which a pixel counts as the person when a range is measured."""


def normal_picture(normal: Float32Array, matte: Float32Array) -> Picture:
    """Normals as colours: (n + 1) / 2, so +X is red, +Y green, +Z blue; black outside.

    Args:
        normal: (H, W, 3) unit vectors.
        matte: (H, W) 0..1.

    Returns:
        (H, W, 3) uint8.
    """
    codes = (normal * 0.5 + 0.5) * np.clip(matte, 0, 1)[..., None]
    return _codes(codes)


def depth_picture(depth: Float32Array, matte: Float32Array) -> Picture:
    """Depth as grey, near is white: the person's own range over all of it; black outside.

    Args:
        depth: (H, W) metres along the viewing axis.
        matte: (H, W) 0..1.

    Returns:
        (H, W, 3) uint8.
    """
    inside = matte > INSIDE
    if not inside.any():
        return np.zeros((*depth.shape, 3), np.uint8)
    near, far = np.percentile(depth[inside], [1, 99])
    # A tenth is kept for the farthest point, so that it stands out against what is outside.
    grey = 1.0 - 0.9 * np.clip((depth - near) / max(float(far - near), 1e-6), 0, 1)
    return _grey(grey * np.clip(matte, 0, 1))


def weight_picture(weight: AnyFloatArray) -> Picture:
    """(H, W) weights 0..1 (matte, confidence) as grey codes, not through the sRGB curve."""
    return _grey(weight)


def shading_picture(shading: Float32Array, matte: Float32Array) -> Picture:
    """Light of any strength, exposed so that the brightest hundredth of the person is just white; black outside.

    Args:
        shading: (H, W, 3) radiance: shading, or a specular pass.
        matte: (H, W) 0..1.

    Returns:
        (H, W, 3) uint8.
    """
    factor = np.clip(matte, 0, 1) * np.float32(exposure_for(shading, matte > INSIDE))
    return srgb_picture(shading * factor[..., None])


def exposure_for(image: Float32Array, inside: BoolArray) -> float:
    """The factor that brings the 99th percentile of luminance inside a mask to one; 1 where there is no light."""
    if not inside.any():
        return 1.0
    brightest = float(np.percentile(luminance(image[inside]), 99))
    return 1.0 / brightest if brightest > 1e-6 else 1.0


def _grey(values: AnyFloatArray) -> Picture:
    return np.repeat(_codes(values)[..., None], 3, axis=-1)


def _codes(values: AnyFloatArray) -> Picture:
    codes: Picture = np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
    return codes
