"""Specular reflection of environments and lamps."""

import numpy as np

from ..arrays import Float32Array
from .brdf import specular_brdf, specular_occlusion
from .environment_brdf import environment_brdf
from .lamps import towards_lamp
from .light import Environment, Lamp
from .prefilter import sample_reflections
from .surface import Surface

SPREAD = 0.5
"""Of the variance of normals in a pixel that counts as roughness: with all of it, hair under lamps from behind kept
less than half of the reflection that it has on the light stage, and with none its lobes had edges."""


def environment_specular(surface: Surface, environment: Environment) -> Float32Array:
    """(n, 3) radiance: prefiltered reflection × environment BRDF × what the head leaves visible of it."""
    reflection = sample_reflections(environment.reflections, surface.reflected, surface.roughness)
    return reflection * environment_share(surface)[:, None]


def environment_share(surface: Surface) -> Float32Array:
    """(n,) share of the reflected environment that reaches the camera."""
    return reflected_share(surface.cosine_view, surface.roughness, surface.f0, surface.visibility)


def reflected_share(
    cosine_view: Float32Array, roughness: Float32Array, f0: Float32Array, visibility: Float32Array
) -> Float32Array:
    """(n,) the same from its parts, each (n,): see `Surface`."""
    return environment_brdf(cosine_view, roughness, f0) * specular_occlusion(cosine_view, visibility, roughness)


def lamp_specular(surface: Surface, lamp: Lamp, factor: Float32Array) -> Float32Array:
    """Radiance per lamp colour.

    The lamp's angular radius widens the lobe: in half-vector space by half of it (as Karis 2013 does for sphere
    lights), which keeps the energy because GGX is normalised for every alpha. So does the spread of the normals in a
    pixel (Toksvig 2005): strands of hair that face many ways have no highlight as narrow as each of them has.

    Args:
        surface: the points.
        lamp: the lamp.
        factor: (n,) its irradiance per colour, shadows included.

    Returns:
        (n,).
    """
    to_light, _, tangent = towards_lamp(lamp, surface.position)
    spread = np.float32(SPREAD) * (1 / surface.mean_normal_length - 1)
    widened = np.minimum(np.sqrt(np.square(surface.alpha) + np.square(tangent / 2) + spread), 1).astype(np.float32)
    brdf = specular_brdf(
        surface.normal, surface.to_camera, to_light, alpha=surface.alpha, distribution_alpha=widened, f0=surface.f0
    )
    return brdf * factor
