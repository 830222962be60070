"""Light on a G-buffer: diffuse shading and specular reflection."""

from collections.abc import Sequence

import numpy as np

from ..arrays import AnyFloatArray, BoolArray, Float32Array
from ..errors import LightError
from ..gbuffer import GBuffer, Shaded
from .bounce import bounced
from .harmonics import HARMONICS, shade_transport
from .lamp_response import openness_towards, scattered_factor, softened_visibility
from .lamps import lamp_colour, lamp_factor
from .light import Lamp, Light
from .own_specular import harmonics_specular
from .painted_shadows import without_specks
from .shadows import FINAL_SHADOWS, ShadowDetail, blockers_of, lamp_visibility
from .specular import environment_specular, lamp_specular
from .surface import Surface, lit_surface

ENVIRONMENT_FLOOR, OWN_LIGHT_FLOOR = 0.3, 0.14
"""Least diffuse light of what is hidden from a part of the sky, of what an even light of the same mean would send.

Nine numbers hold the light on an open surface to a percent (Ramamoorthi and Hanrahan 2001, section 4), but ring where
a part of the sky is hidden, and go below zero: black between hair and neck. Where they say less than a third of the
even light, the light stage's pictures under its maps, whose suns are lamps of their own, have 0.31 to 0.36 of it
(1.0 million pixels of 14 people), under own lights with all their lamps 0.10 to 0.20. The floor passes into what the
numbers say by a mean of the fourth power, which is within 0.3 % of it from the even light on."""
WIDE_OPEN = 0.7
"""Share of the sky up to which the floor is whole; a surface that sees all of it has none."""
PAINTED_GLOSS = 0.4
"""Of the reflection that a smooth surface would have, what is painted keeps so much. It is hair and cloth, seen at
grazing angles for the most part, where Fresnel's term makes a mirror of any smooth surface: with more, its rim stands
pale beside a lamp's edge on the plate. On 24 new pictures of the light stage's people, turned by 20 and 40 degrees in
their own light, the squared error of what is painted is 0.0270 and 0.0281 with a tenth, 0.0238 and 0.0255 with 0.4, and
0.0232 and 0.0250 with 0.6, the best."""


def shade(gbuffer: GBuffer, light: Light, shadows: ShadowDetail = FINAL_SHADOWS, *, least_matte: float = 0.0) -> Shaded:
    """Light a surface.

    The environment's diffuse light is the transport's dot product with its harmonics, self-shadowing and bounce
    included. Lamps are analytic, with shadows marched through the depth, what is finer than that by the transport, and
    what bounces between parts of the person is gathered from the picture.

    Args:
        gbuffer: the surface.
        light: an environment, lamps, or both.
        shadows: how carefully the lamps' shadows are followed.
        least_matte: points with no more matte than this are left out, where nothing will be made of their light.

    Returns:
        Radiance of the diffuse and the specular part; zero where the matte is, or is no more than least_matte.

    Raises:
        LightError: when there is neither an environment nor a lamp, or a number is not finite.
    """
    if light.is_empty:
        raise LightError(
            "There is no light: neither an environment nor a lamp was given; "
            "add a world or a lamp to the scene, or turn one of them on in the Relight node."
        )
    for lamp in light.lamps:
        _require_finite(lamp_colour(lamp), type(lamp).__name__)
    surface = lit_surface(gbuffer, gbuffer.matte > least_matte)
    diffuse = np.zeros((len(surface.normal), 3), np.float32)
    specular = np.zeros_like(diffuse)
    if light.environment is not None:
        diffuse += _environment_diffuse(surface, light.environment.harmonics, ENVIRONMENT_FLOOR)
        specular += environment_specular(surface, light.environment)
    if light.lamps:
        direct, reflection = _light_of_lamps(gbuffer, surface, light.lamps, shadows)
        diffuse += direct + bounced(gbuffer, surface.on_pixels(direct))[surface.lit]
        specular += reflection
    specular *= _gloss(gbuffer, surface.lit)
    return Shaded(surface.on_pixels(diffuse), surface.on_pixels(specular))


def no_light(gbuffer: GBuffer) -> Shaded:
    """A surface in the dark."""
    return Shaded(np.zeros_like(gbuffer.albedo), np.zeros_like(gbuffer.albedo))


def own_shading(gbuffer: GBuffer) -> Shaded:
    """The plate's own light on the surface: what the plate already shows, as estimated.

    Only the light's harmonics are known, so the reflection is that of the blurry environment they stand for.

    Args:
        gbuffer: the surface, with its own light.

    Raises:
        LightError: when the own light is not finite.
    """
    surface = lit_surface(gbuffer, gbuffer.matte > 0)
    diffuse = _environment_diffuse(surface, gbuffer.own_light, OWN_LIGHT_FLOOR)
    specular = harmonics_specular(surface, gbuffer.own_light) * _gloss(gbuffer, surface.lit)
    return Shaded(surface.on_pixels(diffuse), surface.on_pixels(specular))


def _gloss(gbuffer: GBuffer, lit: BoolArray) -> Float32Array:
    """(n, 1) how much of the reflection counts."""
    if gbuffer.painted is None:
        return np.ones((1, 1), np.float32)
    painted = gbuffer.painted.share[lit]
    return (1 - painted * np.float32(1 - PAINTED_GLOSS))[:, None]


def _environment_diffuse(surface: Surface, harmonics: AnyFloatArray, floor: float) -> Float32Array:
    """(n, 3) the transport's light, without the ringing of its expansion."""
    if harmonics.shape != (HARMONICS, 3):
        raise LightError(
            f"The light's harmonics have shape {harmonics.shape}; (9, 3) is expected: project an RGB environment map."
        )
    _require_finite(harmonics, "environment")
    diffuse = np.maximum(shade_transport(surface.transport, harmonics), 0)
    hidden = np.clip((1 - surface.visibility) / np.float32(1 - WIDE_OPEN), 0, 1)
    even = np.abs(surface.transport[:, :1] * harmonics[:1].astype(np.float32))
    least = np.float32(floor) * hidden[:, None] * even
    larger, smaller = np.maximum(diffuse, least), np.minimum(diffuse, least)
    ratio = smaller / np.maximum(larger, np.float32(1e-30))
    kept: Float32Array = larger * np.sqrt(np.sqrt(1 + ratio**4))
    return kept


def _light_of_lamps(
    gbuffer: GBuffer, surface: Surface, lamps: Sequence[Lamp], shadows: ShadowDetail
) -> tuple[Float32Array, Float32Array]:
    """Direct diffuse and specular radiance (n, 3) of all lamps."""
    blockers = blockers_of(gbuffer)
    diffuse, specular = np.zeros((2, len(surface.normal), 3), np.float32)
    for lamp in lamps:
        factor = lamp_factor(lamp, surface.position, surface.normal)
        scattered = scattered_factor(lamp, surface, factor)
        visibility = lamp_visibility(blockers, surface, lamp, scattered > 0, shadows)
        visibility = softened_visibility(visibility, surface)
        arriving = without_specks(visibility, surface.lit, gbuffer.painted) * openness_towards(lamp, surface)
        colour = lamp_colour(lamp)
        diffuse += np.outer(scattered * arriving * np.float32(1 / np.pi), colour)
        specular += np.outer(lamp_specular(surface, lamp, factor * arriving), colour)
    return diffuse, specular


def _require_finite(values: AnyFloatArray, what: str) -> None:
    if not np.isfinite(values).all():
        raise LightError(
            f"The light of {what} is NaN or infinite; finite numbers are expected: "
            "check its strength, colour and exposure."
        )
