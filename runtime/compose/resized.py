"""Passes at another pixel size: the plate's own camera gives them at the plate's size, the render may have another."""

from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - as its documentation names it

from ..arrays import Float32Array
from ..passes import ALL_PASSES, Passes

NEAREST = frozenset({"depth", "normal", "position"})
"""Places and directions are not averaged: between two surfaces there is no third."""


def resized_passes(passes: Passes, width: int, height: int, wanted: frozenset[str]) -> Passes:
    """The passes at width x height; the same object where they have that size.

    Colours are filtered, the light's weighted by the matte, so that the emptiness around the person does not darken
    its edge. Of depth, normal and position the nearest pixel is taken.

    Args:
        passes: the result.
        width: pixels.
        height: pixels.
        wanted: names of the passes that are used; the others become zero.
    """
    if passes.image.shape[:2] == (height, width):
        return passes
    matte = np.clip(_filtered(passes.matte, width, height), 0, 1)
    resized: dict[str, Any] = {"camera": passes.camera.resized(width, height), "matte": matte}
    for name, was in ((name, getattr(passes, name)) for name in ALL_PASSES - {"matte"}):
        if name not in wanted:
            resized[name] = np.zeros((height, width, *was.shape[2:]), np.float32)
        elif name == "image":
            resized[name] = _image(was, width, height)
        elif name in NEAREST:
            resized[name] = _nearest(was, width, height)
        elif name == "confidence":
            resized[name] = np.clip(_filtered(was, width, height), 0, 1)
        else:
            resized[name] = _weighted(was, passes.matte, matte)
    return Passes(**resized)


def _image(image: Float32Array, width: int, height: int) -> Float32Array:
    """(H, W, 4) unpremultiplied; filtered premultiplied."""
    alpha = image[..., 3:]
    if (alpha == 1.0).all():
        return _filtered(image, width, height)
    resized = _filtered(np.concatenate([image[..., :3] * alpha, alpha], axis=-1), width, height)
    colour, share = resized[..., :3], resized[..., 3:]
    np.divide(colour, share, out=colour, where=share > 1e-6)
    return resized


def _weighted(colour: Float32Array, weight: Float32Array, resized_weight: Float32Array) -> Float32Array:
    height, width = resized_weight.shape
    resized = _filtered(colour * weight[..., None], width, height)
    there = resized_weight > 1e-6
    share = np.where(there, resized_weight, 1.0)[..., None]
    weighted: Float32Array = np.where(there[..., None], resized / share, 0).astype(np.float32)
    return weighted


def _filtered(pixels: Float32Array, width: int, height: int) -> Float32Array:
    planes = pixels if pixels.ndim == 3 else pixels[..., None]
    source = oiio.ImageBuf(np.ascontiguousarray(planes, dtype=np.float32))
    spec = oiio.ROI(0, width, 0, height, 0, 1, 0, planes.shape[2])
    # A triangle neither rings below zero nor above the brightest pixel.
    resized = oiio.ImageBufAlgo.resize(source, filtername="triangle", roi=spec).get_pixels(oiio.FLOAT)
    result: Float32Array = np.asarray(resized, dtype=np.float32).reshape(height, width, planes.shape[2])
    return result if pixels.ndim == 3 else result[..., 0]


def _nearest(pixels: Float32Array, width: int, height: int) -> Float32Array:
    rows = ((np.arange(height) + 0.5) * pixels.shape[0] / height).astype(np.intp)
    columns = ((np.arange(width) + 0.5) * pixels.shape[1] / width).astype(np.intp)
    return pixels[rows][:, columns]
