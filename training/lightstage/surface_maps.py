"""From a mesh seen by a camera to maps: albedo, normal, depth, matte, transport, parts, and the samples behind them."""

from dataclasses import dataclass

import numba
import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from ...runtime.light.harmonics import CONSTANT, LINEAR, QUADRATIC, ZONAL
from .appearance import Appearance, packed
from .avatars.atlas import Atlas
from .parts import Part
from .person import Person
from .rasterise import NO_TEXTURE, BytesArray, Coverage, IntArray, rasterise_covered
from .sample_choice import choose_samples
from .skin import noise_textures
from .strand_normals import average_strand_normals
from .surface_samples import (
    SUPERSAMPLING,
    LookArrays,
    MeshArrays,
    SurfaceSamples,
    empty_samples,
    shade_materials,
)
from .surroundings import surrounding_albedo
from .tangents import vertex_tangents

_CUTOUT_TEXTURE = 2
_CLASSES = 16
_SAME_NORMAL = 0.9998
"""Cosine from which on two normals count as one."""
_NEAREST_METRES = 0.05
_NO_ATLAS = Atlas(np.full((1, 1, 4), 255, np.uint8), np.full((1, 1, 3), 128, np.uint8), np.zeros((1, 1), np.uint8))


@dataclass(frozen=True)
class SurfaceMaps:
    """One person as one camera sees them; maps are averages over the shaded samples of a pixel.

    Attributes:
        albedo: (h, w, 3) linear.
        normal: (h, w, 3) unit, camera axes.
        shading_normal: (h, w, 3) as normal, with strands of hair, fine relief and the cornea: for highlights only.
        position: (h, w, 3) metres, camera space; depth is −z.
        depth: (h, w) metres along the axis.
        matte: (h, w) covered share.
        transport: (h, w, 9) mesh axes.
        roughness: (h, w) GGX roughness.
        specular: (h, w) F0.
        parts: (h, w) uint8 PartClass.
        tangent: half the picture's width at depth one.
        camera_from_head: (3, 3) orthogonal; mirrors where the person is drawn mirrored.
        camera: (3,) where the camera stands, mesh axes, metres.
        samples: what the maps are averages of, mesh axes.
        surroundings: (N, 3) mean albedo around each sample.
    """

    albedo: Float32Array
    normal: Float32Array
    shading_normal: Float32Array
    position: Float32Array
    depth: Float32Array
    matte: Float32Array
    transport: Float32Array
    roughness: Float32Array
    specular: Float32Array
    parts: BytesArray
    tangent: float
    camera_from_head: Float64Array
    camera: Float64Array
    samples: SurfaceSamples
    surroundings: Float32Array


def person_coverage(person: Person) -> tuple[BytesArray, BytesArray]:
    """(T,) `Coverage` of the person without clear lenses, and of the clear lenses alone."""
    lens = person.parts == Part.LENS
    body = np.where(person.triangle_texture == _CUTOUT_TEXTURE, Coverage.CUTOUT, Coverage.OPAQUE).astype(np.uint8)
    body[lens] = Coverage.ABSENT
    return body, np.where(lens, Coverage.OPAQUE, Coverage.ABSENT).astype(np.uint8)


