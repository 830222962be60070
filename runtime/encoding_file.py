"""The bytes of an encoding on disk: a JSON header, then raw arrays, under one checksum.

Layout, little endian: `CHIAROEN`, u32 format version, 16 bytes of BLAKE2b over all that follows, u32 length of the
header, the header (UTF-8 JSON), the arrays one after the other. Nothing in it is ever executed.
"""

import hashlib
import json
import math
import struct
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .crop import Crop
from .encoding import Encoding
from .errors import ChiaroError
from .head import HeadBox

MAGIC = b"CHIAROEN"
FORMAT_VERSION = 1
CHECKSUM_BYTES = 16
BODY_START = len(MAGIC) + 4 + CHECKSUM_BYTES
LARGEST_HALF = 65504.0

HALF: np.dtype[Any] = np.dtype("<f2")
SINGLE: np.dtype[Any] = np.dtype("<f4")
DOUBLE: np.dtype[Any] = np.dtype("<f8")

STORED_TYPES: dict[str, np.dtype[Any]] = {"depth": SINGLE, "light": DOUBLE, "crop_camera_from_head": DOUBLE}
"""Arrays that half floats would spoil. Half keeps 11 bits, 0.05 %, which no colour, direction or transport shows; depth
becomes positions and normals, and the small arrays cost nothing."""

ARRAYS = tuple(field.name for field in fields(Encoding) if field.name not in ("crop", "box"))


class DamagedEncodingError(Exception):
    """Bytes that are no encoding of this format version, whole and unchanged."""


def encoding_to_bytes(encoding: Encoding) -> bytes:
    """Pack an encoding; the maps are rounded to what STORED_TYPES says."""
    arrays = {name: _packed(getattr(encoding, name), STORED_TYPES.get(name, HALF)) for name in ARRAYS}
    header = {
        "crop": _crop_to_json(encoding.crop),
        "box": asdict(encoding.box),
        "arrays": [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()],
    }
    text = json.dumps(header, allow_nan=False).encode()
    body = b"".join([struct.pack("<I", len(text)), text, *(array.tobytes() for array in arrays.values())])
    return b"".join([MAGIC, struct.pack("<I", FORMAT_VERSION), _checksum(body), body])


def encoding_from_bytes(content: bytes) -> Encoding:
    """Unpack an encoding; all maps come back as float32.

    Raises:
        DamagedEncodingError: wrong magic, version, checksum, or contents that do not fit together.
    """
    if content[: len(MAGIC)] != MAGIC or len(content) < BODY_START + 4:
        raise DamagedEncodingError("not an encoding")
    (version,) = struct.unpack_from("<I", content, len(MAGIC))
    if version != FORMAT_VERSION:
        raise DamagedEncodingError(f"format version {version}")
    body = memoryview(content)[BODY_START:]
    if content[BODY_START - CHECKSUM_BYTES : BODY_START] != _checksum(body):
        raise DamagedEncodingError("checksum")
    try:
        return _unpacked(body)
    except (ChiaroError, KeyError, TypeError, ValueError, struct.error) as error:
        raise DamagedEncodingError(str(error)) from error


def _checksum(body: bytes | memoryview) -> bytes:
    return hashlib.blake2b(body, digest_size=CHECKSUM_BYTES).digest()


def _packed(array: NDArray[Any], stored: np.dtype[Any]) -> NDArray[Any]:
    if stored == HALF:
        array = np.clip(array, -LARGEST_HALF, LARGEST_HALF)
    return np.ascontiguousarray(array, dtype=stored)


def _unpacked(body: memoryview) -> Encoding:
    (length,) = struct.unpack_from("<I", body, 0)
    header = json.loads(bytes(body[4 : 4 + length]))
    described = header["arrays"]
    if tuple(name for name, _, _ in described) != ARRAYS:
        raise DamagedEncodingError("other arrays than expected")
    start = 4 + length
    arrays: dict[str, NDArray[Any]] = {}
    for name, type_text, shape in described:
        stored = np.dtype(type_text)
        if stored != STORED_TYPES.get(name, HALF):
            raise DamagedEncodingError(f"{name} of type {stored}")
        count = math.prod(shape)
        flat = np.frombuffer(body, stored, count, start)
        arrays[name] = flat.reshape(shape).astype(np.float64 if stored == DOUBLE else np.float32)
        start += count * stored.itemsize
    if start != len(body):
        raise DamagedEncodingError("trailing bytes")
    return Encoding(crop=_crop_from_json(header["crop"]), box=HeadBox(**header["box"]), **arrays)


def _crop_to_json(crop: Crop) -> dict[str, Any]:
    camera = {**vars(crop.camera), "world_from_camera": crop.camera.world_from_camera.tolist()}
    return {**vars(crop), "camera": camera, "plate_from_crop": np.asarray(crop.plate_from_crop).tolist()}


def _crop_from_json(values: dict[str, Any]) -> Crop:
    camera = {**values["camera"], "world_from_camera": np.array(values["camera"]["world_from_camera"])}
    return Crop(**{**values, "camera": Camera(**camera), "plate_from_crop": np.array(values["plate_from_crop"])})
