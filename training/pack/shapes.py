"""Shapes of avatars: what their files hold as whole numbers becomes whole numbers again.

The avatars' files hold positions as 16-bit numbers (steps of about 50 µm) and offsets of expressions as 8-bit numbers,
so a shape has far fewer different values than its floats could have.
"""

import numpy as np

from .arrays import AnyArray

STEP = 2e-6
"""Metres to which positions are rounded: a 25th of the steps that the avatars' own files have."""
NOTHING = 1e-3
"""Millimetres below which an offset is the rounding of zero."""
LENGTHS = ("vertices", "wig_vertices")
WEIGHT_STEPS = 255


def packed_shape(arrays: dict[str, AnyArray]) -> dict[str, AnyArray]:
    """The arrays of a shape's file (`avatars/shape.py`) as whole numbers.

    Positions are rounded to STEP and offsets below NOTHING to zero; all else comes back bit for bit.
    """
    result = dict(arrays)
    for name in LENGTHS:
        result[name] = np.round(arrays[name].astype(np.float64) / STEP).astype(np.int32)
    codes = np.round(arrays["weights"] * WEIGHT_STEPS).astype(np.uint8)
    if np.array_equal(_weights(codes), arrays["weights"]):
        result["weights"] = codes
    offsets = np.where(np.abs(arrays["key_offsets"]) < NOTHING, np.float16(0.0), arrays["key_offsets"])
    values, ranks = np.unique(offsets, return_inverse=True)
    result["key_offsets"] = ranks.reshape(offsets.shape).astype(np.uint16)
    result["offset_values"] = values
    return result


def unpacked_shape(packed: dict[str, AnyArray]) -> dict[str, AnyArray]:
    """The arrays that `packed_shape` took."""
    result = {name: array for name, array in packed.items() if name != "offset_values"}
    for name in LENGTHS:
        result[name] = (packed[name] * STEP).astype(np.float32)
    if packed["weights"].dtype == np.uint8:
        result["weights"] = _weights(packed["weights"])
    result["key_offsets"] = packed["offset_values"][packed["key_offsets"]]
    return result


def _weights(codes: AnyArray) -> AnyArray:
    shares: AnyArray = codes / np.float32(WEIGHT_STEPS)
    return shares
