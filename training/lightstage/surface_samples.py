"""The points of the surface that a picture is shaded at: several per pixel where a pixel shows several things.

Interior pixels of one material are shaded at two of their sub-samples, hair at three, and pixels at edges at up to
five, so that products of maps (albedo times light) are formed before they are averaged.
"""

from typing import NamedTuple

import numba
import numpy as np

from ...runtime.arrays import Float32Array
from ...runtime.plate.colour import linear_from_srgb
from . import appearance, cornea, materials, parts, rasterise, skin
from .avatars import atlas
from .avatars import material as avatar_material
from .avatars.material import textured_material
from .compiled import compiled_with
from .cornea import corneal_normal
from .materials import material
from .parts import Part
from .rasterise import BytesArray, IntArray, barycentric

SUPERSAMPLING = 3
MATERIAL_NUMBERS = 10
"""What a material fills: linear albedo, roughness, F0, class, tilt of the strand, slope of fine relief."""
_LINEAR_OF_CODE = linear_from_srgb((np.arange(256) / 255.0).astype(np.float32)).astype(np.float32)
_SLOPE_OF_CODE = ((np.arange(256) - 128) / 127.0).astype(np.float32)
_EYE_PART = int(Part.EYE)


class SurfaceSamples(NamedTuple):
    """Points on the person that a camera sees; samples of one pixel follow each other.

    A tuple, as those below, because compiled code takes tuples of arrays whole.

    Attributes:
        pixel: (N,) int32, row · size + column; never falls.
        triangle: (N,) int32.
        corners: (N, 3) int32 vertices of the triangle.
        weights: (N, 2) of the triangle's first two corners, perspective-correct.
        position: (N, 3) metres, mesh axes.
        lifted: (N, 3) the same on the smooth surface that the normals tell of, where shadows are looked up.
        normal: (N, 3) unit, mesh axes; of textured people with the detail of the normal map.
        gloss_normal: (N, 3) unit, with strands, relief and the cornea: for highlights.
        albedo: (N, 3) linear.
        roughness: (N,).
        specular: (N,) F0.
        kind: (N,) uint8 `PartClass`.
        lens: (N,) int32 triangle of a clear lens in front, or −1.
    """

    pixel: IntArray
    triangle: IntArray
    corners: IntArray
    weights: Float32Array
    position: Float32Array
    lifted: Float32Array
    normal: Float32Array
    gloss_normal: Float32Array
    albedo: Float32Array
    roughness: Float32Array
    specular: Float32Array
    kind: BytesArray
    lens: IntArray


class MeshArrays(NamedTuple):
    """A person's mesh in front of a camera.

    Attributes:
        screen: (V, 3) of the rasteriser.
        vertices: (V, 3) metres, mesh axes.
        normals: (V, 3).
        rest: (V, 4).
        uv: (V, 2).
        tangents: (V, 4) from `vertex_tangents`.
        triangles: (T, 3).
        parts: (T,).
        triangle_texture: (T,) 0 procedural, 1 textured, 2 textured with alpha.
        neckline: of the person.
        eye_axes: (2, 3, 3) mesh axes from the axes of the right and the left eyeball's rest coordinates.
        camera: (3,) where it stands, mesh axes.
    """

    screen: Float32Array
    vertices: Float32Array
    normals: Float32Array
    rest: Float32Array
    uv: Float32Array
    tangents: Float32Array
    triangles: IntArray
    parts: BytesArray
    triangle_texture: BytesArray
    neckline: int
    eye_axes: Float32Array
    camera: Float32Array


class LookArrays(NamedTuple):
    """What materials are computed from.

    Attributes:
        scalars: of the appearance.
        colours: of the appearance.
        moles: of the appearance.
        masks: `skin.facial_masks`.
        noise: `skin.noise_textures`.
        colour: (H, W, 4) of the atlas.
        relief: (H, W, 3) tangent-space normals of the atlas.
        region: (H, W) of the atlas.
    """

    scalars: Float32Array
    colours: Float32Array
    moles: Float32Array
    masks: Float32Array
    noise: Float32Array
    colour: BytesArray
    relief: BytesArray
    region: BytesArray


def empty_samples(pixel: IntArray) -> SurfaceSamples:
    """Room for the samples of given pixels."""
    count = len(pixel)
    vectors = np.empty((5, count, 3), np.float32)
    numbers = np.empty((2, count), np.float32)
    return SurfaceSamples(
        pixel=pixel,
        triangle=np.empty(count, np.int32),
        corners=np.empty((count, 3), np.int32),
        weights=np.empty((count, 2), np.float32),
        position=vectors[0],
        lifted=vectors[1],
        normal=vectors[2],
        gloss_normal=vectors[3],
        albedo=vectors[4],
        roughness=numbers[0],
        specular=numbers[1],
        kind=np.empty(count, np.uint8),
        lens=np.empty(count, np.int32),
    )