def draw_surface(
    person: Person,
    *,
    camera_from_head: Float64Array,
    offset: Float64Array,
    tangent: float,
    size: int,
    appearance: Appearance,
    masks: Float32Array,
    atlas: Atlas | None = None,
) -> SurfaceMaps:
    """Draw a person.

    Args:
        person: the mesh.
        camera_from_head: (3, 3) orthogonal; a mirroring one draws the mirrored person.
        offset: (3,) where the head's origin lies, camera space, metres (z < 0).
        tangent: half the picture's width at depth one.
        size: pixels along each side.
        appearance: colours.
        masks: `skin.facial_masks`.
        atlas: textures of a textured person.
    """
    atlas = _NO_ATLAS if atlas is None else atlas
    fine = size * SUPERSAMPLING
    screen = _projected(person.vertices, camera_from_head, offset, tangent, fine)
    seen, lens_seen = _seen(person, atlas, screen, fine)
    camera = -np.asarray(offset, np.float64) @ camera_from_head
    tangents = vertex_tangents(person.vertices, person.normals, person.uv, person.triangles, person.triangle_texture)
    mesh = MeshArrays(
        screen, person.vertices, person.normals, person.rest, person.uv, tangents, person.triangles, person.parts,
        person.triangle_texture, person.neckline, eye_axes(person), camera.astype(np.float32),
    )  # fmt: skip
    pixel, place, matte = choose_samples(seen, person.parts)
    samples = empty_samples(pixel)
    look = LookArrays(*packed(appearance), masks, noise_textures(), atlas.colour, atlas.normal, atlas.classes)
    shade_materials(place, seen, lens_seen, mesh, look, samples)
    maps, classes = _averaged(samples, person.normals, person.transport, size)
    normal = np.ascontiguousarray(maps[..., 3:6])
    average_strand_normals(seen, mesh, normal)
    matrix = camera_from_head.astype(np.float32)
    position = (maps[..., 9:12] - camera.astype(np.float32)) @ matrix.T
    return SurfaceMaps(
        albedo=maps[..., 0:3],
        normal=_unit(normal @ matrix.T),
        shading_normal=_unit(maps[..., 6:9] @ matrix.T),
        position=position * (matte > 0)[..., None],
        depth=np.where(matte > 0, -position[..., 2], np.float32(0.0)),
        matte=matte,
        transport=maps[..., 14:23],
        roughness=maps[..., 12],
        specular=maps[..., 13],
        parts=classes,
        tangent=tangent,
        camera_from_head=camera_from_head,
        camera=camera,
        samples=samples,
        surroundings=surrounding_albedo(samples.position, samples.albedo),
    )


def _projected(
    vertices: Float32Array, camera_from_head: Float64Array, offset: Float64Array, tangent: float, fine: int
) -> Float32Array:
    """(V, 3) x, y in sub-samples and 1/depth."""
    seen = vertices @ camera_from_head.astype(np.float32).T + np.asarray(offset, np.float32)
    inverse = 1.0 / np.maximum(-seen[:, 2], np.float32(_NEAREST_METRES))
    scale = np.float32(fine / 2 / tangent)
    screen = np.empty_like(seen)
    screen[:, 0] = np.float32(fine / 2) + seen[:, 0] * inverse * scale
    screen[:, 1] = np.float32(fine / 2) - seen[:, 1] * inverse * scale
    screen[:, 2] = inverse
    return screen


def _seen(person: Person, atlas: Atlas, screen: Float32Array, fine: int) -> tuple[IntArray, IntArray]:
    """(fine, fine) triangle that each sub-sample sees, and that of a clear lens in front of it, or −1."""
    body, lenses = person_coverage(person)
    alpha = np.ascontiguousarray(atlas.colour[..., 3]) if (body == Coverage.CUTOUT).any() else NO_TEXTURE
    seen, nearest = rasterise_covered(screen, person.triangles, body, person.uv, alpha, fine)
    if not (lenses == Coverage.OPAQUE).any():
        return seen, np.full_like(seen, -1)
    only = np.flatnonzero(lenses == Coverage.OPAQUE).astype(np.int32)
    lens, lens_nearest = rasterise_covered(screen, person.triangles[only], lenses[only], person.uv, NO_TEXTURE, fine)
    in_front = (lens >= 0) & (lens_nearest > nearest)
    return seen, np.where(in_front, only[lens], np.int32(-1))


def eye_axes(person: Person) -> Float32Array:
    """(2, 3, 3) mesh axes from the axes of the right (x < 0) and the left eyeball's rest coordinates.

    An eyeball's normals are its rest directions, turned; the rotation is the orthogonal Procrustes solution
    (Schönemann 1966). Identity where a person has no such eyes.
    """
    axes = np.tile(np.eye(3, dtype=np.float32), (2, 1, 1))
    triangles = person.triangles[(person.parts == Part.EYE) & (person.triangle_texture == 0)]
    if len(triangles) == 0:
        return axes
    used = np.unique(triangles)
    for side, chosen in enumerate((used[person.vertices[used, 0] < 0], used[person.vertices[used, 0] >= 0])):
        if len(chosen) > 2:
            left, _, right = np.linalg.svd(person.normals[chosen].T @ person.rest[chosen, :3])
            axes[side] = left @ np.diag([1.0, 1.0, np.linalg.det(left @ right)]) @ right
    return axes


