"""Display-referred pictures: plain sRGB, 8 bits."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from OpenImageIO import ImageSpec

from ..arrays import AnyFloatArray, Float32Array
from ..errors import OutputError
from ..transfer import srgb_from_linear
from .image_writer import write_image

PNG_FILTER_PAETH = 0x80
"""libpng's name for the prediction from left, above and above left."""

Picture = NDArray[np.uint8]
"""(H, W, 3 or 4) sRGB codes, alpha straight."""


def srgb_picture(image: AnyFloatArray, *, dither: bool = False) -> Picture:
    """The plain sRGB view of scene-linear Rec.709: clipped to 0..1, no tone curve.

    Args:
        image: (H, W, 3 or 4), unpremultiplied; alpha is kept as it is.
        dither: whether to hide banding under a noise of one code, the same for every picture of a size. Without it,
            an 8-bit sRGB plate comes back exactly.

    Returns:
        (H, W, 3 or 4) uint8.
    """
    codes = srgb_from_linear(image[..., :3]) * np.float32(255)
    if dither:
        codes = codes + _triangular_noise(codes.shape)
    colour = _rounded(codes)
    if image.shape[-1] == 3:
        return colour
    alpha = _rounded(np.clip(image[..., 3:], 0, 1).astype(np.float32) * np.float32(255))
    return np.concatenate([colour, alpha], axis=-1)


def _rounded(codes: Float32Array) -> Picture:
    return np.clip(np.rint(codes), 0, 255).astype(np.uint8)


def _triangular_noise(shape: tuple[int, ...]) -> Float32Array:
    """Noise of triangular distribution over ±1: removes both the mean and the variance of the rounding error."""
    random = np.random.default_rng(20240617)
    noise: Float32Array = random.random(shape, np.float32) - random.random(shape, np.float32)
    return noise


def write_png(path: Path, image: NDArray[Any], *, dither: bool = False) -> None:
    """Write a picture as 8-bit sRGB PNG.

    Args:
        path: the file; it appears whole or not at all.
        image: (H, W, 3 or 4) scene-linear Rec.709, unpremultiplied, or uint8 sRGB codes that are written as they are.
        dither: see srgb_picture.

    Raises:
        OutputError: the array is no picture or holds NaN, or the file cannot be written.
    """
    if image.ndim != 3 or image.shape[2] not in (3, 4) or 0 in image.shape:
        raise OutputError(
            f'"{path.name}" cannot be written: an image of shape {image.shape} was given where '
            "(height, width, 3 or 4) is expected."
        )
    if np.issubdtype(image.dtype, np.floating) and np.isnan(image).any():
        raise OutputError(
            f'"{path.name}" cannot be written: the image holds NaN values; '
            "check the lights and the camera of this frame."
        )
    picture = image if image.dtype == np.uint8 else srgb_picture(image, dither=dither)
    height, width, count = picture.shape
    spec = ImageSpec(width, height, count, "uint8")
    spec.attribute("oiio:ColorSpace", "sRGB")
    spec.attribute("oiio:UnassociatedAlpha", 1)
    spec.attribute("Software", "Chiaro")
    # A quarter of the default settings' time, for files 3 % larger.
    spec.attribute("png:compressionLevel", 4)
    spec.attribute("png:filter", PNG_FILTER_PAETH)
    write_image(path, spec, [np.ascontiguousarray(picture)])
