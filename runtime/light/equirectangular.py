"""Equirectangular maps in Blender's layout: row 0 is +Z, the middle column looks to +X, u grows towards −Y."""

import numpy as np

from ..arrays import AnyFloatArray, Float32Array, Float64Array
from ..errors import LightError


def require_map(radiance: AnyFloatArray) -> None:
    """Raise LightError unless the array is a finite (H, W, 3) map."""
    if not isinstance(radiance, np.ndarray) or radiance.ndim != 3 or radiance.shape[2] != 3 or radiance.size == 0:
        shape = getattr(radiance, "shape", type(radiance).__name__)
        raise LightError(
            f"The environment map has shape {shape}; (height, width, 3) is expected: give an equirectangular RGB image."
        )
    if not np.isfinite(radiance.min()) or not np.isfinite(radiance.max()):
        raise LightError(
            "The environment map holds pixels that are NaN or infinite; finite radiance is expected: "
            "repair the image, or clamp it where it was made."
        )


def map_directions(height: int, width: int, rows: slice = slice(None)) -> Float64Array:
    """(height, width, 3) unit directions, world axes, through the pixel centres of all rows or of some."""
    polar = np.pi * (np.arange(height)[rows] + 0.5) / height
    azimuth = np.pi - 2.0 * np.pi * (np.arange(width) + 0.5) / width
    sine = np.sin(polar)[:, None]
    z = np.broadcast_to(np.cos(polar)[:, None], (len(polar), width))
    return np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), z], axis=-1)


def solid_angles(height: int, width: int) -> Float64Array:
    """(height, 1) steradians that a pixel of each row covers; over the map they add up to 4π."""
    edges = np.cos(np.pi * np.arange(height + 1) / height)
    angles: Float64Array = ((edges[:-1] - edges[1:]) * 2.0 * np.pi / width)[:, None]
    return angles


def map_coordinates(directions: AnyFloatArray) -> tuple[AnyFloatArray, AnyFloatArray]:
    """Where unit world directions (..., 3) lie in a map: (u, v), each (...) in 0..1, v growing downwards."""
    azimuth = np.arctan2(directions[..., 1], directions[..., 0])
    u = 0.5 - azimuth / (2.0 * np.pi)
    v = np.arccos(np.clip(directions[..., 2], -1.0, 1.0)) / np.pi
    return u, v


def turned_map(radiance: Float32Array, rotation_z: float) -> Float32Array:
    """A map moved along u by rotation_z / 2π of its width, between pixels linearly.

    This is what a Mapping node of type Point with that Z rotation, before an Environment Texture, does to the world:
    the texture is looked up at R_z(rotation) · d, so what stood at azimuth φ appears at φ − rotation.

    Args:
        radiance: (H, W, C).
        rotation_z: radians.
    """
    width = radiance.shape[1]
    shift = rotation_z / (2.0 * np.pi) * width
    whole = int(np.floor(shift))
    fraction = np.float32(shift - whole)
    moved = np.roll(radiance, whole, axis=1)
    if fraction == 0.0:
        return moved
    turned: Float32Array = moved * (1.0 - fraction) + np.roll(moved, 1, axis=1) * fraction
    return turned
