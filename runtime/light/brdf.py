"""The GGX microfacet reflection with Smith shadowing and Schlick's Fresnel term.

Walter et al., "Microfacet Models for Refraction through Rough Surfaces" (EGSR 2007); Heitz, "Understanding the
Masking-Shadowing Function" (JCGT 2014), height-correlated form; Schlick (1994).
"""

import numpy as np

from ..arrays import Float32Array

SMALLEST_ROUGHNESS = 0.05


def alpha_from_roughness(roughness: Float32Array) -> Float32Array:
    """(n,) GGX alpha = roughness², kept away from a perfect mirror."""
    alpha: Float32Array = np.square(np.clip(roughness, SMALLEST_ROUGHNESS, 1.0))
    return alpha


def dot(first: Float32Array, second: Float32Array) -> Float32Array:
    """(n,) dot products of (n, 3) vectors."""
    product: Float32Array = np.einsum("nc,nc->n", first, second)
    return product


def specular_brdf(
    normals: Float32Array,
    to_camera: Float32Array,
    to_light: Float32Array,
    *,
    alpha: Float32Array,
    distribution_alpha: Float32Array,
    f0: Float32Array,
) -> Float32Array:
    """Radiance reflected to the camera per irradiance.

    Args:
        normals: (n, 3) unit.
        to_camera: (n, 3) unit.
        to_light: (n, 3) unit.
        alpha: (n,) GGX alpha of the surface, for masking and shadowing.
        distribution_alpha: (n,) alpha for the lobe, widened by the lamp's size.
        f0: (n,) reflectance at normal incidence.

    Returns:
        (n,) per steradian; zero where the light is behind the surface.
    """
    cosine_light = dot(normals, to_light)
    cosine_view = np.maximum(dot(normals, to_camera), np.float32(1e-3))
    half = to_camera + to_light
    half /= np.maximum(np.sqrt(dot(half, half)), np.float32(1e-6))[:, None]
    cosine_half = dot(normals, half)
    squared = np.square(distribution_alpha)
    base = cosine_half * cosine_half * (squared - 1) + 1
    distribution = squared / (np.pi * np.maximum(base * base, np.float32(1e-12)))
    lit = np.maximum(cosine_light, np.float32(1e-3))
    alpha_squared = np.square(alpha)
    smith_view = lit * np.sqrt(cosine_view * cosine_view * (1 - alpha_squared) + alpha_squared)
    smith_light = cosine_view * np.sqrt(lit * lit * (1 - alpha_squared) + alpha_squared)
    fresnel = f0 + (1 - f0) * np.power(1 - np.clip(dot(half, to_light), 0, 1), 5)
    brdf: Float32Array = np.where(cosine_light > 0, distribution * fresnel * 0.5 / (smith_view + smith_light), 0)
    return brdf.astype(np.float32, copy=False)


def specular_occlusion(cosine_view: Float32Array, visibility: Float32Array, roughness: Float32Array) -> Float32Array:
    """(n,) 0..1 how much of the environment a reflection still sees, from the diffuse visibility.

    Lagarde and de Rousiers, "Moving Frostbite to Physically Based Rendering" (SIGGRAPH 2014 course), section 4.10.2.
    """
    exponent = np.exp2(-16.0 * roughness - 1.0)
    occlusion = np.power(np.clip(cosine_view, 0, 1) + visibility, exponent) - 1.0 + visibility
    clipped: Float32Array = np.clip(occlusion, 0, 1).astype(np.float32)
    return clipped
