"""Keys of cached results: a hash of everything the result depends on."""

import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def cache_key(**parts: object) -> str:
    """SHA-256 of named parts, hexadecimal; two different sets of parts never give the same bytes to hash.

    Args:
        parts: what the result depends on: text, numbers, booleans, None, bytes, arrays, paths of such as tuples, lists
            and mappings with text keys, and dataclasses of them. Their order does not matter. Floats count to the last
            bit, so round what is noisy.

    Raises:
        TypeError: a part of another kind.
    """
    digest = hashlib.sha256()
    for piece in _pieces(parts):
        digest.update(struct.pack("<Q", len(piece)))
        digest.update(piece)
    return digest.hexdigest()


def _pieces(value: Any) -> Iterator[bytes]:  # noqa: ANN401 - this is where kinds are told apart
    """Self-delimiting pieces: each kind starts with its own tag, and containers with their length."""
    match value:
        case None | bool():
            yield f"constant {value}".encode()
        case int() | np.integer():
            yield f"integer {int(value)}".encode()
        case float() | np.floating():
            yield b"float " + struct.pack("<d", float(value) + 0.0)  # makes −0 and 0 one
        case str():
            yield b"text " + value.encode()
        case bytes():
            yield b"bytes " + value
        case np.ndarray():
            yield f"array {value.dtype.str} {value.shape}".encode()
            yield np.ascontiguousarray(value).tobytes()
        case list() | tuple():
            yield f"sequence {len(value)}".encode()
            for item in value:
                yield from _pieces(item)
        case Mapping():
            yield f"mapping {len(value)}".encode()
            for name in sorted(value):
                yield from _pieces(str(name))
                yield from _pieces(value[name])
        case _ if is_dataclass(value) and not isinstance(value, type):
            yield f"dataclass {type(value).__name__}".encode()
            yield from _pieces({field.name: getattr(value, field.name) for field in fields(value)})
        case _:
            raise TypeError(f"a cache key cannot be made of a {type(value).__name__}")
