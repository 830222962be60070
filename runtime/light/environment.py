"""Environments from maps and files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenImageIO

from ..arrays import AnyFloatArray, Float32Array, Float64Array
from ..errors import LightError
from .compact_sources import split_compact_sources
from .equirectangular import require_map, turned_map
from .harmonics import project_environment, rotate_harmonics
from .light import Environment, Light, SunLamp
from .scaled import scaled_light

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
    factor = _factor(strength, exposure)
    harmonics = rotate_harmonics(project_environment(radiance) * factor, _world_from_map(rotation_z))
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


def light_from_map(
    radiance: AnyFloatArray, *, rotation_z: float = 0.0, strength: float = 1.0, exposure: float = 0.0
) -> Light:
    """All the light of an equirectangular map: its suns and small lamps as lamps, the rest as an environment.

    This is what to light a person with; `environment_from_map` alone leaves suns to the harmonics, which blur them and
    give them no shadow. The arguments and errors are those of `environment_from_map`.
    """
    require_map(radiance)
    factor = _factor(strength, exposure)
    rest, sources = split_compact_sources(_reduced(np.asarray(radiance, np.float32)))
    light = Light(environment_from_map(rest), sources)
    return turned_light(light if factor == 1.0 else scaled_light(light, factor), rotation_z)


def turned_light(light: Light, rotation_z: float) -> Light:
    """Turn an environment and distant lamps as a Mapping node's Z rotation turns a world; cheap enough for keyframes.

    Raises:
        LightError: when a lamp stands at a place, so that it does not turn with the world.
    """
    if rotation_z == 0.0:
        return light
    turn = _world_from_map(rotation_z)
    suns = []
    for lamp in light.lamps:
        if not isinstance(lamp, SunLamp):
            raise LightError(
                f"A {type(lamp).__name__} does not turn with the world; only an environment and suns do: "
                "turn the world's light before adding lamps."
            )
        suns.append(replace(lamp, direction=turn @ lamp.direction))
    environment = light.environment
    if environment is not None:
        turned = turned_map(environment.radiance, rotation_z)
        environment = Environment(turned, rotate_harmonics(environment.harmonics, turn))
    return Light(environment, tuple(suns))


def light_from_file(path: Path, *, rotation_z: float = 0.0, strength: float = 1.0, exposure: float = 0.0) -> Light:
    """All the light of an environment map; see `read_environment_map` and `light_from_map`."""
    return light_from_map(read_environment_map(path), rotation_z=rotation_z, strength=strength, exposure=exposure)


def _factor(strength: float, exposure: float) -> float:
    factor = strength * 2.0**exposure if abs(exposure) < 1000.0 else np.nan
    if not np.isfinite(factor) or factor < 0.0:
        raise LightError(
            f"The environment's strength is {strength:g} at exposure {exposure:g}; finite numbers and a strength of "
            "zero or more are expected: check both settings."
        )
    return factor


def _world_from_map(rotation_z: float) -> Float64Array:
    """(3, 3). A Mapping node looks the map up at R_z(rotation) · d, so the map's content turns the other way."""
    if not np.isfinite(rotation_z):
        raise LightError(f"The environment's rotation is {rotation_z:g}; a finite angle is expected.")
    cosine, sine = np.cos(rotation_z), np.sin(rotation_z)
    return np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])


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
