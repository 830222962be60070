"""The bytes of an encoding on disk: a JSON header, then raw arrays, under one checksum.

Layout, little endian: `CHIAROEN`, u32 format version, 16 bytes of BLAKE2b over all that follows, u32 length of the
header, the header (UTF-8 JSON), the arrays one after the other, those of bytes deflated. Nothing in it is ever
executed.
"""

import hashlib
import json
import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .crop import Crop
from .encoding import Encoding
from .errors import ChiaroError
from .field.planes import FieldPlanes
from .head import HeadBox

MAGIC = b"CHIAROEN"
FORMAT_VERSION = 2
CHECKSUM_BYTES = 16
BODY_START = len(MAGIC) + 4 + CHECKSUM_BYTES
LARGEST_HALF = 65504.0

HALF: np.dtype[Any] = np.dtype("<f2")
SINGLE: np.dtype[Any] = np.dtype("<f4")
DOUBLE: np.dtype[Any] = np.dtype("<f8")

BYTE: np.dtype[Any] = np.dtype("|u1")

STORED_TYPES: dict[str, np.dtype[Any]] = {
    "depth": SINGLE, "light": DOUBLE, "crop_camera_from_head": DOUBLE, "parts": BYTE, "environment": SINGLE,
}  # fmt: skip
"""Arrays that half floats would spoil. Half keeps 11 bits, 0.05 %, which no colour, direction, transport or feature
shows; depth becomes positions and normals, radiance has no upper end, and the small arrays cost nothing."""

NATIVE_TYPES: dict[np.dtype[Any], Any] = {HALF: np.float32, SINGLE: np.float32, DOUBLE: np.float64, BYTE: np.uint8}
"""What each stored type is read as."""

OPTIONAL = ("parts", "environment", "luminance")
ARRAYS = tuple(field.name for field in fields(Encoding) if field.name not in ("crop", "box", "planes", *OPTIONAL))
PLANES = tuple(f"planes/{field.name}" for field in fields(FieldPlanes))
"""Names of the planes' arrays: all of them are there, or none."""

DEFLATION = 1
"""zlib's fastest level: probabilities are mostly 0 and 255, and higher levels hardly save more."""


class DamagedEncodingError(Exception):
    """Bytes that are no encoding of this format version, whole and unchanged."""


def encoding_to_bytes(encoding: Encoding) -> bytes:
    """Pack an encoding; the maps are rounded to what STORED_TYPES says."""
    described, stored = [], []
    for name, array in _arrays_of(encoding):
        packed = _packed(array, _stored_type(name))
        content = zlib.compress(packed.tobytes(), DEFLATION) if packed.dtype == BYTE else packed.tobytes()
        described.append([name, packed.dtype.str, list(packed.shape), len(content)])
        stored.append(content)
    header = {"crop": _crop_to_json(encoding.crop), "box": asdict(encoding.box), "arrays": described}
    text = json.dumps(header, allow_nan=False).encode()
    body = b"".join([struct.pack("<I", len(text)), text, *stored])
    return b"".join([MAGIC, struct.pack("<I", FORMAT_VERSION), _checksum(body), body])


def _arrays_of(encoding: Encoding) -> Iterator[tuple[str, NDArray[Any]]]:
    """Names and arrays of what there is."""
    yield from ((name, getattr(encoding, name)) for name in ARRAYS)
    yield from ((name, getattr(encoding, name)) for name in OPTIONAL if getattr(encoding, name) is not None)
    if encoding.planes is not None:
        yield from ((name, getattr(encoding.planes, name.removeprefix("planes/"))) for name in PLANES)


def _stored_type(name: str) -> np.dtype[Any]:
    return STORED_TYPES.get(name, HALF)


def encoding_from_bytes(content: bytes) -> Encoding:
    """Unpack an encoding; all maps come back as float32, parts as uint8.

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
    except (ChiaroError, KeyError, TypeError, ValueError, struct.error, zlib.error) as error:
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
    _check_names(tuple(entry[0] for entry in described))
    start = 4 + length
    arrays: dict[str, NDArray[Any]] = {}
    for name, type_text, shape, size in described:
        stored = np.dtype(type_text)
        if stored != _stored_type(name):
            raise DamagedEncodingError(f"{name} of type {stored}")
        if not 0 <= size <= len(body) - start:
            raise DamagedEncodingError(f"{name} ends early")
        arrays[name] = _array(body[start : start + size], stored, shape)
        start += size
    if start != len(body):
        raise DamagedEncodingError("trailing bytes")
    planes = {name.removeprefix("planes/"): arrays.pop(name) for name in PLANES if name in arrays}
    return Encoding(
        crop=_crop_from_json(header["crop"]),
        box=HeadBox(**header["box"]),
        planes=FieldPlanes(**planes) if planes else None,
        **arrays,
    )


def _check_names(names: tuple[str, ...]) -> None:
    """Refuse a list of arrays that `_arrays_of` does not give."""
    optional = tuple(name for name in OPTIONAL if name in names)
    if names not in {ARRAYS + optional, ARRAYS + optional + PLANES}:
        raise DamagedEncodingError("other arrays than expected")


def _array(content: memoryview, stored: np.dtype[Any], shape: list[int]) -> NDArray[Any]:
    """An array of a shape in the type that it is worked with.

    Raises:
        DamagedEncodingError: the content is not of that size.
    """
    wanted = math.prod(shape) * stored.itemsize
    if stored == BYTE:
        # One byte more than wanted tells of too much content without unpacking all of it.
        content = memoryview(zlib.decompressobj().decompress(content, wanted + 1))
    if len(content) != wanted:
        raise DamagedEncodingError(f"{len(content)} bytes where {wanted} are expected")
    return np.frombuffer(content, stored).reshape(shape).astype(NATIVE_TYPES[stored])


def _crop_to_json(crop: Crop) -> dict[str, Any]:
    numbers = {field.name: getattr(crop.camera, field.name) for field in fields(Camera)}
    camera = {**numbers, "world_from_camera": crop.camera.world_from_camera.tolist()}
    numbers = {field.name: getattr(crop, field.name) for field in fields(crop)}
    return {**numbers, "camera": camera, "plate_from_crop": np.asarray(crop.plate_from_crop).tolist()}


def _crop_from_json(values: dict[str, Any]) -> Crop:
    camera = {**values["camera"], "world_from_camera": np.array(values["camera"]["world_from_camera"])}
    return Crop(**{**values, "camera": Camera(**camera), "plate_from_crop": np.array(values["plate_from_crop"])})
