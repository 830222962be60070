"""Vertex positions over time in a PC2 file, which Blender's Mesh Cache modifier plays."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...runtime.arrays import Float32Array

HEADER = "<12siiffi"
"""Signature, version, points, start frame, sample rate, samples (PointCache2, as Blender's meshcache_pc2 reads it)."""


def write_point_cache(path: Path, positions: Sequence[Float32Array], start: int) -> None:
    """Write one sample per frame.

    Args:
        path: the .pc2 file; it appears whole or not at all.
        positions: (N, 3) float32 per frame, all of one size.
        start: the first frame's number.

    Raises:
        OutputError: it cannot be written.
    """
    import numpy as np

    from ...runtime.output.replacing import replacing

    header = struct.pack(HEADER, b"POINTCACHE2\0", 1, len(positions[0]), float(start), 1.0, len(positions))
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(header)
        for sample in positions:
            file.write(np.ascontiguousarray(sample, "<f4").tobytes())
