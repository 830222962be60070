"""What a person's surface is made of at any point of it, under the colours of one picture."""

from dataclasses import dataclass

import numpy as np

from ....runtime.arrays import Float32Array
from ....runtime.plate.colour import linear_from_srgb
from ...assets import AssetError
from ..appearance import Appearance, packed
from ..avatars.atlas import Atlas
from ..avatars.material import textured_material
from ..compiled import compiled_with
from ..materials import material
from ..person import Person
from ..skin import noise_textures

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]
BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

LINEAR_CODES: Float32Array = linear_from_srgb(np.arange(256) / 255.0).astype(np.float32)
"""Linear light of the 256 sRGB codes."""
_NO_ATLAS = Atlas(np.zeros((1, 1, 4), np.uint8), np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8))


@dataclass(frozen=True)
class SurfaceMaterial:
    """Materials at N surface points.

    Attributes:
        albedo: (N, 3) linear.
        roughness: (N,) GGX.
        specular: (N,) F0.
        classes: (N,) uint8 PartClass.
        alpha: (N,) coverage; 1 where the material is procedural.
    """

    albedo: Float32Array
    roughness: Float32Array
    specular: Float32Array
    classes: BytesArray
    alpha: Float32Array


@compiled_with()
def _texel(colour: BytesArray, codes: Float32Array, u: float, v: float, out: Float32Array) -> tuple[int, int]:
    """Bilinear, wrapping linear colour and coverage into out (4,); returns the row and column of the nearest texel."""
    height, width = colour.shape[0], colour.shape[1]
    x, y = u * width - 0.5, v * height - 0.5
    ix, iy = int(np.floor(x)), int(np.floor(y))
    fx, fy = x - ix, y - iy
    x0, x1, y0, y1 = ix % width, (ix + 1) % width, iy % height, (iy + 1) % height
    w00, w01, w10, w11 = (1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy
    for c in range(3):
        out[c] = (
            w00 * codes[colour[y0, x0, c]]
            + w01 * codes[colour[y0, x1, c]]
            + w10 * codes[colour[y1, x0, c]]
            + w11 * codes[colour[y1, x1, c]]
        )
    out[3] = (
        w00 * colour[y0, x0, 3] + w01 * colour[y0, x1, 3] + w10 * colour[y1, x0, 3] + w11 * colour[y1, x1, 3]
    ) / 255.0
    return int(np.floor(v * height)) % height, int(np.floor(u * width)) % width


@compiled_with()
def _evaluate(  # noqa: PLR0917 - compiled: arrays go in by position
    chosen: IntArray,
    weights: Float32Array,
    triangles: IntArray,
    parts: BytesArray,
    textured: BytesArray,
    rest: Float32Array,
    uv: Float32Array,
    neckline: int,
    scalars: Float32Array,
    colours: Float32Array,
    moles: Float32Array,
    masks: Float32Array,
    textures: Float32Array,
    atlas_colour: BytesArray,
    atlas_classes: BytesArray,
    codes: Float32Array,
) -> Float32Array:
    result = np.empty((chosen.shape[0], 7), np.float32)
    out = np.zeros(10, np.float32)
    texel = np.zeros(4, np.float32)
    for i in range(chosen.shape[0]):
        t = chosen[i]
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        wb, wc = weights[i, 0], weights[i, 1]
        wa = 1.0 - wb - wc
        alpha = 1.0
        if textured[t] > 0:
            u = wa * uv[a, 0] + wb * uv[b, 0] + wc * uv[c, 0]
            v = wa * uv[a, 1] + wb * uv[b, 1] + wc * uv[c, 1]
            row, column = _texel(atlas_colour, codes, u, v, texel)
            textured_material(
                texel[0], texel[1], texel[2], texel[3], atlas_classes[row, column], scalars, colours, out[:7]
            )
            if textured[t] == 2:
                alpha = texel[3]
        else:
            x0 = wa * rest[a, 0] + wb * rest[b, 0] + wc * rest[c, 0]
            x1 = wa * rest[a, 1] + wb * rest[b, 1] + wc * rest[c, 1]
            x2 = wa * rest[a, 2] + wb * rest[b, 2] + wc * rest[c, 2]
            x3 = wa * rest[a, 3] + wb * rest[b, 3] + wc * rest[c, 3]
            material(parts[t], x0, x1, x2, x3, neckline, scalars, colours, moles, masks, textures, out)
        for k in range(6):
            result[i, k] = out[k]
        result[i, 6] = alpha
    return result


def surface_material(
    person: Person,
    triangle: IntArray,
    weights: Float32Array,
    *,
    appearance: Appearance,
    masks: Float32Array,
    atlas: Atlas | None = None,
) -> SurfaceMaterial:
    """Evaluate materials at points of a person's surface.

    Args:
        person: the person.
        triangle: (N,) index of the triangle that each point lies on.
        weights: (N, 2) barycentric weights of the triangle's second and third corner.
        appearance: colours of the picture.
        masks: `skin.facial_masks`.
        atlas: of a textured person.

    Raises:
        AssetError: when the person is textured and no atlas is given.
    """
    if atlas is None and person.triangle_texture.any():
        raise AssetError(
            f"The person wears the textures of {person.atlas!r}, but no atlas was given; load it with `load_atlas`."
        )
    worn = atlas or _NO_ATLAS
    scalars, colours, moles = packed(appearance)
    values = _evaluate(
        np.ascontiguousarray(triangle, np.int32), np.ascontiguousarray(weights, np.float32), person.triangles,
        person.parts, person.triangle_texture, person.rest, person.uv, person.neckline, scalars, colours, moles, masks,
        noise_textures(), np.asarray(worn.colour), np.asarray(worn.classes), LINEAR_CODES,
    )  # fmt: skip
    return SurfaceMaterial(
        albedo=values[:, 0:3],
        roughness=values[:, 3],
        specular=values[:, 4],
        classes=values[:, 5].astype(np.uint8),
        alpha=values[:, 6],
    )
