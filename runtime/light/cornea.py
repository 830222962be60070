"""What mirrors in the corneas of the eyes: lamps, windows, the sky.

An eye is a dozen pixels of the G-buffer, and a lamp mirrored in it less than one. A cornea is a ball that is alike in
all of us, so where its centre is known, the picture of the light in it is drawn as fine as the render's pixels are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import BoolArray, Float64Array
from ..camera import Camera
from ..crop import box_reduced
from ..eyes import CORNEA_METRES, IRIS_METRES
from ..gbuffer import CornealReflection, GBuffer
from .harmonics import CONSTANT
from .lamps import lamp_colour
from .light import Lamp, Light
from .mirrored_lamp import lamp_radiance_along
from .shadows import FINAL_SHADOWS, ShadowDetail, blockers_of, lamp_visibility
from .specular import environment_specular
from .surface import LAMBERT_FIRST_ORDER, Surface, lit_surface

REFLECTANCE = 0.021
"""At normal incidence, of the tear film: its refractive index is 1.337."""
LEAST_ALPHA = 0.006
"""GGX alpha of a wet surface."""
LARGEST_IMAGE = 160
"""Pixels along each side of a reflection, at most."""
FINER = 3
"""Points along each side of such a pixel, whose mean it is: a lamp mirrors smaller than a pixel."""


@dataclass(frozen=True)
class _Cornea:
    """A cornea as a camera sees it.

    Attributes:
        centre: (3,) of its ball, metres, world.
        pixel: (2,) where the camera sees the centre.
        radius: pixels of the camera.
    """

    centre: Float64Array
    pixel: Float64Array
    radius: float


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
    return tuple(None if one is None else _reflection(gbuffer, camera, one, light, shadows) for one in corneas)


def _seen_by(camera: Camera, centre: Float64Array) -> _Cornea | None:
    seen = camera.camera_from_world @ np.append(centre, 1.0)
    if seen[2] >= -CORNEA_METRES:
        return None
    return _Cornea(centre, camera.project(seen[:3]), CORNEA_METRES * camera.focal_x / -float(seen[2]))


def _reflection(
    gbuffer: GBuffer, camera: Camera, cornea: _Cornea, light: Light, shadows: ShadowDetail
) -> CornealReflection:
    size = min(LARGEST_IMAGE, 2 * int(np.ceil(cornea.radius)))
    around = lit_surface(gbuffer, _eye_pixels(gbuffer, cornea))
    ball = _ball(camera, cornea, size * FINER, around)
    radiance = np.zeros((len(ball.normal), 3), np.float32)
    if len(around.normal):
        if light.environment is not None:
            radiance += environment_specular(ball, light.environment)
        fresnel = REFLECTANCE + (1 - REFLECTANCE) * np.power(1 - ball.cosine_view, 5)
        blur = float(np.hypot(2 * LEAST_ALPHA, 4 / (size * FINER)))
        for lamp in light.lamps:
            seen = lamp_radiance_along(lamp, ball.position, ball.reflected, blur)
            seen *= fresnel * _arriving(gbuffer, around, lamp, shadows)
            radiance += np.outer(seen, lamp_colour(lamp))
    image = box_reduced(ball.on_pixels(radiance), FINER)
    return CornealReflection(image, cornea.pixel, cornea.radius)


def _eye_pixels(gbuffer: GBuffer, cornea: _Cornea) -> BoolArray:
    """(h, w) the G-buffer's pixels on an iris; at least the one in its middle, where it lies in the picture."""
    camera = gbuffer.camera
    seen = camera.camera_from_world @ np.append(cornea.centre, 1.0)
    middle, radius = camera.project(seen[:3]), IRIS_METRES * camera.focal_x / max(-float(seen[2]), 1e-3)
    offset = camera.pixel_centres() - middle
    near: BoolArray = np.einsum("hwc,hwc->hw", offset, offset) <= max(radius, 0.75) ** 2
    return near & (gbuffer.matte > 0)


def _ball(camera: Camera, cornea: _Cornea, size: int, around: Surface) -> Surface:
    """The side of a cornea's ball that a camera sees, on a grid of size² pixels: x to the right, y down."""
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
    count = len(normal)
    transport = np.zeros((count, 9), np.float32)
    transport[:, 0] = float(around.visibility.mean()) * CONSTANT if len(around.normal) else 0.0
    transport[:, 1] = LAMBERT_FIRST_ORDER * transport[:, 0]
    return Surface(
        lit=inside,
        position=(cornea.centre + CORNEA_METRES * normal).astype(np.float32),
        normal=normal,
        to_camera=np.broadcast_to(axes[2], normal.shape),
        cosine_view=z,
        roughness=np.full(count, np.sqrt(LEAST_ALPHA), np.float32),
        alpha=np.full(count, LEAST_ALPHA, np.float32),
        f0=np.full(count, REFLECTANCE, np.float32),
        transport=transport,
    )


def _arriving(gbuffer: GBuffer, around: Surface, lamp: Lamp, shadows: ShadowDetail) -> np.float32:
    """0..1 how much of a lamp comes to an eye."""
    everywhere = np.ones(len(around.normal), np.bool_)
    return np.float32(lamp_visibility(blockers_of(gbuffer), around, lamp, everywhere, shadows).mean())
