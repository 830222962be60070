"""What mirrors in the corneas of the eyes: lamps, windows, the sky.

An eye is a dozen pixels of the G-buffer, and a lamp mirrored in it less than one. A cornea is a ball that is alike in
all of us, so where its centre is known, the picture of the light in it is drawn as fine as the render's pixels are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..crop import box_reduced
from ..eyes import CORNEA_METRES, IRIS_METRES
from ..gbuffer import CornealReflection, GBuffer
from ..view.border import smooth_share, smoothstep
from .brdf import dot
from .lamp_response import openness_towards
from .lamps import lamp_colour, towards_lamp
from .light import Environment, Lamp, Light
from .mirrored_lamp import lamp_radiance_along
from .prefilter import sample_reflections
from .shadows import FINAL_SHADOWS, Blockers, ShadowDetail, blockers_of, lamp_visibility
from .specular import reflected_share
from .surface import Surface, lit_surface

REFLECTANCE = 0.021
"""At normal incidence, of the tear film: its refractive index is 1.337."""
LEAST_ALPHA = 0.006
"""GGX alpha of a wet surface."""
LARGEST_IMAGE = 160
"""Pixels along each side of a reflection, at most."""
SHADOW_EDGE = (0.25, 0.65)
"""Share of a lamp that shading says comes to the skin and the white of an eye, up to which nothing of it mirrors, and
from which on all does. What is mirrored of a lamp is there or is not, and in a shadow that is soft because the depth is
coarse it would be all that is seen."""
HORIZON = (-0.2, 0.1)
"""Cosine between an eye's surface and a lamp, below which the face is before it."""
FINER = 3
"""Points along each side of such a pixel, whose mean it is: a lamp mirrors smaller than a pixel."""


@dataclass(frozen=True)
class _Around:
    """What is around the eyes, and hides lamps from them."""

    gbuffer: GBuffer
    shadows: ShadowDetail

    @cached_property
    def blockers(self) -> Blockers:
        """Made for the first lamp."""
        return blockers_of(self.gbuffer)


@dataclass(frozen=True)
class _Cornea:
    """A cornea as a camera sees it.

    Attributes:
        centre: (3,) of its ball, metres, world.
        pixel: (2,) where the camera sees the centre.
        radius: (2,) pixels of the camera, across and down.
    """

    centre: Float64Array
    pixel: Float64Array
    radius: Float64Array


def corneal_reflections(
    gbuffer: GBuffer,
    camera: Camera,
    centres: Sequence[Float64Array],
    light: Light,
    shadows: ShadowDetail = FINAL_SHADOWS,
) -> tuple[CornealReflection | None, ...]:
    """The light in each cornea; None for one behind the camera.

    Args:
        gbuffer: the surface around them, which tells how much of the light comes to the eyes.
        camera: that sees the corneas; it stands where the G-buffer's stands.
        centres: (3,) of the corneas' balls, metres, world.
        light: the new light.
        shadows: how carefully the lamps' shadows are followed.
    """
    corneas = [_seen_by(camera, centre) for centre in centres]
    around = _Around(gbuffer, shadows)
    return tuple(None if one is None else _reflection(around, camera, one, light) for one in corneas)


def _seen_by(camera: Camera, centre: Float64Array) -> _Cornea | None:
    seen = camera.camera_from_world @ np.append(centre, 1.0)
    if seen[2] >= -CORNEA_METRES:
        return None
    radius = CORNEA_METRES / -seen[2] * np.array([camera.focal_x, camera.focal_y])
    return _Cornea(centre, camera.project(seen[:3]), radius)


