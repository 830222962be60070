"""Textures of avatars and crops of plates as compressed pictures."""

import io
from itertools import pairwise

import numpy as np
from PIL import Image

from .arrays import AnyArray, BytesArray

COLOUR_QUALITY = 90
"""WebP's: about 41 dB on the avatars' colours."""
NORMAL_QUALITY = 85
"""JPEG's, each component a picture of its own: a root mean square of about half a degree at worst."""
PLATE_QUALITY = 90


def _encoded(picture: BytesArray, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(buffer, kind, **options)
    return buffer.getvalue()


def _decoded(content: bytes, mode: str) -> BytesArray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert(mode), np.uint8)


def packed_colour(colour: BytesArray) -> bytes:
    """(H, W, 4) uint8 as WebP; alpha, which cuts hair out, without loss."""
    return _encoded(colour, "WEBP", quality=COLOUR_QUALITY, alpha_quality=100, exact=True, method=4)


def unpacked_colour(content: bytes) -> BytesArray:
    """(H, W, 4) uint8."""
    return _decoded(content, "RGBA")


def packed_normal(normal: BytesArray) -> bytes:
    """(H, W, 3) uint8 as one grey JPEG of the components below each other, as its colour space suits no normals."""
    stacked = np.moveaxis(normal, -1, 0).reshape(-1, normal.shape[1])
    return _encoded(stacked, "JPEG", quality=NORMAL_QUALITY, optimize=True, progressive=True)


def unpacked_normal(content: bytes) -> BytesArray:
    """(H, W, 3) uint8."""
    stacked = _decoded(content, "L")
    return np.ascontiguousarray(np.moveaxis(stacked.reshape(3, -1, stacked.shape[1]), 0, -1))


def packed_classes(classes: BytesArray) -> bytes:
    """(H, W) uint8 as PNG, without loss."""
    return _encoded(classes, "PNG", optimize=True)


def unpacked_classes(content: bytes) -> BytesArray:
    """(H, W) uint8."""
    return _decoded(content, "L")


def packed_frames(frames: BytesArray) -> dict[str, AnyArray]:
    """(N, H, W) or (N, H, W, 3) uint8 as pictures in a row, with where each ends."""
    pictures = [_encoded(frame, "WEBP", quality=PLATE_QUALITY, method=4) for frame in frames]
    ends = np.cumsum([len(picture) for picture in pictures])
    return {"bytes": np.frombuffer(b"".join(pictures), np.uint8), "ends": ends}


def unpacked_frames(packed: dict[str, AnyArray], mode: str) -> BytesArray:
    """The frames of `packed_frames`; `mode` is RGB or L."""
    content, ends = packed["bytes"].tobytes(), [0, *(int(end) for end in packed["ends"])]
    return np.stack([_decoded(content[start:end], mode) for start, end in pairwise(ends)])
