"""What mirrors in the eyes under the new light, at the render's pixels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import AnyFloatArray, Float32Array
from ..camera import Camera
from ..crop import sample_bilinear
from ..gbuffer import CornealReflection, GBuffer, Shaded
from ..light.cornea import corneal_reflections
from ..light.light import Light
from ..light.shadows import FINAL_SHADOWS, ShadowDetail
from .delight import DelitPlate
from .plate_eyes import PlateEye
from .window import Band, Window


def with_eyes(
    shaded: Shaded,
    gbuffer: GBuffer,
    delit: DelitPlate,
    *,
    plate_camera: Camera,
    render_camera: Camera,
    light: Light,
    shadows: ShadowDetail = FINAL_SHADOWS,
) -> Shaded:
    """Light on a surface, and in the plate's eyes.

    Args:
        shaded: the light on the surface.
        gbuffer: the surface.
        delit: the plate, whose eyes they are.
        plate_camera: posed in the world.
        render_camera: that sees the surface.
        light: the same that lights the surface.
        shadows: how carefully the lamps' shadows are followed.
    """
    if not delit.eyes:
        return shaded
    if gbuffer.is_plate_view:
        render_camera = render_camera.resized(delit.plate_width, delit.plate_height)
    pose = plate_camera.world_from_camera
    centres = [pose[:3, :3] @ eye.centre + pose[:3, 3] for eye in delit.eyes]
    return replace(shaded, corneas=corneal_reflections(gbuffer, render_camera, centres, light, shadows))


@dataclass(frozen=True)
class Catchlight:
    """What mirrors in an eye as the plate shows it: radiance (3, h, w) on the eye's part of the window."""

    eye: PlateEye
    radiance: Float32Array


def catchlights(
    eyes: Sequence[PlateEye], reflections: Sequence[CornealReflection | None], window: Window
) -> tuple[Catchlight, ...]:
    """New light in the plate's eyes, seen by the plate's camera.

    Args:
        eyes: of the plate.
        reflections: in each of them.
        window: of the plate.
    """
    found = []
    for eye, reflection in zip(eyes, reflections, strict=False):
        if reflection is not None:
            y, x = np.mgrid[eye.pixels] + 0.5
            radiance = reflection_at(reflection, np.stack([x + window.left, y + window.top], axis=-1))
            found.append(Catchlight(eye, np.moveaxis(radiance, -1, 0)))
    return tuple(found)


def lay_over(specular: Float32Array, found: Iterable[Catchlight], band: Band) -> None:
    """Put what mirrors in the corneas in the place of what the maps say is reflected there.

    Args:
        specular: (3, rows, columns) of the band, changed.
        found: catchlights in the window.
        band: of the window.
    """
    for one in found:
        rows, here_rows = _overlap(one.eye.rows, band.rows)
        columns, here_columns = _overlap(one.eye.columns, band.columns)
        if rows.stop > rows.start and columns.stop > columns.start:
            below = specular[:, rows, columns]
            below += one.eye.cornea[here_rows, here_columns] * (one.radiance[:, here_rows, here_columns] - below)


def _overlap(wanted: slice, there: slice) -> tuple[slice, slice]:
    """What two ranges share: counted from the second's start, and from the first's."""
    first, last = max(wanted.start, there.start), min(wanted.stop, there.stop)
    return slice(first - there.start, last - there.start), slice(first - wanted.start, last - wanted.start)


def reflection_at(cornea: CornealReflection, pixels: AnyFloatArray) -> Float32Array:
    """(..., 3) radiance of a reflection at pixels (..., 2) of the render; zero beside the cornea's ball."""
    across = (pixels - cornea.pixel) / cornea.radius
    found = sample_bilinear(cornea.radiance, (across + 1) * (cornea.radiance.shape[0] / 2))
    inside = np.einsum("...c,...c->...", across, across) < 1
    radiance: Float32Array = found * inside[..., None]
    return radiance


def lay_over_points(
    specular: Float32Array, cornea: Float32Array, reflections: Sequence[CornealReflection | None], pixels: AnyFloatArray
) -> None:
    """The same at single pixels, which another camera sees.

    Args:
        specular: (3, n), changed.
        cornea: (n,) 0..1 how far the surface there is a cornea.
        reflections: of all eyes, in the render.
        pixels: (n, 2) of the render.
    """
    there = np.flatnonzero(cornea > 0)
    for reflection in reflections:
        if reflection is None or not there.size:
            continue
        across = (pixels[there] - reflection.pixel) / reflection.radius
        near = there[np.einsum("nc,nc->n", across, across) < 1]
        specular[:, near] += cornea[near] * (reflection_at(reflection, pixels[near]).T - specular[:, near])
