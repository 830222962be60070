"""From a mesh seen by a camera to maps: albedo, normal, depth, matte, transport, visibility of lamps, parts."""

from dataclasses import dataclass

import numba
import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from .appearance import Appearance, packed
from .materials import material
from .person import Person
from .rasterise import IntArray, barycentric, rasterise
from .skin import noise_textures

SUPERSAMPLING = 2
BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@dataclass(frozen=True)
class SurfaceMaps:
    """One person as one camera sees them; maps are averages over the covered sub-samples of a pixel.

    Attributes:
        albedo: (h, w, 3) linear.
        normal: (h, w, 3) unit, camera axes.
        shading_normal: (h, w, 3) as normal, tilted along strands of hair: for highlights only.
        depth: (h, w) metres along the axis.
        matte: (h, w) covered share.
        transport: (h, w, 9) HEAD axes.
        visibility: (h, w, L) 0..1 of each lamp.
        roughness: (h, w).
        specular: (h, w) F0.
        parts: (h, w) uint8 PartClass.
        tangent: pixels per metre at depth one, of the maps.
    """

    albedo: Float32Array
    normal: Float32Array
    shading_normal: Float32Array
    depth: Float32Array
    matte: Float32Array
    transport: Float32Array
    visibility: Float32Array
    roughness: Float32Array
    specular: Float32Array
    parts: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    tangent: float


@numba.njit(cache=True, fastmath=True)
def _resolve(  # noqa: PLR0912, PLR0915, PLR0917 - compiled: one pass over all pixels
    seen: IntArray,
    screen: Float32Array,
    triangles: IntArray,
    parts: BytesArray,
    normals: Float32Array,
    rest: Float32Array,
    transport: Float32Array,
    visibility: Float32Array,
    neckline: int,
    scalars: Float32Array,
    colours: Float32Array,
    moles: Float32Array,
    masks: Float32Array,
    textures: Float32Array,
    size: int,
    factor: int,
) -> tuple[Float32Array, Float32Array, BytesArray]:
    lamps = visibility.shape[1]
    count = 6 + 3 + 1 + 9 + lamps + 2
    maps = np.zeros((size, size, count), np.float32)
    matte = np.zeros((size, size), np.float32)
    classes = np.zeros((size, size), np.uint8)
    out = np.zeros(7, np.float32)
    votes = np.zeros(9, np.int32)
    total = factor * factor
    for row in range(size):
        for column in range(size):
            covered = 0
            first = -1
            uniform = True
            for s in range(total):
                t = seen[row * factor + s // factor, column * factor + s % factor]
                if t >= 0:
                    covered += 1
                    if first < 0:
                        first = parts[t]
                    elif parts[t] != first:
                        uniform = False
            if covered == 0:
                continue
            matte[row, column] = covered / total
            votes[:] = 0
            # Where all sub-samples lie on one part, two opposite ones are enough.
            stride = 3 if uniform and covered == total and factor == 2 else 1
            used = 0
            for s in range(0, total, stride):
                y, x = row * factor + s // factor, column * factor + s % factor
                t = seen[y, x]
                if t < 0:
                    continue
                a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
                wa, wb, wc = barycentric(screen, a, b, c, x + 0.5, y + 0.5)
                x0 = wa * rest[a, 0] + wb * rest[b, 0] + wc * rest[c, 0]
                x1 = wa * rest[a, 1] + wb * rest[b, 1] + wc * rest[c, 1]
                x2 = wa * rest[a, 2] + wb * rest[b, 2] + wc * rest[c, 2]
                x3 = wa * rest[a, 3] + wb * rest[b, 3] + wc * rest[c, 3]
                material(parts[t], x0, x1, x2, x3, neckline, scalars, colours, moles, masks, textures, out)
                used += 1
                votes[int(out[5])] += 1
                pixel = maps[row, column]
                for k in range(3):
                    pixel[k] += out[k]
                    n = wa * normals[a, k] + wb * normals[b, k] + wc * normals[c, k]
                    pixel[3 + k] += n
                    pixel[6 + k] += n
                pixel[7] += out[6]
                pixel[9] += 1.0 / (wa * screen[a, 2] + wb * screen[b, 2] + wc * screen[c, 2])
                for k in range(9):
                    pixel[10 + k] += wa * transport[a, k] + wb * transport[b, k] + wc * transport[c, k]
                for k in range(lamps):
                    pixel[19 + k] += wa * visibility[a, k] + wb * visibility[b, k] + wc * visibility[c, k]
                pixel[19 + lamps] += out[3]
                pixel[20 + lamps] += out[4]
            for k in range(count):
                maps[row, column, k] /= used
            best = 0
            for k in range(9):
                if votes[k] > votes[best]:
                    best = k
            classes[row, column] = best
    return maps, matte, classes


def _unit(vectors: Float32Array) -> Float32Array:
    length = np.sqrt(np.einsum("...i,...i->...", vectors, vectors))[..., None]
    result: Float32Array = vectors / np.maximum(length, np.float32(1e-6))
    return result


def draw_surface(
    person: Person,
    *,
    camera_from_head: Float64Array,
    offset: Float64Array,
    tangent: float,
    size: int,
    appearance: Appearance,
    masks: Float32Array,
    visibility: Float32Array,
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
        visibility: (V, L) of each lamp at the vertices.
    """
    matrix = camera_from_head.astype(np.float32)
    vertices = person.vertices @ matrix.T + offset.astype(np.float32)
    normals = _facing(person.normals @ matrix.T, vertices)
    fine = size * SUPERSAMPLING
    depth = np.maximum(-vertices[:, 2], np.float32(0.05))
    scale = np.float32(fine / 2 / tangent)
    screen = np.stack(
        [fine / 2 + vertices[:, 0] / depth * scale, fine / 2 - vertices[:, 1] / depth * scale, 1.0 / depth], axis=1
    ).astype(np.float32)
    seen, _ = rasterise(screen, person.triangles, fine)
    scalars, colours, moles = packed(appearance)
    maps, matte, classes = _resolve(
        seen, screen, person.triangles, person.parts, normals, person.rest, person.transport, visibility,
        person.neckline, scalars, colours, moles, masks, noise_textures(), size, SUPERSAMPLING,
    )  # fmt: skip
    lamps = visibility.shape[1]
    return SurfaceMaps(
        albedo=maps[..., 0:3],
        normal=_unit(maps[..., 3:6]),
        shading_normal=_unit(maps[..., 6:9]),
        depth=maps[..., 9],
        matte=matte,
        transport=maps[..., 10:19],
        visibility=maps[..., 19 : 19 + lamps],
        roughness=maps[..., 19 + lamps],
        specular=maps[..., 20 + lamps],
        parts=classes,
        tangent=tangent,
    )


def _facing(normals: Float32Array, vertices: Float32Array) -> Float32Array:
    """Normals that look away from the camera (thin ribbons, rims) are bent to grazing."""
    view = _unit(-vertices)
    cosine = np.einsum("ij,ij->i", normals, view)[:, None]
    return _unit(normals - view * np.minimum(cosine, 0.0)).astype(np.float32)
