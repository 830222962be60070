"""Light of round lamps at the samples of a picture: diffuse and glossy, with shadows."""

import numba
import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from . import cornea, parts, reflectance, shadow_map
from .compiled import compiled_with
from .cornea import CORNEA_RADIUS
from .environment_light import seen_vertices
from .illumination import Lamps
from .parts import PartClass
from .person import Person
from .rasterise import BytesArray, IntArray
from .reflectance import lamp_reflection
from .shadow_map import NO_SHADOW, ShadowMap, draw_shadow_map, lit_share
from .surface_maps import SurfaceMaps
from .surface_samples import SurfaceSamples
from .transport import sphere_directions

SMALL_LAMP = 0.04
"""Angular radius (radians) up to which a shadow map alone is right."""
_SOFT_LAMP, _WINDOW = 0.28, 0.42
"""Between these radii the shadow map hands over to the ray-cast directions."""
_CELL = 0.18
"""Angular radius of the cell of one of 128 directions."""
_BODY_METRES = 0.3
_CORNEA_METRES = 1e-3 * CORNEA_RADIUS
_EYES = int(PartClass.EYES)


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
    samples = maps.samples
    camera = maps.camera.astype(np.float32)
    # Half the distance between samples at the surface, metres.
    footprint = 0.35 * 2.0 * maps.tangent * float(np.linalg.norm(maps.camera)) / maps.matte.shape[0]
    vertices = seen_vertices(person, samples)
    row = np.full(len(person.vertices), -1, np.int32)
    row[vertices] = np.arange(len(vertices), dtype=np.int32)
    for i in range(len(lamps.radius)):
        radius, away = float(lamps.radius[i]), float(lamps.distance[i])
        sight = np.ones((len(vertices), 2), np.float32)
        if radius > SMALL_LAMP:
            sight = vertex_sight(person, vertices, lamps.direction[i], away, radius)
        shadow = (
            NO_SHADOW
            if radius >= _WINDOW
            else draw_shadow_map(person, coverage, alpha, lamps.direction[i], away, radius, samples.lifted)
        )
        _lamp(
            samples, row, sight, shadow, lamps.direction[i].astype(np.float32),
            0.0 if np.isinf(away) else away, radius,
            lamps.irradiance[i].astype(np.float32), camera, footprint, shading, specular,
        )  # fmt: skip


def vertex_sight(
    person: Person, vertices: IntArray, direction: Float64Array, distance: float, radius: float
) -> Float32Array:
    """(N, 2) what vertices see of a wide lamp, from their ray-cast directions.

    A shadow map holds only what lies nearest to the lamp, so a wide penumbra found in it can reach into closed places
    (a mouth lit through the cheek). The visibility bits know better, but are coarse: the first number, 0..1, is the
    share of the lamp that is seen; the second is 0 where nothing around the lamp is seen, and 1 where half of it is.

    Args:
        person: the person.
        vertices: (N,) indices.
        direction: (3,) unit, towards the lamp.
        distance: metres, infinite for a sun.
        radius: angular radius, radians.
    """
    directions = sphere_directions()
    parallax = 0.0 if np.isinf(distance) else float(np.arcsin(min(1.0, _BODY_METRES / distance)))
    near = np.flatnonzero(directions @ direction > np.cos(min(np.pi, radius + parallax + _CELL)))
    position = np.full(3, np.inf) if np.isinf(distance) else direction * distance
    return _sight(
        np.ascontiguousarray(person.vertices[vertices]), np.ascontiguousarray(person.normals[vertices]),
        np.ascontiguousarray(person.visibility[vertices]), directions, near, direction.astype(np.float32),
        position.astype(np.float32), radius,
    )  # fmt: skip


@numba.njit(cache=True)
def _sight(  # noqa: PLR0917 - compiled: arrays go in by position
    points: Float32Array,
    normals: Float32Array,
    bits: BytesArray,
    directions: Float32Array,
    near: IntArray,
    direction: Float32Array,
    position: Float32Array,
    radius: float,
) -> Float32Array:
    result = np.zeros((points.shape[0], 2), np.float32)
    to_lamp = direction.copy()
    finite = np.isfinite(position[0])
    for v in range(points.shape[0]):
        if finite:
            for k in range(3):
                to_lamp[k] = position[k] - points[v, k]
            to_lamp /= np.sqrt((to_lamp**2).sum())
        lit, total, around_lit, around = 0.0, 1e-6, 0.0, 1e-6
        for d in near:
            seen = (bits[v, d >> 3] >> (7 - (d & 7))) & 1
            along = directions[d, 0] * to_lamp[0] + directions[d, 1] * to_lamp[1] + directions[d, 2] * to_lamp[2]
            inside = (radius + _CELL - np.arccos(min(1.0, along))) / _CELL
            if inside <= 0.0:
                continue
            cosine = (
                directions[d, 0] * normals[v, 0] + directions[d, 1] * normals[v, 1] + directions[d, 2] * normals[v, 2]
            )
            weight = min(1.0, max(0.0, inside - 0.5)) * max(0.0, cosine)
            total += weight
            lit += weight * seen
            around += min(1.0, inside)
            around_lit += min(1.0, inside) * seen
        result[v, 0] = lit / total
        result[v, 1] = min(1.0, 2.0 * around_lit / around)
    return result


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


