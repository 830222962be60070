"""The cone of a spot lamp, with Blender's falloff."""

import numpy as np

from ..arrays import AnyFloatArray, Float32Array
from .light import SpotLamp

_RINGS = ((0.1127017, 5 / 18), (0.5, 8 / 18), (0.8872983, 5 / 18))
"""Three-point Gauss–Legendre on the squared radius, the share of the disc's area inside a ring; nodes and weights."""

_ANGLES = (np.arange(6) + 0.5) * np.pi / 6
"""Half a turn: the cone is symmetric about the plane through its axis and the point."""

_SPACING = 0.25
"""Distance between these points in disc radii, over which each one's share is smoothed so that no bands appear."""


def smoothstep(value: AnyFloatArray) -> AnyFloatArray:
    """3t² − 2t³ of t clamped to 0..1."""
    value = np.clip(value, 0, 1)
    return value * value * (3 - 2 * value)


def cone_falloff(cosine: AnyFloatArray, cone_angle: float, blend: float, margin: float = 0.0) -> AnyFloatArray:
    """0..1 share of the axial intensity: a smoothstep in the cosine from the cone's edge inwards.

    Args:
        cosine: (...) cosine between the direction of emission and the lamp's axis.
        cone_angle: full opening angle, radians.
        blend: 0..1 share of the cosine range over which it rises.
        margin: widest blur of the cosine, half of it beyond the edge.
    """
    edge = np.cos(cone_angle / 2.0)
    width = (1.0 - edge) * blend
    if margin > width:
        return smoothstep((cosine - (edge + 0.5 * width - 0.5 * margin)) / max(margin, 1e-9))
    return smoothstep((cosine - edge) / max(width, 1e-9))


def spot_attenuation(
    lamp: SpotLamp, towards: Float32Array, distance: Float32Array, normals: Float32Array
) -> Float32Array:
    """Share of the unshaped lamp's irradiance that is left by the cone.

    Every point of the lamp's disc shines through its own cone, so a wide lamp blurs the cone's edge, more on the side
    to which the surface turns.

    Args:
        lamp: the lamp.
        towards: (n, 3) unit vectors from the points to the lamp's centre.
        distance: (n,) metres.
        normals: (n, 3) unit.

    Returns:
        (n,) 0..1.
    """
    axis = lamp.axis.astype(np.float32)
    cosine = -(towards @ axis)
    nearest = float(distance.min()) if distance.size else 0.0
    if lamp.radius <= 1e-3 * nearest:
        falloff: Float32Array = cone_falloff(cosine, lamp.cone_angle, lamp.blend).astype(np.float32)
        return falloff
    sine = np.sqrt(np.maximum(1.0 - cosine * cosine, 1e-8))
    facing = np.einsum("nc,nc->n", towards, normals)
    facing_outwards = (normals @ axis + cosine * facing) / sine
    relative = lamp.radius / np.maximum(distance, 1e-6)
    margin = _SPACING * lamp.radius / max(nearest, 1e-6) * float(np.sin(lamp.cone_angle / 2.0))
    total, weights = np.zeros_like(cosine), np.full_like(cosine, 1e-12)
    for ring, share in _RINGS:
        length = np.sqrt(1.0 + ring * relative * relative)
        for angle in _ANGLES:
            offset = np.float32(np.sqrt(ring) * np.cos(angle)) * relative
            weight = np.float32(share) * np.maximum(facing + offset * facing_outwards, 0.0)
            total += weight * cone_falloff((cosine - offset * sine) / length, lamp.cone_angle, lamp.blend, margin)
            weights += weight
    result: Float32Array = (total / weights).astype(np.float32)
    return result
