"""Plates whose pixels only Blender has: generated images, and files with strokes that are not saved."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ..runtime.errors import PlateError
from ..runtime.plate.colour import Encoded, linear_rec709
from ..runtime.plate.plate import PlateFrame
from .plate_file import PlatePixels

if TYPE_CHECKING:
    from ..runtime.arrays import Float32Array


def frame_of_pixels(source: PlatePixels) -> PlateFrame:
    """The image datablock's pixels as a plate frame.

    Byte images hold code values with straight alpha; float images hold the working space, premultiplied.

    Raises:
        PlateError: no pixels, or pixels that are not finite.
    """
    image = source.image
    pixels = image_pixels(image)
    if not np.isfinite(pixels).all():
        raise PlateError(
            f"The image {image.name!r} holds pixels that are not finite numbers; repair it before relighting."
        )
    colour, alpha = pixels[..., :3], np.ascontiguousarray(pixels[..., 3])
    if image.is_float:
        colour = np.divide(colour, alpha[..., None], out=colour.copy(), where=alpha[..., None] > 0)
    elif source.colour_space == "srgb":
        colour = linear_rec709(colour, Encoded("srgb"))
    return PlateFrame(
        image=np.ascontiguousarray(colour, dtype=np.float32),
        alpha=None if (alpha == 1.0).all() else alpha,
        frame=1,
        pixel_aspect=1.0,
        identity=_identity(pixels, source.colour_space),
    )


def image_pixels(image: Any) -> Float32Array:
    """(H, W, 4) float32 of an image datablock, row 0 at the top.

    Raises:
        PlateError: the image has no pixels.
    """
    width, height = image.size
    if not image.has_data and width * height == 0:
        raise PlateError(f"The image {image.name!r} has no pixels; open a file in it or fill it.")
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return np.ascontiguousarray(pixels.reshape(height, width, 4)[::-1])


def _identity(pixels: Float32Array, colour_space: str) -> str:
    digest = hashlib.blake2b(f"{pixels.shape} {colour_space}".encode(), digest_size=32)
    digest.update(pixels.tobytes())
    return digest.hexdigest()
