"""Blender's lamp settings in radiometric quantities. Pure numbers in, lamps out; knows no bpy.

Measured against Cycles on a white Lambert sphere (tests/nodes/test_scene_light.py). With
strength = colour · energy · 2^exposure · temperature colour:

- sun: irradiance = strength; not normalised, radiance = strength over the sun's disc.
- point, spot: intensity = strength / 4π; not normalised, radiance = strength / π over a disc of the lamp's radius.
- area: radiance = strength / (π · area); not normalised, radiance = strength / π.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import AnyFloatArray, Float64Array
from ..errors import LightError
from .light import AreaLamp, PointLamp, SpotLamp, SunLamp


@dataclass(frozen=True)
class LampStrength:
    """What all of Blender's lamps have in common.

    Attributes:
        energy: "Power" in watts, or "Strength" of a sun.
        colour: (3,) scene-linear Rec.709.
        exposure: stops.
        temperature_colour: (3,) Blender's `temperature_color` where "Temperature" is on, else white.
        normalise: Blender's "Normalize": power does not depend on the lamp's size.
        casts_shadow: Blender's "Shadow".
    """

    energy: float
    colour: Sequence[float] = (1.0, 1.0, 1.0)
    exposure: float = 0.0
    temperature_colour: Sequence[float] = (1.0, 1.0, 1.0)
    normalise: bool = True
    casts_shadow: bool = True

    @property
    def strength(self) -> Float64Array:
        """(3,) product of energy, colour, exposure and temperature.

        Raises:
            LightError: when a factor is not finite.
        """
        colour = np.asarray(self.colour, np.float64) * np.asarray(self.temperature_colour, np.float64)
        strength = colour * self.energy * 2.0**self.exposure
        if strength.shape != (3,) or not np.isfinite(strength).all():
            raise LightError(
                f"A lamp's strength is {strength.tolist()}; three finite numbers are expected: "
                "check its power, colour and exposure."
            )
        return np.asarray(strength, np.float64)


def sun_lamp(strength: LampStrength, world_from_lamp: AnyFloatArray, angle: float) -> SunLamp:
    """A sun.

    Args:
        strength: its strength.
        world_from_lamp: (4, 4) transform; it shines along −z.
        angle: angular diameter, radians.
    """
    irradiance = strength.strength
    half = min(max(angle, 0.0), np.pi) / 2.0
    if not strength.normalise and half > 0.0:
        irradiance = irradiance * np.pi * np.sin(half) ** 2
    direction = _unit(_finite(world_from_lamp)[:3, 2])
    return SunLamp(direction, irradiance, 2.0 * half, strength.casts_shadow)


def point_lamp(
    strength: LampStrength, world_from_lamp: AnyFloatArray, radius: float, *, soft_falloff: bool = True
) -> PointLamp:
    """A point lamp; its transform's scale has no effect, as in Cycles.

    Args:
        strength: its strength.
        world_from_lamp: (4, 4) transform.
        radius: metres.
        soft_falloff: Blender's "Soft Falloff".
    """
    position = _finite(world_from_lamp)[:3, 3]
    return PointLamp(position, _intensity(strength, radius), radius, soft_falloff, strength.casts_shadow)


def spot_lamp(
    strength: LampStrength,
    world_from_lamp: AnyFloatArray,
    *,
    radius: float,
    spot_size: float,
    spot_blend: float,
    soft_falloff: bool = True,
) -> SpotLamp:
    """A spot lamp.

    A transform that is longer along z narrows the cone, as in Cycles; different scales of x and y, which make
    Cycles' cone elliptical, are averaged.

    Args:
        strength: its strength.
        world_from_lamp: (4, 4) transform; it shines along −z.
        radius: metres.
        spot_size: full opening angle of the cone, radians.
        spot_blend: 0..1.
        soft_falloff: Blender's "Soft Falloff".
    """
    matrix = _finite(world_from_lamp)
    scale = np.linalg.norm(matrix[:3, :3], axis=0)
    stretch = np.sqrt(scale[0] * scale[1]) / max(scale[2], 1e-12)
    half = np.arctan2(np.sin(spot_size / 2.0) * stretch, np.cos(spot_size / 2.0))
    return SpotLamp(
        position=matrix[:3, 3],
        axis=-_unit(matrix[:3, 2]),
        intensity=_intensity(strength, radius),
        cone_angle=2.0 * float(half),
        blend=spot_blend,
        radius=radius,
        soft_falloff=soft_falloff,
        casts_shadow=strength.casts_shadow,
    )


def area_lamp(
    strength: LampStrength,
    world_from_lamp: AnyFloatArray,
    *,
    shape: str,
    size: float,
    size_y: float,
    spread: float = np.pi,
) -> AreaLamp:
    """An area lamp.

    Args:
        strength: its strength.
        world_from_lamp: (4, 4) transform; it shines along −z, and its scale multiplies the sizes.
        shape: Blender's SQUARE, RECTANGLE, DISK or ELLIPSE.
        size: full extent along x (both ways for a square and a disc), before the transform.
        size_y: full extent along y of a rectangle or an ellipse.
        spread: radians.

    Raises:
        LightError: when the shape is unknown or has no area.
    """
    if shape not in ("SQUARE", "RECTANGLE", "DISK", "ELLIPSE"):
        raise LightError(
            f"An area lamp has the shape {shape!r}; SQUARE, RECTANGLE, DISK or ELLIPSE is expected: "
            "choose one in the lamp's settings."
        )
    matrix = _finite(world_from_lamp)
    extent_y = size_y if shape in ("RECTANGLE", "ELLIPSE") else size
    axis_x, axis_y = matrix[:3, 0] * size / 2.0, matrix[:3, 1] * extent_y / 2.0
    ellipse = shape in ("DISK", "ELLIPSE")
    area = 4.0 * float(np.linalg.norm(np.cross(axis_x, axis_y))) * (np.pi / 4.0 if ellipse else 1.0)
    if not area > 0.0:
        raise LightError(
            f"An area lamp measures {size:g} x {extent_y:g} metres with its scale at zero or its sides at zero; "
            "a size above zero is expected: enlarge it or turn it off."
        )
    radiance = strength.strength / (np.pi * area if strength.normalise else np.pi)
    return AreaLamp(matrix[:3, 3], axis_x, axis_y, radiance, ellipse, spread, strength.casts_shadow)


def _intensity(strength: LampStrength, radius: float) -> Float64Array:
    """Radiant intensity of a point or spot lamp; a radius of zero has no disc, and Cycles then takes 1 m² of it."""
    if strength.normalise:
        return strength.strength / (4.0 * np.pi)
    return strength.strength * (radius * radius if radius > 0.0 else 1.0 / np.pi)


def _finite(matrix: AnyFloatArray) -> Float64Array:
    matrix = np.asarray(matrix, np.float64)
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
        raise LightError(
            f"A lamp's matrix has shape {matrix.shape} or holds numbers that are not finite; "
            "a finite 4x4 matrix is expected: check the lamp's transform."
        )
    return matrix


def _unit(vector: Float64Array) -> Float64Array:
    length = np.linalg.norm(vector)
    if length < 1e-12:
        raise LightError(
            "A lamp's transform has zero scale along its z axis, so it has no direction; a scale above zero is "
            "expected: apply the lamp's scale."
        )
    return vector / length
