"""Light of round lamps at the samples of a picture: diffuse and glossy, with shadows."""

import numba
import numpy as np

from ...runtime.arrays import Float32Array
from .illumination import Lamps
from .person import Person
from .rasterise import BytesArray
from .reflectance import lamp_reflection
from .shadow_map import ShadowMap, draw_shadow_map, lit_share
from .surface_maps import SurfaceMaps
from .surface_samples import SurfaceSamples


def add_lamps(
    person: Person,
    coverage: BytesArray,
    alpha: BytesArray,
    maps: SurfaceMaps,
    lamps: Lamps,
    *,
    shading: Float32Array,
    specular: Float32Array,
) -> None:
    """Add the light of lamps, with their shadows, to what samples reflect.

    Args:
        person: the person that was drawn.
        coverage: (T,) `Coverage` of its triangles.
        alpha: (H, W) of its atlas.
        maps: from `draw_surface`.
        lamps: mesh axes.
        shading: (N, 3) what a white diffuse surface sends, per sample.
        specular: (N, 3) highlights, per sample.
    """
    camera = maps.camera.astype(np.float32)
    for i in range(len(lamps.radius)):
        shadow = draw_shadow_map(
            person,
            coverage,
            alpha,
            lamps.direction[i],
            float(lamps.distance[i]),
            float(lamps.radius[i]),
            maps.samples.position,
        )
        _lamp(
            maps.samples, shadow, lamps.direction[i].astype(np.float32), float(lamps.radius[i]),
            lamps.irradiance[i].astype(np.float32), camera, shading, specular,
        )  # fmt: skip


@numba.njit(cache=True, fastmath=True)
def horizon_cosine(cosine: float, sine: float) -> float:
    """Cosine factor of a round lamp, part of which may have set: the mean of max(x, 0) over x within ± sine.

    Args:
        cosine: between the normal and the lamp's centre.
        sine: of the lamp's angular radius.
    """
    if cosine >= sine:
        return cosine
    if cosine <= -sine:
        return 0.0
    return (cosine + sine) ** 2 / (4.0 * sine)


@numba.njit(cache=True, fastmath=True)
def _lamp(  # noqa: PLR0917 - compiled: arrays go in by position
    samples: SurfaceSamples,
    shadow: ShadowMap,
    direction: Float32Array,
    radius: float,
    irradiance: Float32Array,
    camera: Float32Array,
    shading: Float32Array,
    specular: Float32Array,
) -> None:
    """Add one lamp's light to shading and specular."""
    sine = np.sin(min(radius, 1.2))
    lx, ly, lz = direction[0], direction[1], direction[2]
    falloff = 1.0
    for n in range(samples.pixel.shape[0]):
        position, normal, gloss = samples.position[n], samples.normal[n], samples.gloss_normal[n]
        if shadow.lamp > 0.0:
            lx = direction[0] * shadow.lamp - position[0]
            ly = direction[1] * shadow.lamp - position[1]
            lz = direction[2] * shadow.lamp - position[2]
            away = np.sqrt(lx * lx + ly * ly + lz * lz)
            lx, ly, lz = lx / away, ly / away, lz / away
            falloff = (shadow.lamp / away) ** 2
        cosine = normal[0] * lx + normal[1] * ly + normal[2] * lz
        facing = horizon_cosine(cosine, sine)
        if facing <= 0.0:
            continue
        lit = lit_share(shadow, position, normal, radius) * falloff
        if lit <= 0.0:
            continue
        vx, vy, vz = camera[0] - position[0], camera[1] - position[1], camera[2] - position[2]
        length = np.sqrt(vx * vx + vy * vy + vz * vz)
        vx, vy, vz = vx / length, vy / length, vz / length
        hx, hy, hz = lx + vx, ly + vy, lz + vz
        length = np.sqrt(hx * hx + hy * hy + hz * hz) + 1e-6
        hx, hy, hz = hx / length, hy / length, hz / length
        reflected = lamp_reflection(
            gloss[0] * lx + gloss[1] * ly + gloss[2] * lz,
            gloss[0] * vx + gloss[1] * vy + gloss[2] * vz,
            gloss[0] * hx + gloss[1] * hy + gloss[2] * hz,
            lx * hx + ly * hy + lz * hz,
            samples.roughness[n],
            radius,
            samples.specular[n],
        )
        for k in range(3):
            energy = irradiance[k] * lit * facing
            shading[n, k] += energy / np.pi
            specular[n, k] += energy * reflected
