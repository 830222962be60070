"""The bytes of a frame's heads on disk: JSON, so that a plate frame goes through the locator once."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from .errors import HeadError
from .head import HeadBox

FORMAT_VERSION = 1


class DamagedHeadsError(Exception):
    """Bytes that are no heads of this format version, whole and unchanged."""


def heads_to_bytes(heads: Sequence[HeadBox]) -> bytes:
    """Pack the heads of one frame, none included; every number comes back to the last bit."""
    return json.dumps({"version": FORMAT_VERSION, "heads": [asdict(head) for head in heads]}, allow_nan=False).encode()


def heads_from_bytes(content: bytes) -> list[HeadBox]:
    """Unpack the heads of one frame.

    Raises:
        DamagedHeadsError: not JSON, another version, or boxes that no head has.
    """
    try:
        stored = json.loads(content)
        if stored["version"] != FORMAT_VERSION:
            raise DamagedHeadsError(f"format version {stored['version']}")
        return [HeadBox(**{name: float(value) for name, value in head.items()}) for head in stored["heads"]]
    except (HeadError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedHeadsError(str(error)) from error
