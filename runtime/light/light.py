"""The light of a scene, in radiometric quantities and world axes, free of any renderer's units."""

from dataclasses import dataclass
from functools import cached_property

from ..arrays import Float32Array, Float64Array
from .prefilter import prefilter_map


@dataclass(frozen=True)
class Environment:
    """Light from infinitely far away.

    Attributes:
        radiance: (H, W, 3) float32 equirectangular map in world axes (z up) and Blender's layout: row 0 is +Z, the
            middle column looks to +X, u grows towards −Y.
        harmonics: (9, 3) radiance spherical harmonics, real orthonormal basis, index l² + l + m, world axes.
    """

    radiance: Float32Array
    harmonics: Float64Array

    @cached_property
    def reflections(self) -> Float32Array:
        """(levels, 32, 64, 3) the map blurred for mirrors of growing roughness; made at first use."""
        return prefilter_map(self.radiance)


@dataclass(frozen=True)
class SunLamp:
    """Parallel light.

    Attributes:
        direction: (3,) unit vector from the surface towards the sun, world axes.
        irradiance: (3,) on a surface that faces the sun.
        angle: angular diameter, radians.
        casts_shadow: whether the head shadows itself from it.
    """

    direction: Float64Array
    irradiance: Float64Array
    angle: float = 0.0
    casts_shadow: bool = True


@dataclass(frozen=True)
class PointLamp:
    """A small glowing sphere.

    Attributes:
        position: (3,) metres, world.
        intensity: (3,) radiant intensity, per steradian: irradiance at distance d, facing it, is intensity / d².
        radius: metres.
        soft_falloff: Blender's "Soft Falloff": in place of the sphere, a disc that turns to face each point, so that
            irradiance is intensity / (d² + radius²) and stays finite where the lamp touches a surface.
        casts_shadow: whether the head shadows itself from it.
    """

    position: Float64Array
    intensity: Float64Array
    radius: float = 0.0
    soft_falloff: bool = True
    casts_shadow: bool = True


@dataclass(frozen=True)
class SpotLamp:
    """A point lamp with a cone.

    Attributes:
        position: (3,) metres, world.
        axis: (3,) unit vector along which it shines, world axes.
        intensity: (3,) radiant intensity on the axis.
        cone_angle: full opening angle of the cone, radians.
        blend: 0..1 softness of the cone's edge, as Blender's.
        radius: metres.
        soft_falloff: as PointLamp's.
        casts_shadow: whether the head shadows itself from it.
    """

    position: Float64Array
    axis: Float64Array
    intensity: Float64Array
    cone_angle: float
    blend: float = 0.0
    radius: float = 0.0
    soft_falloff: bool = True
    casts_shadow: bool = True


@dataclass(frozen=True)
class AreaLamp:
    """A flat one-sided emitter.

    Attributes:
        position: (3,) centre, metres, world.
        axis_x: (3,) half the extent along its x, metres, world.
        axis_y: (3,) half the extent along its y, metres, world; it shines along −(axis_x × axis_y).
        radiance: (3,) emitted along the normal when the spread is π; a smaller spread gathers the same power into a
            narrower beam.
        ellipse: whether the shape is an ellipse or disc in place of a rectangle.
        spread: radians; π emits over the whole half-space, as Blender's.
        casts_shadow: whether the head shadows itself from it.
    """

    position: Float64Array
    axis_x: Float64Array
    axis_y: Float64Array
    radiance: Float64Array
    ellipse: bool = False
    spread: float = 3.141592653589793
    casts_shadow: bool = True


Lamp = SunLamp | PointLamp | SpotLamp | AreaLamp


@dataclass(frozen=True)
class Light:
    """All the light on the person: an environment, lamps, or both.

    Attributes:
        environment: the world's light, or None.
        lamps: the lamps.
    """

    environment: Environment | None = None
    lamps: tuple[Lamp, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return self.environment is None and not self.lamps
