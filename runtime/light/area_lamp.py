"""Irradiance from area lamps: exact for full spread, by quadrature for a narrower one."""

import numpy as np

from ..arrays import Float32Array
from .light import AreaLamp
from .polygon import polygon_form_factor

FULL_SPREAD = np.pi - 1e-4

_ELLIPSE_CORNERS = 12
_NODES = np.array([0.03376524, 0.16939531, 0.38069041, 0.61930959, 0.83060469, 0.96623476], np.float32)
_WEIGHTS = np.array([0.08566225, 0.18038079, 0.23395697, 0.23395697, 0.18038079, 0.08566225], np.float32)
"""Gauss–Legendre on 0..1; an even count, because a beam that is visible whole has a kink in its middle."""


def area_form_factor(lamp: AreaLamp, positions: Float32Array, normals: Float32Array) -> Float32Array:
    """Irradiance divided by the lamp's radiance.

    Args:
        lamp: the lamp.
        positions: (n, 3) metres, world.
        normals: (n, 3) unit, world.

    Returns:
        (n,).
    """
    centre = (lamp.position - positions).astype(np.float32)
    forward = -np.cross(lamp.axis_x, lamp.axis_y)
    forward = (forward / np.linalg.norm(forward)).astype(np.float32)
    factor = np.zeros(len(positions), np.float32)
    lit = centre @ forward < 0
    if not lit.any():
        return factor
    if lamp.spread < FULL_SPREAD:
        factor[lit] = _narrow_form_factor(lamp, centre[lit], normals[lit], forward)
    else:
        corners = _outline(lamp)[:, None] + centre[lit]
        factor[lit] = polygon_form_factor(corners, normals[lit])
    return factor


def emitter_area(lamp: AreaLamp) -> float:
    """Square metres."""
    rectangle = 4.0 * float(np.linalg.norm(np.cross(lamp.axis_x, lamp.axis_y)))
    return rectangle * np.pi / 4.0 if lamp.ellipse else rectangle


def _outline(lamp: AreaLamp) -> Float32Array:
    """(k, 3) corners around the centre, from x towards y; an ellipse becomes a polygon of the same area."""
    if not lamp.ellipse:
        signs = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    else:
        angles = 2.0 * np.pi * (np.arange(_ELLIPSE_CORNERS) + 0.5) / _ELLIPSE_CORNERS
        polygon_area = 0.5 * _ELLIPSE_CORNERS * np.sin(2.0 * np.pi / _ELLIPSE_CORNERS)
        signs = np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.sqrt(np.pi / polygon_area)
    return (signs @ np.stack([lamp.axis_x, lamp.axis_y])).astype(np.float32)


def _narrow_form_factor(
    lamp: AreaLamp, centre: Float32Array, normals: Float32Array, forward: Float32Array
) -> Float32Array:
    """∫ attenuation · cos θ_surface · cos θ_lamp / d² over the part of the lamp that its slats leave visible.

    Cycles' spread models a grid of slats before the lamp: the share of light that passes falls linearly with the
    tangent of the angle to the lamp's normal, (tan h − tan θ) / (tan h − h) with h half the spread; the denominator
    keeps the lamp's power. The visible part is cut exactly, row by row: the lamp's chord with that of the disc around
    the point's foot on the lamp's plane whose radius the spread gives. Gauss–Legendre nodes then lie on a smooth
    integrand.
    """
    half_x, half_y = float(np.linalg.norm(lamp.axis_x)), float(np.linalg.norm(lamp.axis_y))
    unit_x = (lamp.axis_x / half_x).astype(np.float32)
    unit_y = (lamp.axis_y / half_y).astype(np.float32)
    height = np.maximum(-(centre @ forward), np.float32(1e-6))
    foot_x, foot_y = -(centre @ unit_x), -(centre @ unit_y)
    slope_x, slope_y, slope_height = normals @ unit_x, normals @ unit_y, -(normals @ forward)
    tangent = np.float32(np.tan(lamp.spread / 2.0))
    radius = height * tangent
    low_y, high_y = np.maximum(-half_y, foot_y - radius), np.minimum(half_y, foot_y + radius)
    span_y = np.maximum(high_y - low_y, 0)
    factor = np.zeros(len(height), np.float32)
    for node_y, weight_y in zip(_NODES, _WEIGHTS, strict=True):
        y = low_y + node_y * span_y
        from_foot_y = y - foot_y
        chord = np.sqrt(np.maximum(radius * radius - from_foot_y * from_foot_y, 0))
        limit = half_x * np.sqrt(np.maximum(1 - np.square(y / half_y), 0)) if lamp.ellipse else half_x
        low_x, high_x = np.maximum(-limit, foot_x - chord), np.minimum(limit, foot_x + chord)
        span = np.maximum(high_x - low_x, 0) * span_y * weight_y
        for node_x, weight_x in zip(_NODES, _WEIGHTS, strict=True):
            from_foot_x = low_x + node_x * (high_x - low_x) - foot_x
            across = from_foot_x * from_foot_x + from_foot_y * from_foot_y
            squared = across + height * height
            facing = np.maximum(slope_x * from_foot_x + slope_y * from_foot_y + slope_height * height, 0)
            passed = np.maximum(tangent - np.sqrt(across) / height, 0)
            factor += weight_x * span * passed * facing * height / (squared * squared)
    half = lamp.spread / 2.0
    normalised: Float32Array = factor * np.float32(1.0 / max(float(np.tan(half)) - half, 1e-12))
    return normalised
