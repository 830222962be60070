"""Pictures of a comparison: ours, path-traced, and what lies between."""

import numpy as np

from ....runtime.arrays import AnyFloatArray, Float32Array
from ....runtime.transfer import srgb_from_linear
from .scene import Rendering

NORMAL_GAIN, DEPTH_GAIN = 5.0, 0.1
"""Brightness of differences: of normals per unit, of depth per millimetre."""


def scene_row(ours: Rendering, theirs: Rendering) -> Float32Array:
    """One row of a sheet, 0..1.

    Diffuse ours, Cycles, signed difference (grey is none; black and white are a quarter of a plate's white); the same
    for specular; albedo ours and Cycles; differences of normal and depth; difference of mattes.
    """
    seen = theirs.matte[..., None]
    tiles = [
        *_triptych(ours.diffuse, theirs.diffuse, seen),
        *_triptych(ours.specular, theirs.specular, seen),
        srgb_from_linear(ours.albedo) * seen,
        srgb_from_linear(theirs.albedo) * seen,
        np.abs(ours.normal - theirs.normal) * NORMAL_GAIN * seen,
        _grey(np.abs(ours.depth - theirs.depth) * 1000.0 * DEPTH_GAIN) * seen,
        _grey(np.abs(ours.matte - theirs.matte)),
    ]
    row: Float32Array = np.clip(np.concatenate(tiles, axis=1), 0.0, 1.0).astype(np.float32)
    return row


def _triptych(ours: Float32Array, theirs: Float32Array, seen: Float32Array) -> list[AnyFloatArray]:
    difference = 0.5 + 2.0 * (np.clip(ours, 0.0, 1.0) - np.clip(theirs, 0.0, 1.0))
    return [srgb_from_linear(ours) * seen, srgb_from_linear(theirs) * seen, np.clip(difference, 0.0, 1.0) * seen]


def _grey(values: AnyFloatArray) -> AnyFloatArray:
    return np.repeat(values[..., None], 3, axis=-1)
