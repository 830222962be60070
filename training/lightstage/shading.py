"""Lighting a drawn person: an environment and lamps, shadows, highlights, glasses and the softness of skin."""

from dataclasses import dataclass

import numba
import numpy as np

from ...runtime.arrays import Float32Array
from .avatars.atlas import Atlas
from .environment_light import add_environment
from .illumination import Illumination
from .lamp_light import add_lamps
from .lenses import add_lenses
from .person import Person
from .rasterise import NO_TEXTURE, Coverage, IntArray
from .subsurface import soften
from .surface_maps import SurfaceMaps, person_coverage


@dataclass(frozen=True)
class Picture:
    """A lit person without background; zero where the matte is.

    Attributes:
        diffuse: (h, w, 3) radiance.
        specular: (h, w, 3) radiance.
        shading: (h, w, 3) what a white diffuse surface would send: diffuse over albedo.
    """

    diffuse: Float32Array
    specular: Float32Array
    shading: Float32Array

    @property
    def radiance(self) -> Float32Array:
        """(h, w, 3) everything."""
        return self.diffuse + self.specular


def shade_surface(
    person: Person,
    maps: SurfaceMaps,
    illumination: Illumination,
    *,
    gloss: float = 1.0,
    softness: float = 1.0,
    atlas: Atlas | None = None,
) -> Picture:
    """Light a drawn person.

    Args:
        person: the person that was drawn.
        maps: from `draw_surface`.
        illumination: the light, mesh axes.
        gloss: factor on all highlights.
        softness: factor on the width of subsurface scattering in skin; 0 switches it off.
        atlas: textures of a textured person.
    """
    samples = maps.samples
    shading, specular = (np.zeros((len(samples.pixel), 3), np.float32) for _ in range(2))
    add_environment(person, maps, illumination, shading, specular)
    coverage, _ = person_coverage(person)
    cut = atlas is not None and bool((coverage == Coverage.CUTOUT).any())
    alpha = np.ascontiguousarray(atlas.colour[..., 3]) if atlas is not None and cut else NO_TEXTURE
    add_lamps(person, coverage, alpha, maps, illumination.lamps, shading=shading, specular=specular)
    diffuse = shading * samples.albedo
    specular *= np.float32(gloss)
    add_lenses(person, maps, illumination, diffuse, specular)
    stacked = _pixel_means(samples.pixel, np.concatenate([diffuse, specular, shading], axis=1), maps.matte.shape[0])
    picture = Picture(stacked[..., 0:3], stacked[..., 3:6], stacked[..., 6:9])
    return picture if softness <= 0.0 else _softened(picture, maps, softness)


def _softened(picture: Picture, maps: SurfaceMaps, softness: float) -> Picture:
    """Subsurface scattering moves light about under the skin before the albedo colours it."""
    blurred = soften(picture.shading, maps, softness)
    return Picture(
        np.maximum(picture.diffuse + maps.albedo * (blurred - picture.shading), np.float32(0.0)),
        picture.specular,
        blurred,
    )


@numba.njit(cache=True, fastmath=True)
def _pixel_means(pixel: IntArray, values: Float32Array, size: int) -> Float32Array:
    """(size, size, K) means of the samples (N, K) of each pixel."""
    means = np.zeros((size, size, values.shape[1]), np.float32)
    n = 0
    while n < pixel.shape[0]:
        here, first = pixel[n], n
        out = means[here // size, here % size]
        while n < pixel.shape[0] and pixel[n] == here:
            for k in range(values.shape[1]):
                out[k] += values[n, k]
            n += 1
        for k in range(values.shape[1]):
            out[k] /= n - first
    return means