def _reflection(around: _Around, camera: Camera, cornea: _Cornea, light: Light) -> CornealReflection:
    size = min(LARGEST_IMAGE, 2 * int(np.ceil(cornea.radius.max())))
    eye = lit_surface(around.gbuffer, _eye_pixels(around.gbuffer, cornea))
    ball = _ball(camera, cornea, size * FINER)
    image = np.zeros((*ball.inside.shape, 3), np.float32)
    if len(eye.normal):
        if light.environment is not None:
            image[ball.inside] += _sky(ball, light.environment, float(eye.visibility.mean()))
        fresnel = REFLECTANCE + (1 - REFLECTANCE) * np.power(1 - ball.cosine_view, 5)
        blur = float(np.hypot(2 * LEAST_ALPHA, 4 / (size * FINER)))
        for lamp in light.lamps:
            seen = lamp_radiance_along(lamp, ball.position, ball.reflected, blur)
            seen *= np.float32(_arriving(around, eye, lamp)) * fresnel
            image[ball.inside] += np.outer(seen, lamp_colour(lamp))
    return CornealReflection(box_reduced(image, FINER), cornea.pixel, cornea.radius)


def _sky(ball: "_Ball", environment: Environment, visibility: float) -> Float32Array:
    """(n, 3) what mirrors of an environment, so much of which an eye sees."""

    def everywhere(value: float) -> Float32Array:
        return np.full(len(ball.cosine_view), value, np.float32)

    roughness = everywhere(LEAST_ALPHA**0.5)
    share = reflected_share(ball.cosine_view, roughness, everywhere(REFLECTANCE), everywhere(visibility))
    return sample_reflections(environment.reflections, ball.reflected, roughness) * share[:, None]


def _eye_pixels(gbuffer: GBuffer, cornea: _Cornea) -> BoolArray:
    """(h, w) the G-buffer's pixels on an iris; at least the one in its middle, where it lies in the picture."""
    camera = gbuffer.camera
    seen = camera.camera_from_world @ np.append(cornea.centre, 1.0)
    middle, radius = camera.project(seen[:3]), IRIS_METRES * camera.focal_x / max(-float(seen[2]), 1e-3)
    offset = camera.pixel_centres() - middle
    near: BoolArray = np.einsum("hwc,hwc->hw", offset, offset) <= max(radius, 0.75) ** 2
    return near & (gbuffer.matte > 0)


@dataclass(frozen=True)
class _Ball:
    """The side of a cornea's ball that a camera sees, on a grid of pixels: x to the right, y down.

    Attributes:
        inside: (size, size) where the ball is, n pixels.
        position: (n, 3) metres, world.
        cosine_view: (n,) between normal and view.
        reflected: (n, 3) the camera's rays mirrored, world.
    """

    inside: BoolArray
    position: Float32Array
    cosine_view: Float32Array
    reflected: Float32Array


def _ball(camera: Camera, cornea: _Cornea, size: int) -> _Ball:
    towards = camera.world_from_camera[:3, 3] - cornea.centre
    towards /= np.linalg.norm(towards)
    right = camera.world_from_camera[:3, 0] - towards * (towards @ camera.world_from_camera[:3, 0])
    right /= np.linalg.norm(right)
    axes = np.stack([right, -np.cross(towards, right), towards]).astype(np.float32)
    steps = ((np.arange(size) + 0.5) * (2 / size) - 1).astype(np.float32)
    x, y = np.meshgrid(steps, steps)
    squared = x * x + y * y
    inside = squared < 1
    z = np.sqrt(1 - squared[inside])
    normal = np.stack([x[inside], y[inside], z], axis=1) @ axes
    position = (cornea.centre + CORNEA_METRES * normal).astype(np.float32)
    return _Ball(inside, position, z, 2 * z[:, None] * normal - axes[2])


def _arriving(around: _Around, eye: Surface, lamp: Lamp) -> float:
    """0..1 how much of a lamp comes to an eye."""
    everywhere = np.ones(len(eye.normal), np.bool_)
    visibility = lamp_visibility(around.blockers, eye, lamp, everywhere, around.shadows)
    visibility *= smoothstep(*HORIZON, dot(eye.normal, towards_lamp(lamp, eye.position)[0]))
    visibility *= openness_towards(lamp, eye)
    return smooth_share(*SHADOW_EDGE, float(visibility.mean()))