@compiled_with(cornea, parts, reflectance, shadow_map)
def _lamp(  # noqa: PLR0917 - compiled: arrays go in by position
    samples: SurfaceSamples,
    row: IntArray,
    sight: Float32Array,
    shadow: ShadowMap,
    direction: Float32Array,
    away: float,
    radius: float,
    irradiance: Float32Array,
    camera: Float32Array,
    footprint: float,
    shading: Float32Array,
    specular: Float32Array,
) -> None:
    """Add one lamp's light to shading and specular."""
    sine = np.sin(min(radius, 1.2))
    lx, ly, lz = direction[0], direction[1], direction[2]
    falloff = 1.0
    # The cornea bends so much within a sample that a lamp's mirror image would fall between samples.
    spread = np.sqrt(radius * radius + (2.0 * footprint / _CORNEA_METRES) ** 2)
    window = min(1.0, max(0.0, (radius - _SOFT_LAMP) / (_WINDOW - _SOFT_LAMP)))
    # Plain arrays and numbers: a compiled loop is slowed by slices, which are counted references.
    place, lifted, normals, glosses = samples.position, samples.lifted, samples.normal, samples.gloss_normal
    corners, weights = samples.corners, samples.weights
    roughness, specularity, kinds = samples.roughness, samples.specular, samples.kind
    for n in range(place.shape[0]):
        px, py, pz = place[n, 0], place[n, 1], place[n, 2]
        if away > 0.0:
            lx, ly, lz = (
                direction[0] * away - px,
                direction[1] * away - py,
                direction[2] * away - pz,
            )
            inverse = 1.0 / np.sqrt(lx * lx + ly * ly + lz * lz)
            lx, ly, lz = lx * inverse, ly * inverse, lz * inverse
            falloff = (away * inverse) ** 2
        nx, ny, nz = normals[n, 0], normals[n, 1], normals[n, 2]
        facing = horizon_cosine(nx * lx + ny * ly + nz * lz, sine)
        if facing <= 0.0:
            continue
        wa, wb = weights[n, 0], weights[n, 1]
        wc = 1.0 - wa - wb
        a, b, c = row[corners[n, 0]], row[corners[n, 1]], row[corners[n, 2]]
        bound = wa * sight[a, 1] + wb * sight[b, 1] + wc * sight[c, 1]
        if bound <= 0.0:
            continue
        lit = window * (wa * sight[a, 0] + wb * sight[b, 0] + wc * sight[c, 0])
        if window < 1.0:
            share = lit_share(shadow, lifted[n, 0], lifted[n, 1], lifted[n, 2], nx, ny, nz, radius)
            lit += (1.0 - window) * bound * share
        if lit <= 0.0:
            continue
        vx, vy, vz = camera[0] - px, camera[1] - py, camera[2] - pz
        inverse = 1.0 / np.sqrt(vx * vx + vy * vy + vz * vz)
        vx, vy, vz = vx * inverse, vy * inverse, vz * inverse
        hx, hy, hz = lx + vx, ly + vy, lz + vz
        inverse = 1.0 / (np.sqrt(hx * hx + hy * hy + hz * hz) + 1e-6)
        hx, hy, hz = hx * inverse, hy * inverse, hz * inverse
        gx, gy, gz = glosses[n, 0], glosses[n, 1], glosses[n, 2]
        reflected = lamp_reflection(
            gx * lx + gy * ly + gz * lz,
            gx * vx + gy * vy + gz * vz,
            gx * hx + gy * hy + gz * hz,
            lx * hx + ly * hy + lz * hz,
            roughness[n],
            spread if kinds[n] == _EYES else radius,
            specularity[n],
        )
        lit *= falloff
        for k in range(3):
            shading[n, k] += irradiance[k] * lit * facing / np.pi
            specular[n, k] += irradiance[k] * lit * reflected