@numba.njit(cache=True, fastmath=True)
def _texel(image: BytesArray, u: float, v: float, decoded: Float32Array, out: Float32Array) -> None:
    """Bilinear, wrapping look-up of three channels through a table of 256 values."""
    height, width = image.shape[0], image.shape[1]
    x, y = u * width - 0.5, v * height - 0.5
    left, top = int(np.floor(x)), int(np.floor(y))
    fx, fy = x - left, y - top
    x0, x1, y0, y1 = left % width, (left + 1) % width, top % height, (top + 1) % height
    for c in range(3):
        upper = decoded[image[y0, x0, c]] * (1 - fx) + decoded[image[y0, x1, c]] * fx
        lower = decoded[image[y1, x0, c]] * (1 - fx) + decoded[image[y1, x1, c]] * fx
        out[c] = upper * (1 - fy) + lower * fy


@numba.njit(cache=True, fastmath=True)
def _tilt(  # noqa: PLR0917 - compiled: arguments go in by position
    tangents: Float32Array, a: int, b: int, c: int, wa: float, wb: float, wc: float,
    tilt: Float32Array, normal: Float32Array,
) -> None:  # fmt: skip
    """Tilt a unit normal by a tangent-space one (x along u, y against v, as glTF 2.0 has it)."""
    x = wa * tangents[a, 0] + wb * tangents[b, 0] + wc * tangents[c, 0]
    y = wa * tangents[a, 1] + wb * tangents[b, 1] + wc * tangents[c, 1]
    z = wa * tangents[a, 2] + wb * tangents[b, 2] + wc * tangents[c, 2]
    sign = tangents[a, 3]
    n0, n1, n2 = normal[0], normal[1], normal[2]
    normal[0] = x * tilt[0] + sign * (n1 * z - n2 * y) * tilt[1] + n0 * tilt[2]
    normal[1] = y * tilt[0] + sign * (n2 * x - n0 * z) * tilt[1] + n1 * tilt[2]
    normal[2] = z * tilt[0] + sign * (n0 * y - n1 * x) * tilt[1] + n2 * tilt[2]
    _normalise(normal)


@numba.njit(cache=True, fastmath=True)
def _normalise(vector: Float32Array) -> None:
    length = np.sqrt(vector[0] ** 2 + vector[1] ** 2 + vector[2] ** 2) + 1e-12
    for k in range(3):
        vector[k] /= length


@numba.njit(cache=True, fastmath=True)
def seen_from_behind(  # noqa: PLR0917 - compiled: arguments go in by position
    vertices: Float32Array, a: int, b: int, c: int, normal: Float32Array, view: Float32Array
) -> bool:
    """Whether the camera sees the side of a thin sheet (a strand, a card of hair) that its normals do not look to."""
    x1, y1, z1 = (
        vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2],
    )  # fmt: skip
    x2, y2, z2 = (
        vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2],
    )  # fmt: skip
    x, y, z = y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2
    along_normal = x * normal[0] + y * normal[1] + z * normal[2]
    along_view = x * view[0] + y * view[1] + z * view[2]
    seen: bool = along_normal * along_view < 0.0
    return seen


@numba.njit(cache=True, fastmath=True)
def _face(normal: Float32Array, view: Float32Array) -> None:
    """Bend a normal that looks away from the camera (at a rim) to grazing, as highlights need it."""
    cosine = normal[0] * view[0] + normal[1] * view[1] + normal[2] * view[2]
    if cosine < 0.0:
        for k in range(3):
            normal[k] -= cosine * view[k]
        _normalise(normal)


