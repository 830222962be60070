"""Mattes with names in one EXR, as the Cryptomatte specification has them: compositors pick them by clicking.

Friedman and Jones, "Fully Automatic ID Mattes with Support for Motion Blur and Transparency" (SIGGRAPH 2015), and
the Cryptomatte specification 1.2.0 (Psyop): per pixel a list of (id, coverage) pairs, heaviest first, two per layer.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from OpenImageIO import ImageSpec

from ..arrays import Float32Array
from ..errors import OutputError
from .image_writer import write_image

LAYER = "ChiaroParts"
RANKS = 4
"""How many mattes a pixel can belong to; parts of a face rarely meet three at once."""

_MASK = 0xFFFFFFFF


def murmur_hash(text: str) -> int:
    """MurmurHash3, x86, 32 bits, seed 0, of the UTF-8 bytes (Appleby, public domain)."""
    content = text.encode()
    result = 0
    whole = len(content) // 4 * 4
    for start in range(0, whole, 4):
        result ^= _scrambled(int.from_bytes(content[start : start + 4], "little"))
        result = (_rotated(result, 13) * 5 + 0xE6546B64) & _MASK
    if len(content) > whole:
        result ^= _scrambled(int.from_bytes(content[whole:], "little"))
    result ^= len(content)
    result = ((result ^ (result >> 16)) * 0x85EBCA6B) & _MASK
    result = ((result ^ (result >> 13)) * 0xC2B2AE35) & _MASK
    return result ^ (result >> 16)


def _scrambled(block: int) -> int:
    return (_rotated((block * 0xCC9E2D51) & _MASK, 15) * 0x1B873593) & _MASK


def _rotated(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK


def float_id(name: str) -> np.float32:
    """The name's hash as a float, its exponent changed where it would be infinite, NaN or subnormal (section 3.2)."""
    bits = murmur_hash(name)
    if (bits >> 23) & 255 in (0, 255):
        bits ^= 1 << 23
    return np.float32(np.array([bits], np.uint32).view(np.float32)[0])


def ranked_mattes(coverage: Float32Array, names: Sequence[str]) -> Float32Array:
    """(id, coverage) pairs per pixel.

    Args:
        coverage: (H, W, N) 0..1 per matte.
        names: of the N mattes.

    Returns:
        (H, W, 2 · RANKS) float32: id, coverage, id, coverage …, heaviest first; zero where there is nothing.
    """
    kept = min(RANKS, coverage.shape[-1])
    order = np.argsort(-coverage, axis=-1, kind="stable")[..., :kept]
    weights = np.take_along_axis(coverage, order, axis=-1)
    ids = np.array([float_id(name) for name in names], np.float32)[order]
    ranked = np.zeros((*coverage.shape[:2], 2 * RANKS), np.float32)
    ranked[..., 0 : 2 * kept : 2] = np.where(weights > 0, ids, 0)
    ranked[..., 1 : 2 * kept : 2] = weights
    return ranked


def write_cryptomatte(
    path: Path,
    coverage: Float32Array,
    names: Sequence[str],
    colours: Float32Array,
    *,
    frame: int | None = None,
) -> None:
    """Write mattes with names.

    Args:
        path: the EXR file; it appears whole or not at all.
        coverage: (H, W, N) 0..1 per matte.
        names: of the N mattes.
        colours: (N, 3) of the mattes in the preview layer.
        frame: for the header.

    Raises:
        OutputError: the arrays do not fit together, or the file cannot be written.
    """
    if coverage.ndim != 3 or coverage.shape[-1] != len(names) or colours.shape != (len(names), 3):
        raise OutputError(
            f'"{path.name}" cannot be written: there are {len(names)} names and mattes of shape {coverage.shape}.'
        )
    height, width = coverage.shape[:2]
    channels = [f"{LAYER}{index // 4:02d}.{'RGBA'[index % 4]}" for index in range(2 * RANKS)]
    preview = [f"{LAYER}.{component}" for component in "RGB"]
    spec = ImageSpec(width, height, len(channels) + 3, "float")
    spec.channelnames = (*preview, *channels)
    spec.attribute("compression", "zip")  # Lossless, as the specification demands of ids.
    spec.attribute("Software", "Chiaro")
    if frame is not None:
        spec.attribute("imageCounter", int(frame))
    prefix = f"cryptomatte/{murmur_hash(LAYER):08x}"[:19]
    manifest = {name: f"{int(float_id(name).view(np.uint32)):08x}" for name in names}
    for key, value in (
        ("name", LAYER),
        ("hash", "MurmurHash3_32"),
        ("conversion", "uint32_to_float32"),
        ("manifest", json.dumps(manifest, separators=(",", ":"))),
    ):
        spec.attribute(f"{prefix}/{key}", value)
    pixels = np.concatenate([coverage @ colours.astype(np.float32), ranked_mattes(coverage, names)], axis=-1)
    write_image(path, spec, [np.ascontiguousarray(pixels, np.float32)])
