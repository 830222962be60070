"""Irradiance that lamps throw on unshadowed surfaces."""

from typing import assert_never

import numpy as np

from ..arrays import AnyFloatArray, Float32Array
from .area_lamp import area_form_factor, emitter_area
from .light import AreaLamp, Lamp, PointLamp, SpotLamp, SunLamp
from .spherical_cap import cap_cosine
from .spot_cone import spot_attenuation


def lamp_irradiance(lamp: Lamp, positions: AnyFloatArray, normals: AnyFloatArray) -> Float32Array:
    """Irradiance of a lamp where nothing stands in its way but the surface's own horizon.

    Args:
        lamp: the lamp.
        positions: (..., 3) metres, world.
        normals: (..., 3) unit, world.

    Returns:
        (..., 3) irradiance; divided by π it is the radiance that leaves a white diffuse surface.
    """
    points = np.ascontiguousarray(positions.reshape(-1, 3), np.float32)
    units = np.ascontiguousarray(normals.reshape(-1, 3), np.float32)
    irradiance = np.outer(lamp_factor(lamp, points, units), lamp_colour(lamp))
    return irradiance.reshape(positions.shape).astype(np.float32, copy=False)


def lamp_colour(lamp: Lamp) -> Float32Array:
    """(3,) the lamp's quantity of light: a sun's irradiance, a point's intensity, an area's radiance."""
    if isinstance(lamp, SunLamp):
        return lamp.irradiance.astype(np.float32)
    if isinstance(lamp, AreaLamp):
        return lamp.radiance.astype(np.float32)
    return lamp.intensity.astype(np.float32)


def lamp_factor(lamp: Lamp, positions: Float32Array, normals: Float32Array) -> Float32Array:
    """(n,) irradiance at (n, 3) points divided by the lamp's colour."""
    if isinstance(lamp, SunLamp):
        return _sun(lamp, normals)
    if isinstance(lamp, AreaLamp):
        return area_form_factor(lamp, positions, normals)
    if isinstance(lamp, PointLamp):
        return _point(lamp, positions, normals)
    if isinstance(lamp, SpotLamp):
        return _point(lamp, positions, normals)
    assert_never(lamp)


def towards_lamp(lamp: Lamp, positions: Float32Array) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Unit directions (n, 3), distances (n,) in metres and tangents (n,) of a lamp's angular radius.

    A sun is infinitely far away; an area lamp counts as a disc of its area that faces the points.
    """
    count = len(positions)
    if isinstance(lamp, SunLamp):
        direction = np.broadcast_to(lamp.direction.astype(np.float32), (count, 3))
        tangent = np.full(count, np.tan(min(lamp.angle, 3.0) / 2.0), np.float32)
        return direction, np.full(count, np.inf, np.float32), tangent
    towards = (lamp.position - positions).astype(np.float32)
    distance = np.maximum(np.sqrt(np.einsum("nc,nc->n", towards, towards)), np.float32(1e-6))
    radius = np.sqrt(emitter_area(lamp) / np.pi) if isinstance(lamp, AreaLamp) else lamp.radius
    return towards / distance[:, None], distance, np.float32(radius) / distance


def _sun(lamp: SunLamp, normals: Float32Array) -> Float32Array:
    cosine = normals @ lamp.direction.astype(np.float32)
    factor: Float32Array = cap_cosine(cosine, float(np.sin(lamp.angle / 2.0) ** 2))
    return factor


def _point(lamp: PointLamp | SpotLamp, positions: Float32Array, normals: Float32Array) -> Float32Array:
    """Intensity over squared distance, the cosine, and a spot's cone.

    The sphere, and the disc that faces the point, each subtend a cone of directions: sin² σ = r²/d² and r²/(d² + r²).
    """
    towards = (lamp.position - positions).astype(np.float32)
    squared = np.maximum(np.einsum("nc,nc->n", towards, towards), np.float32(1e-12))
    distance = np.sqrt(squared)
    towards /= distance[:, None]
    falloff_squared = squared + np.float32(lamp.radius**2) if lamp.soft_falloff else squared
    cosine = np.einsum("nc,nc->n", towards, normals)
    factor = cap_cosine(cosine, np.float32(lamp.radius**2) / falloff_squared) / falloff_squared
    if isinstance(lamp, SpotLamp):
        factor = factor * spot_attenuation(lamp, towards, distance, normals)
    result: Float32Array = factor
    return result
