"""Diffuse light of an environment at vertices: all frequencies, with the shadows that were ray-cast, and one bounce."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from ...runtime.light.equirectangular import map_directions, solid_angles
from ...runtime.light.harmonics import basis, lambert_transport
from . import illumination as illumination_code
from . import parts, reflectance
from .compiled import compiled_with
from .illumination import Illumination
from .parts import PartClass
from .person import Person
from .rasterise import BytesArray, IntArray
from .reflectance import environment_share, panorama_value, specular_occlusion
from .surface_maps import SurfaceMaps
from .surface_samples import SurfaceSamples
from .transport import BOUNCE_ALBEDO, sphere_directions

_MOUTH = int(PartClass.MOUTH)


@dataclass(frozen=True)
class VertexLight:
    """Light that reaches some of a person's vertices.

    Attributes:
        row: (V,) int32 where a vertex stands in the arrays below, −1 where it was not asked for.
        open_share: (N, 3) of the unshadowed environment's irradiance, what arrives; 0..1 and a little more.
        bounce: (N, 3) irradiance / π that arrives over surfaces of albedo `transport.BOUNCE_ALBEDO`.
    """

    row: IntArray
    open_share: Float32Array
    bounce: Float32Array


def direction_energy(radiance: Float32Array, panorama_from_head: Float64Array) -> Float32Array:
    """(128, 3) the environment gathered into the ray-cast directions: each takes what is nearer to it than to others.

    Args:
        radiance: (h, 2h, 3) panorama axes.
        panorama_from_head: (3, 3) orthogonal.

    Returns:
        Radiance times solid angle per direction; their sum is the integral over the sphere.
    """
    height, width = radiance.shape[:2]
    pixels = map_directions(height, width).reshape(-1, 3).astype(np.float32) @ panorama_from_head.astype(np.float32)
    directions = sphere_directions()
    nearest = np.argmax(pixels @ directions.T, axis=1)
    energy = (radiance * solid_angles(height, width)[..., None].astype(np.float32)).reshape(-1, 3)
    gathered = [np.bincount(nearest, energy[:, c], len(directions)) for c in range(3)]
    return np.stack(gathered, axis=1).astype(np.float32)


def vertex_light(person: Person, vertices: IntArray, illumination: Illumination) -> VertexLight:
    """Light at chosen vertices.

    The environment's irradiance on an open surface is a look-up in its cosine-blurred map; only what is occluded is
    summed over directions, so open surfaces carry no error of sampling. What bounces is the difference between the
    stored transport, which holds it, and the direct transport which follows from the visibility bits.

    Args:
        person: the person.
        vertices: (N,) indices.
        illumination: the light.
    """
    directions = sphere_directions()
    normals = np.ascontiguousarray(person.normals[vertices])
    light = illumination.bounce_harmonics.astype(np.float32)
    share, blocked = _occluded(
        normals, np.ascontiguousarray(person.visibility[vertices]), directions,
        direction_energy(illumination.levels[0], illumination.panorama_from_head),
        basis(directions) @ light, illumination.levels, illumination.panorama_from_head.astype(np.float32),
    )  # fmt: skip
    direct = lambert_transport(normals) @ light - blocked
    bounce = np.maximum(person.transport[vertices] @ light - direct, np.float32(0.0))
    row = np.full(len(person.vertices), -1, np.int32)
    row[vertices] = np.arange(len(vertices), dtype=np.int32)
    return VertexLight(row, share, bounce)


@compiled_with(illumination_code, reflectance)
def _occluded(  # noqa: PLR0917 - compiled: arrays go in by position
    normals: Float32Array,
    bits: BytesArray,
    directions: Float32Array,
    energy: Float32Array,
    harmonic_radiance: Float32Array,
    levels: Float32Array,
    panorama_from_head: Float32Array,
) -> tuple[Float32Array, Float32Array]:
    """Share of the open irradiance (N, 3) that arrives, and what order-2 harmonics lose to occlusion (N, 3)."""
    count, number = normals.shape[0], directions.shape[0]
    share, blocked = np.empty((count, 3), np.float32), np.empty((count, 3), np.float32)
    solid = 4.0 / number
    m = panorama_from_head
    opened = np.empty(3, np.float32)
    for v in range(count):
        nx, ny, nz = normals[v, 0], normals[v, 1], normals[v, 2]
        lost0 = lost1 = lost2 = smooth0 = smooth1 = smooth2 = 0.0
        for d in range(number):
            if (bits[v, d >> 3] >> (7 - (d & 7))) & 1:
                continue
            cosine = nx * directions[d, 0] + ny * directions[d, 1] + nz * directions[d, 2]
            if cosine > 0.0:
                lost0 += cosine * energy[d, 0]
                lost1 += cosine * energy[d, 1]
                lost2 += cosine * energy[d, 2]
                smooth0 += cosine * harmonic_radiance[d, 0]
                smooth1 += cosine * harmonic_radiance[d, 1]
                smooth2 += cosine * harmonic_radiance[d, 2]
        panorama_value(
            levels, levels.shape[0] - 1.0,
            m[0, 0] * nx + m[0, 1] * ny + m[0, 2] * nz,
            m[1, 0] * nx + m[1, 1] * ny + m[1, 2] * nz,
            m[2, 0] * nx + m[2, 1] * ny + m[2, 2] * nz,
            opened,
        )  # fmt: skip
        share[v, 0] = max(0.0, 1.0 - lost0 / (np.pi * opened[0] + 1e-9))
        share[v, 1] = max(0.0, 1.0 - lost1 / (np.pi * opened[1] + 1e-9))
        share[v, 2] = max(0.0, 1.0 - lost2 / (np.pi * opened[2] + 1e-9))
        blocked[v, 0], blocked[v, 1], blocked[v, 2] = smooth0 * solid, smooth1 * solid, smooth2 * solid
    return share, blocked


def add_environment(
    person: Person, maps: SurfaceMaps, illumination: Illumination, shading: Float32Array, specular: Float32Array
) -> None:
    """Add the environment's light to what samples reflect.

    Args:
        person: the person that was drawn.
        maps: from `draw_surface`.
        illumination: the light.
        shading: (N, 3) what a white diffuse surface sends, per sample.
        specular: (N, 3) highlights, per sample.
    """
    samples = maps.samples
    light = vertex_light(person, seen_vertices(person, samples), illumination)
    tint = maps.surroundings / np.float32(BOUNCE_ALBEDO)
    _shade_samples(
        samples, light.row, light.open_share, light.bounce, tint, illumination.levels,
        illumination.panorama_from_head.astype(np.float32), maps.camera.astype(np.float32), shading, specular,
    )  # fmt: skip


def seen_vertices(person: Person, samples: SurfaceSamples) -> IntArray:
    """(N,) int32 vertices that the samples lie between."""
    used = np.zeros(len(person.vertices), bool)
    used[samples.corners.ravel()] = True
    return np.flatnonzero(used).astype(np.int32)


@compiled_with(illumination_code, parts, reflectance)
def _shade_samples(  # noqa: PLR0917 - compiled: arrays go in by position
    samples: SurfaceSamples,
    row: IntArray,
    open_share: Float32Array,
    bounce: Float32Array,
    tint: Float32Array,
    levels: Float32Array,
    panorama_from_head: Float32Array,
    camera: Float32Array,
    shading: Float32Array,
    specular: Float32Array,
) -> None:
    """Fill shading and specular with the environment's light."""
    m = panorama_from_head
    found = np.zeros(3, np.float32)
    top = levels.shape[0] - 1.0
    corners, weights, kinds = samples.corners, samples.weights, samples.kind
    normals, glosses, place = samples.normal, samples.gloss_normal, samples.position
    roughness, specularity = samples.roughness, samples.specular
    for n in range(place.shape[0]):
        a, b, c = row[corners[n, 0]], row[corners[n, 1]], row[corners[n, 2]]
        wa, wb = weights[n, 0], weights[n, 1]
        wc = 1.0 - wa - wb
        nx, ny, nz = normals[n, 0], normals[n, 1], normals[n, 2]
        panorama_value(
            levels, top,
            m[0, 0] * nx + m[0, 1] * ny + m[0, 2] * nz,
            m[1, 0] * nx + m[1, 1] * ny + m[1, 2] * nz,
            m[2, 0] * nx + m[2, 1] * ny + m[2, 2] * nz,
            found,
        )  # fmt: skip
        openness = 0.0
        kind = kinds[n]
        for k in range(3):
            share = wa * open_share[a, k] + wb * open_share[b, k] + wc * open_share[c, k]
            bounced = wa * bounce[a, k] + wb * bounce[b, k] + wc * bounce[c, k]
            openness += share / 3.0
            shading[n, k] += found[k] * share + bounced * tint[n, k]
        vx, vy, vz = camera[0] - place[n, 0], camera[1] - place[n, 1], camera[2] - place[n, 2]
        inverse = 1.0 / np.sqrt(vx * vx + vy * vy + vz * vz)
        vx, vy, vz = vx * inverse, vy * inverse, vz * inverse
        sx, sy, sz = glosses[n, 0], glosses[n, 1], glosses[n, 2]
        cosine = max(0.02, sx * vx + sy * vy + sz * vz)
        rx, ry, rz = 2 * cosine * sx - vx, 2 * cosine * sy - vy, 2 * cosine * sz - vz
        rough = roughness[n]
        panorama_value(
            levels, rough * top,
            m[0, 0] * rx + m[0, 1] * ry + m[0, 2] * rz,
            m[1, 0] * rx + m[1, 1] * ry + m[1, 2] * rz,
            m[2, 0] * rx + m[2, 1] * ry + m[2, 2] * rz,
            found,
        )  # fmt: skip
        openness = min(1.0, openness)
        reflected = environment_share(cosine, rough, specularity[n])
        reflected *= specular_occlusion(cosine, openness, rough)
        if kind == _MOUTH:
            reflected *= openness
        for k in range(3):
            specular[n, k] += reflected * found[k]
