"""The same light, stronger or weaker."""

from dataclasses import replace

from ..arrays import Float64Array
from .light import AreaLamp, Environment, Lamp, Light, SunLamp


def scaled_light(light: Light, factor: float | Float64Array) -> Light:
    """Multiply all of a light by a factor, or by three, one for each of red, green and blue."""
    environment = light.environment
    if environment is not None:
        radiance = (environment.radiance * factor).astype(environment.radiance.dtype)
        environment = Environment(radiance, environment.harmonics * factor)
    return Light(environment, tuple(scaled_lamp(lamp, factor) for lamp in light.lamps))


def scaled_lamp(lamp: Lamp, factor: float | Float64Array) -> Lamp:
    """Multiply a lamp's light by a factor."""
    if isinstance(lamp, SunLamp):
        return replace(lamp, irradiance=lamp.irradiance * factor)
    if isinstance(lamp, AreaLamp):
        return replace(lamp, radiance=lamp.radiance * factor)
    return replace(lamp, intensity=lamp.intensity * factor)
