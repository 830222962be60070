"""What a mirror shows of a lamp: its shape."""

import numpy as np

from ..arrays import Float32Array
from .area_lamp import FULL_SPREAD
from .brdf import dot
from .lamps import lamp_factor, towards_lamp
from .light import AreaLamp, Lamp


def lamp_radiance_along(lamp: Lamp, positions: Float32Array, directions: Float32Array, blur: float) -> Float32Array:
    """Radiance of a lamp along rays, divided by its colour.

    Args:
        lamp: the lamp.
        positions: (n, 3) where the rays begin, metres, world.
        directions: (n, 3) unit, world.
        blur: tangent of the angle to either side of the lamp's edge over which it passes into nothing. A lamp that is
            smaller is shown as large as this and as much dimmer.

    Returns:
        (n,) what it sends along each ray, where nothing stands in its way.
    """
    to_lamp, distance, tangent = towards_lamp(lamp, positions)
    facing = lamp_factor(lamp, positions, np.ascontiguousarray(to_lamp))
    if isinstance(lamp, AreaLamp):
        return _area(lamp, positions, directions, facing, blur * distance)
    shown = np.maximum(tangent, np.float32(blur))
    cosine = np.clip(dot(directions, to_lamp), 1e-6, 1)
    beside = np.sqrt(1 - np.square(cosine)) / cosine
    solid_angle = np.float32(np.pi) * np.square(shown) / (1 + np.square(shown))
    radiance: Float32Array = _in_disc(beside / shown, blur / shown) * facing / solid_angle
    return radiance


def _area(
    lamp: AreaLamp, positions: Float32Array, directions: Float32Array, facing: Float32Array, blur: Float32Array
) -> Float32Array:
    """The same of an area lamp; blur (n,) in metres at its distance."""
    half_x, half_y = float(np.linalg.norm(lamp.axis_x)), float(np.linalg.norm(lamp.axis_y))
    unit_x, unit_y = (lamp.axis_x / half_x).astype(np.float32), (lamp.axis_y / half_y).astype(np.float32)
    forward = -np.cross(unit_x, unit_y)
    centre = (lamp.position - positions).astype(np.float32)
    towards, height = directions @ forward, centre @ forward
    ahead = (towards < -1e-4) & (height < 0)
    length = np.where(ahead, height / np.where(ahead, towards, 1), 0)
    hit = directions * length[:, None] - centre
    shown_x, shown_y = np.maximum(half_x, blur), np.maximum(half_y, blur)
    across, along = np.abs(hit @ unit_x), np.abs(hit @ unit_y)
    if lamp.ellipse:
        covered = _in_disc(np.hypot(across / shown_x, along / shown_y), blur / np.minimum(shown_x, shown_y))
        area = np.pi * shown_x * shown_y
    else:
        covered = _inside(across, shown_x, blur) * _inside(along, shown_y, blur)
        area = 4 * shown_x * shown_y
    if lamp.spread >= FULL_SPREAD:
        radiance = half_x * half_y / (shown_x * shown_y)
    else:
        squared = dot(centre, centre)
        radiance = facing * squared * np.sqrt(squared) / (area * np.maximum(-height, np.float32(1e-6)))
    result: Float32Array = np.where(ahead, covered * radiance, 0).astype(np.float32)
    return result


def _in_disc(distance: Float32Array, blur: Float32Array) -> Float32Array:
    """(n,) at distances from the middle of a disc, in its radii; over the plane the sum is the disc's area."""
    result: Float32Array = _inside(distance, np.float32(1), blur) / (1 + np.square(blur) / 3)
    return result


def _inside(value: Float32Array, edge: Float32Array | np.float32, blur: Float32Array) -> Float32Array:
    """(n,) 0..1, a ramp around an edge."""
    share: Float32Array = np.clip(0.5 + (edge - value) / (2 * np.maximum(blur, 1e-6)), 0, 1).astype(np.float32)
    return share