@numba.njit(cache=True, fastmath=True)
def _averaged(
    samples: SurfaceSamples, normals: Float32Array, transport: Float32Array, size: int
) -> tuple[Float32Array, BytesArray]:
    """(size, size, 23): albedo, normal, gloss normal, position, roughness, F0, transport; and the commonest class."""
    maps = np.zeros((size * size, 23), np.float32)
    classes = np.zeros(size * size, np.uint8)
    votes = np.zeros(_CLASSES, np.int32)
    pixels, kinds, corners, weights = samples.pixel, samples.kind, samples.corners, samples.weights
    albedo, normal, gloss, position = samples.albedo, samples.normal, samples.gloss_normal, samples.position
    roughness, specular = samples.roughness, samples.specular
    here, plain = np.zeros(9, np.float32), np.zeros(3, np.float32)
    count = pixels.shape[0]
    n = 0
    while n < count:
        p, first = pixels[n], n
        votes[:] = 0
        while n < count and pixels[n] == p:
            votes[kinds[n]] += 1
            for k in range(3):
                maps[p, k] += albedo[n, k]
                maps[p, 3 + k] += normal[n, k]
                maps[p, 6 + k] += gloss[n, k]
                maps[p, 9 + k] += position[n, k]
            maps[p, 12] += roughness[n]
            maps[p, 13] += specular[n]
            a, b, c = corners[n, 0], corners[n, 1], corners[n, 2]
            wa, wb = weights[n, 0], weights[n, 1]
            wc = 1.0 - wa - wb
            for k in range(9):
                here[k] = wa * transport[a, k] + wb * transport[b, k] + wc * transport[c, k]
                maps[p, 14 + k] += here[k]
            along = across = 0.0
            for k in range(3):
                plain[k] = wa * normals[a, k] + wb * normals[b, k] + wc * normals[c, k]
                along += plain[k] * normal[n, k]
                across += plain[k] * plain[k]
            if along < _SAME_NORMAL * np.sqrt(across):
                openness = min(1.0, here[0] / CONSTANT)
                inverse = 1.0 / np.sqrt(across + 1e-12)
                _add_lambert(plain[0] * inverse, plain[1] * inverse, plain[2] * inverse, -openness, maps, p)
                _add_lambert(normal[n, 0], normal[n, 1], normal[n, 2], openness, maps, p)
            n += 1
        share = 1.0 / (n - first)
        for k in range(23):
            maps[p, k] *= share
        for k in range(_CLASSES):
            if votes[k] > votes[classes[p]]:
                classes[p] = k
    return maps.reshape(size, size, 23), classes.reshape(size, size)


@numba.njit(cache=True, fastmath=True)
def _add_lambert(  # noqa: PLR0917 - compiled: arguments go in by position
    x: float, y: float, z: float, factor: float, maps: Float32Array, p: int
) -> None:
    """Add the order 1 and 2 of an open surface's transport times a factor (`harmonics.lambert_transport`).

    Where a normal map or the facing of a ribbon turns the normal away from that of the mesh, transport turns with it.
    """
    one, two = factor * LINEAR * 2.0 / 3.0, factor * QUADRATIC / 4.0
    maps[p, 15] += one * y
    maps[p, 16] += one * z
    maps[p, 17] += one * x
    maps[p, 18] += two * x * y
    maps[p, 19] += two * y * z
    maps[p, 20] += factor * ZONAL / 4.0 * (3.0 * z * z - 1.0)
    maps[p, 21] += two * x * z
    maps[p, 22] += 0.5 * two * (x * x - y * y)


def _unit(vectors: Float32Array) -> Float32Array:
    length = np.sqrt(np.einsum("...i,...i->...", vectors, vectors))[..., None]
    result: Float32Array = vectors / np.maximum(length, np.float32(1e-6))
    return result
