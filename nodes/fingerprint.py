"""A fingerprint of everything a result is made from, so that nothing is computed twice."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any

LARGE_BYTES = 1 << 16
REMEMBERED_ARRAYS = 8


def fingerprint(*values: Any) -> str:
    """Hash values made of dataclasses, tuples, sets of strings, arrays and plain values.

    Returns:
        Hexadecimal; equal for equal values.
    """
    digest = hashlib.blake2b(digest_size=16)
    for value in values:
        _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    if hasattr(value, "__dataclass_fields__"):
        digest.update(type(value).__name__.encode())
        for name in value.__dataclass_fields__:
            _feed(digest, getattr(value, name))
    elif isinstance(value, tuple):
        digest.update(f"{len(value)} values".encode())
        for entry in value:
            _feed(digest, entry)
    elif isinstance(value, frozenset):
        _feed(digest, tuple(sorted(value)))
    elif hasattr(value, "tobytes"):
        digest.update(_ARRAYS.digest(value))
    else:
        digest.update(repr(value).encode() + b"\0")


class _ArrayDigests:
    """Digests of the large arrays that were seen last: a baked world is the same object until it is baked again.

    The arrays are kept, so their ids stay theirs; nobody writes into them (they belong to frozen dataclasses).
    """

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[Any, bytes]] = OrderedDict()

    def digest(self, array: Any) -> bytes:
        known = self._known.get(id(array))
        if known is not None:
            return known[1]
        digest = hashlib.blake2b(f"{array.dtype}{array.shape}".encode(), digest_size=16)
        digest.update(array.tobytes())
        if array.nbytes >= LARGE_BYTES:
            self._known[id(array)] = (array, digest.digest())
            while len(self._known) > REMEMBERED_ARRAYS:
                self._known.popitem(last=False)
        return digest.digest()


_ARRAYS = _ArrayDigests()
