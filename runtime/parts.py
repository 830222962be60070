"""What each pixel of the person is: skin, lips, brows, eyes, mouth, hair, clothing, glasses."""

import numpy as np

from .arrays import BytesArray, Float32Array
from .encoding import Encoding
from .errors import WeightsError

PARTS = ("skin", "lips", "brows", "eyes", "mouth", "hair", "clothing", "glasses")
"""Channels 1 to 8 of the portrait network's `parts` output; channel 0 is the background. Mouth is what lies behind the
lips. A network of eight channels counts glasses as clothing."""


def share_of(parts: BytesArray, name: str) -> Float32Array:
    """(h, w) 0..1 of one of PARTS, from an encoding's parts (h, w, 8)."""
    return parts[..., PARTS.index(name)].astype(np.float32) * np.float32(1 / 255)


def crop_parts(encoding: Encoding) -> Float32Array:
    """(h, w, 8) probabilities on the crop in the order of PARTS; what is missing to 1 is background.

    Raises:
        WeightsError: the network that made the encoding names no parts.
    """
    if encoding.parts is None:
        raise WeightsError(
            "The portrait network that is installed names no parts of the person; install Chiaro's own weights again."
        )
    return encoding.parts.astype(np.float32) * np.float32(1 / 255)