@compiled_with(appearance, atlas, avatar_material, cornea, materials, parts, rasterise, skin)
def shade_materials(  # noqa: PLR0917 - compiled: one pass over all samples, arrays by position
    place: IntArray, seen: IntArray, lens_seen: IntArray, mesh: MeshArrays, look: LookArrays, samples: SurfaceSamples
) -> None:
    """Fill the samples.

    Args:
        place: from `choose_samples`.
        seen: (3 size, 3 size) triangles.
        lens_seen: (3 size, 3 size) triangles of clear lenses in front.
        mesh: the person.
        look: the materials.
        samples: filled, except for their pixels.
    """
    # Plain arrays and scratch space: slices inside a compiled loop are counted references and slow it down.
    screen, vertices, normals, rest = mesh.screen, mesh.vertices, mesh.normals, mesh.rest
    triangles, parts, texture, camera = mesh.triangles, mesh.parts, mesh.triangle_texture, mesh.camera
    scalars, colours, moles, masks, noise = look.scalars, look.colours, look.moles, look.masks, look.noise
    positions, lifted, albedo = samples.position, samples.lifted, samples.albedo
    smooth, glossy = samples.normal, samples.gloss_normal
    pixels, right_eye, left_eye = samples.pixel, mesh.eye_axes[0], mesh.eye_axes[1]
    size = seen.shape[0] // 3
    out = np.zeros(MATERIAL_NUMBERS, np.float32)
    point, found = np.zeros(4, np.float32), np.zeros(3, np.float32)
    position, view, lift = np.zeros(3, np.float32), np.zeros(3, np.float32), np.zeros(3, np.float32)
    normal, gloss = np.zeros(3, np.float32), np.zeros(3, np.float32)
    for n in range(place.shape[0]):
        y, x = pixels[n] // size * 3 + place[n] // 3, pixels[n] % size * 3 + place[n] % 3
        t = seen[y, x]
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        wa, wb, wc = barycentric(screen, a, b, c, x + 0.5, y + 0.5)
        samples.triangle[n], samples.lens[n] = t, lens_seen[y, x]
        samples.corners[n, 0], samples.corners[n, 1], samples.corners[n, 2] = a, b, c
        samples.weights[n, 0], samples.weights[n, 1] = wa, wb
        for k in range(3):
            position[k] = wa * vertices[a, k] + wb * vertices[b, k] + wc * vertices[c, k]
            normal[k] = wa * normals[a, k] + wb * normals[b, k] + wc * normals[c, k]
            view[k] = camera[k] - position[k]
            lift[k] = 0.0
        _lift(vertices, normals, a, wa, position, lift)
        _lift(vertices, normals, b, wb, position, lift)
        _lift(vertices, normals, c, wc, position, lift)
        _normalise(view)
        _normalise(normal)
        out[:] = 0.0
        if texture[t] > 0:
            _textured(mesh.uv, a, b, c, wa, wb, wc, look.region, look.colour, look.relief, scalars, colours, found, out)
            _tilt(mesh.tangents, a, b, c, wa, wb, wc, found, normal)
        else:
            for k in range(4):
                point[k] = wa * rest[a, k] + wb * rest[b, k] + wc * rest[c, k]
            material(
                parts[t], point[0], point[1], point[2], point[3], mesh.neckline,
                scalars, colours, moles, masks, noise, out,
            )  # fmt: skip
        if seen_from_behind(vertices, a, b, c, normal, view):
            for k in range(3):
                normal[k] = -normal[k]
        slope = out[7] * normal[0] + out[8] * normal[1] + out[9] * normal[2]
        for k in range(3):
            gloss[k] = normal[k] - (out[7 + k] - slope * normal[k])
        gloss[1] += out[6]
        if parts[t] == _EYE_PART and texture[t] == 0:
            corneal_normal(point, left_eye if position[0] > 0.0 else right_eye, gloss)
        _normalise(gloss)
        _face(gloss, view)
        for k in range(3):
            positions[n, k], lifted[n, k] = position[k], position[k] + lift[k]
            smooth[n, k], glossy[n, k], albedo[n, k] = normal[k], gloss[k], out[k]
        samples.roughness[n], samples.specular[n], samples.kind[n] = out[3], out[4], np.uint8(out[5])


@numba.njit(cache=True, fastmath=True)
def _lift(  # noqa: PLR0917 - compiled: arguments go in by position
    vertices: Float32Array, normals: Float32Array, v: int, weight: float, position: Float32Array, lift: Float32Array
) -> None:
    """Move a point of a facet out to the tangent plane of a corner, so that facets do not shadow themselves.

    Hanika, "Hacking the Shadow Terminator" (Ray Tracing Gems II, 2021, chapter 4).
    """
    below = 0.0
    for k in range(3):
        below += (position[k] - vertices[v, k]) * normals[v, k]
    if below < 0.0:
        for k in range(3):
            lift[k] -= weight * below * normals[v, k]


@compiled_with(appearance, atlas, avatar_material, skin)
def _textured(  # noqa: PLR0917 - compiled: arrays go in by position
    uv: Float32Array, a: int, b: int, c: int, wa: float, wb: float, wc: float,
    region: BytesArray, colour: BytesArray, relief: BytesArray, scalars: Float32Array, colours: Float32Array,
    found: Float32Array, out: Float32Array,
) -> None:  # fmt: skip
    """The atlas at a point of a triangle: its material into `out`, its tangent-space normal into `found`."""
    u = wa * uv[a, 0] + wb * uv[b, 0] + wc * uv[c, 0]
    v = wa * uv[a, 1] + wb * uv[b, 1] + wc * uv[c, 1]
    rows, columns = region.shape
    row, column = int(np.floor(v * rows)) % rows, int(np.floor(u * columns)) % columns
    _texel(colour, u, v, _LINEAR_OF_CODE, found)
    textured_material(
        found[0], found[1], found[2], colour[row, column, 3] / 255.0, region[row, column], scalars, colours, out
    )
    _texel(relief, u, v, _SLOPE_OF_CODE, found)
