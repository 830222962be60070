"""Compiled microfacet reflection: GGX with Smith shadowing and Schlick's Fresnel term, for lamps and environments.

Walter et al., "Microfacet Models for Refraction through Rough Surfaces" (EGSR 2007), eq. 33; Heitz, "Understanding the
Masking-Shadowing Function in Microfacet-Based BRDFs" (JCGT 2014), eq. 99 (height-correlated); Schlick, "An Inexpensive
BRDF Model for Physically-based Rendering" (1994). The environment's half is the split sum of Karis, "Real Shading in
Unreal Engine 4" (SIGGRAPH 2013 course), from the runtime's own table.
"""

import numba
import numpy as np

from ...runtime.arrays import Float32Array
from ...runtime.light.environment_brdf import environment_brdf
from . import illumination
from .compiled import compiled_with
from .illumination import panorama_position

_COSINES, _ROUGHNESSES = 32, 16
SMALLEST_ALPHA = 0.0025


def environment_share_table() -> Float32Array:
    """(16, 32, 2) scale and bias on F0 of the reflected share, over roughness and the root of the view's cosine."""
    cosine = np.tile(np.linspace(0.0, 1.0, _COSINES, dtype=np.float32) ** 2, _ROUGHNESSES)
    roughness = np.repeat(np.linspace(0.0, 1.0, _ROUGHNESSES, dtype=np.float32), _COSINES)
    bias = environment_brdf(cosine, roughness, np.zeros_like(cosine))
    scale = environment_brdf(cosine, roughness, np.ones_like(cosine)) - bias
    table: Float32Array = np.stack([scale, bias], axis=1).reshape(_ROUGHNESSES, _COSINES, 2).astype(np.float32)
    return table


SHARES = environment_share_table()


@numba.njit(cache=True, fastmath=True)
def environment_share(cosine_view: float, roughness: float, f0: float) -> float:
    """Share of a uniform environment that a surface mirrors to the camera."""
    x = np.sqrt(min(1.0, max(0.0, cosine_view))) * (_COSINES - 1)
    y = min(1.0, max(0.0, roughness)) * (_ROUGHNESSES - 1)
    column, row = min(int(x), _COSINES - 2), min(int(y), _ROUGHNESSES - 2)
    fx, fy = x - column, y - row
    total: float = 0.0
    for i in range(2):
        for j in range(2):
            share = (fy if i else 1.0 - fy) * (fx if j else 1.0 - fx)
            total += share * (f0 * SHARES[row + i, column + j, 0] + SHARES[row + i, column + j, 1])
    return total


@numba.njit(cache=True, fastmath=True)
def specular_occlusion(cosine_view: float, openness: float, roughness: float) -> float:
    """0..1 how much of the environment a reflection still sees where diffuse light sees `openness` of it.

    Lagarde and de Rousiers, "Moving Frostbite to Physically Based Rendering" (SIGGRAPH 2014 course), section 4.10.2.
    """
    exponent = 2.0 ** (-16.0 * roughness - 1.0)
    base = max(1e-4, min(1.0, cosine_view) + openness)
    occlusion: float = min(1.0, max(0.0, base**exponent - 1.0 + openness))
    return occlusion


@numba.njit(cache=True, fastmath=True)
def lamp_reflection(  # noqa: PLR0917 - compiled: arguments go in by position
    cosine_light: float,
    cosine_view: float,
    cosine_half: float,
    light_half: float,
    roughness: float,
    lamp_radius: float,
    f0: float,
) -> float:
    """Radiance reflected to the camera per irradiance on a surface that faces the lamp.

    A round lamp of angular radius σ widens the distribution by σ/2 in half-vector space (Karis 2013, sphere lights);
    the distribution stays normalised, so a larger lamp is a larger and dimmer highlight.
    """
    if cosine_light <= 0.0:
        return 0.0
    alpha = max(roughness * roughness, SMALLEST_ALPHA)
    a2 = alpha * alpha
    wide = min(1.0, a2 + 0.25 * lamp_radius * lamp_radius)
    base = cosine_half * cosine_half * (wide - 1.0) + 1.0
    distribution: float = wide / (np.pi * base * base)
    light, view = max(cosine_light, 1e-4), max(cosine_view, 1e-3)
    smith = light * np.sqrt(view * view * (1.0 - a2) + a2) + view * np.sqrt(light * light * (1.0 - a2) + a2)
    fresnel = f0 + (1.0 - f0) * max(0.0, 1.0 - light_half) ** 5
    reflected: float = distribution * fresnel * 0.5 * light / smith
    return reflected


@compiled_with(illumination)
def panorama_value(  # noqa: PLR0917 - compiled: arguments go in by position
    levels: Float32Array, level: float, x: float, y: float, z: float, out: Float32Array
) -> None:
    """Radiance (3,) along a unit direction of panorama axes, linearly between pixels and between blurred maps."""
    count, height, width = levels.shape[0], levels.shape[1], levels.shape[2]
    u, v = panorama_position(x, y, z, height, width)
    left, top = int(np.floor(u)), min(int(v), height - 2)
    low = min(int(level), count - 2)
    fu, fv, fl = u - left, v - top, level - low
    a, b = left % width, (left + 1) % width
    for c in range(3):
        total = 0.0
        for i in range(2):
            one = levels[low + i]
            upper = one[top, a, c] * (1 - fu) + one[top, b, c] * fu
            lower = one[top + 1, a, c] * (1 - fu) + one[top + 1, b, c] * fu
            total += (upper * (1 - fv) + lower * fv) * (fl if i else 1.0 - fl)
        out[c] = total
