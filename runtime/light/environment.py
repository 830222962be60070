"""Environments from maps and files."""

from pathlib import Path

import numpy as np
import OpenImageIO

from ..arrays import AnyFloatArray, Float32Array
from ..errors import LightError
from .equirectangular import require_map, turned_map
from .harmonics import project_environment, rotate_harmonics
from .light import Environment

_LARGEST_HEIGHT = 512


def environment_from_map(
    radiance: AnyFloatArray, *, rotation_z: float = 0.0, strength: float = 1.0, exposure: float = 0.0
) -> Environment:
    """An environment from an equirectangular map.

    Args:
        radiance: (H, W, 3) scene-linear Rec.709, Blender's layout.
        rotation_z: radians, as the Z rotation of a Mapping node (type Point) before Blender's Environment Texture.
        strength: factor, as the Background node's.
        exposure: stops on top of it.

    Returns:
        The environment; its map is reduced to at most 1024x512, its harmonics come from all pixels.

    Raises:
        LightError: when the array is no map, or a number is not finite.
    """
    require_map(radiance)
    factor = strength * 2.0**exposure
    if not np.isfinite(factor) or not np.isfinite(rotation_z) or factor < 0.0:
        raise LightError(
            f"The environment's strength is {strength:g} at exposure {exposure:g}, turned by {rotation_z:g} radians; "
            "finite numbers and a strength of zero or more are expected."
        )
    cosine, sine = np.cos(rotation_z), np.sin(rotation_z)
    # The lookup is at R_z(rotation) · d, so the map's content turns the other way.
    world_from_map = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    harmonics = rotate_harmonics(project_environment(radiance) * factor, world_from_map)
    scaled = _reduced(np.asarray(radiance, np.float32)) * np.float32(factor)
    return Environment(turned_map(scaled, rotation_z), harmonics)


def read_environment_map(path: Path) -> Float32Array:
    """Read an equirectangular .hdr or .exr file.

    Args:
        path: the file.

    Returns:
        (H, W, 3) float32, taken to be scene-linear Rec.709.

    Raises:
        LightError: when the file is missing, cannot be read, has no RGB channels or holds NaN.
    """
    if not path.is_file():
        raise LightError(f"The environment map {path} does not exist; give the path of an .hdr or .exr file.")
    source = OpenImageIO.ImageInput.open(str(path))
    if source is None:
        raise LightError(
            f"The environment map {path} cannot be read ({_reason()}); an .hdr or .exr image is expected: "
            "check that the file is complete."
        )
    try:
        channels = source.spec().nchannels
        if channels < 3:
            raise LightError(
                f"The environment map {path} has {channels} channel(s); red, green and blue are expected: "
                "save it as an RGB image."
            )
        pixels = source.read_image(0, 0, 0, 3, "float")
    finally:
        source.close()
    if pixels is None:
        raise LightError(
            f"The environment map {path} is damaged ({source.geterror() or 'it ends early'}); "
            "a complete .hdr or .exr image is expected: copy or save the file again."
        )
    radiance: Float32Array = np.ascontiguousarray(pixels, np.float32)
    require_map(radiance)
    return radiance


def environment_from_file(
    path: Path, *, rotation_z: float = 0.0, strength: float = 1.0, exposure: float = 0.0
) -> Environment:
    """An environment from a file; see `read_environment_map` and `environment_from_map`."""
    radiance = read_environment_map(path)
    return environment_from_map(radiance, rotation_z=rotation_z, strength=strength, exposure=exposure)


def _reason() -> str:
    return (OpenImageIO.geterror() or "unknown format").strip().splitlines()[0]


def _reduced(radiance: Float32Array) -> Float32Array:
    """Average whole blocks until the map is at most 512 rows high."""
    factor = -(-radiance.shape[0] // _LARGEST_HEIGHT)
    height, width = radiance.shape[0] // factor, radiance.shape[1] // factor
    if factor == 1 or height * factor != radiance.shape[0] or width * factor != radiance.shape[1]:
        return radiance
    blocks = radiance.reshape(height, factor, width, factor, 3)
    reduced: Float32Array = blocks.mean(axis=(1, 3), dtype=np.float32)
    return reduced
