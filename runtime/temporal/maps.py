"""The maps of an encoding that are steadied over time, as one array, and back."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..arrays import Float32Array
from ..crop import box_reduced
from ..encoding import Encoding
from ..head import CROP_HALF_WIDTH_METRES

CHANNELS: Mapping[str, int] = {
    "albedo": 3, "normal": 3, "depth": 1, "matte": 1, "transport": 9, "roughness": 1, "specular": 1, "parts": 8,
}  # fmt: skip
"""In the units of `Encoding`, but depth in half widths of the crop behind the head's centre, and parts from 0 to 1."""
REDUCTION = 2
"""The temporal network sees maps of half the crop's size; what is finer stays the frame's own."""


def as_stored(array: Float32Array) -> Float32Array:
    """Rounded to the half floats that an encoding is stored in (`encoding_file`)."""
    return array.astype(np.float16).astype(np.float32)


def depth_offset(encoding: Encoding) -> Float32Array:
    """(h, w) depth behind the head's centre in half widths of the crop; the inverse of `encode.depth_from_offset`."""
    offset = (encoding.depth - np.float32(encoding.crop.head_distance)) / np.float32(CROP_HALF_WIDTH_METRES)
    return offset.astype(np.float32)


def maps_of(encoding: Encoding) -> Float32Array:
    """(h, w, sum of CHANNELS) all maps of an encoding; parts that it does not have are zero."""
    size = encoding.matte.shape
    parts = np.zeros((*size, CHANNELS["parts"]), np.float32)
    if encoding.parts is not None:
        np.multiply(encoding.parts, np.float32(1 / 255), out=parts)
    arrays = {**vars(encoding), "depth": depth_offset(encoding), "parts": parts}
    pieces = [np.asarray(arrays[name], np.float32).reshape(*size, count) for name, count in CHANNELS.items()]
    return np.concatenate(pieces, axis=2)


def reduced_maps(encoding: Encoding) -> Float32Array:
    """(sum of CHANNELS, h / 2, w / 2) what the temporal network is shown.

    Rounded as on disk: a frame comes out the same whether its neighbours were encoded just now or long ago.
    """
    return np.ascontiguousarray(box_reduced(as_stored(maps_of(encoding)), REDUCTION).transpose(2, 0, 1))


def changed(encoding: Encoding, change: Float32Array) -> Encoding:
    """An encoding with a change added to its maps, each kept in its range.

    Args:
        encoding: of the frame.
        change: (sum of CHANNELS, h, w) in the units of CHANNELS.
    """
    counts = np.cumsum([0, *CHANNELS.values()])
    added = {name: change[counts[index] : counts[index + 1]].transpose(1, 2, 0) for index, name in enumerate(CHANNELS)}
    normal = encoding.normal + added["normal"]
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    depth = encoding.depth + np.float32(CROP_HALF_WIDTH_METRES) * added["depth"][..., 0]
    parts = encoding.parts
    if parts is not None:
        parts = np.rint(np.clip(parts + 255.0 * added["parts"], 0.0, 255.0)).astype(np.uint8)
    return replace(
        encoding,
        albedo=np.clip(encoding.albedo + added["albedo"], 0.0, 1.0),
        normal=normal,
        depth=np.maximum(depth, np.float32(0.1 * encoding.crop.head_distance)),
        matte=np.clip(encoding.matte + added["matte"][..., 0], 0.0, 1.0),
        transport=encoding.transport + added["transport"],
        roughness=np.clip(encoding.roughness + added["roughness"][..., 0], 0.0, 1.0),
        specular=np.clip(encoding.specular + added["specular"][..., 0], 0.0, 1.0),
        parts=parts,
    )
