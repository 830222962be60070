"""Clear lenses of glasses: they dim what is behind them a little and mirror what is before them."""

import numpy as np

from ...runtime.arrays import Float32Array
from . import illumination as illumination_code
from . import reflectance
from .compiled import compiled_with
from .illumination import Illumination
from .person import Person
from .rasterise import IntArray
from .reflectance import lamp_reflection, panorama_value
from .surface_maps import SurfaceMaps

_CLEAR_GLASS = 0.92
"""What passes through a thin lens and what it mirrors add up to one but for this loss."""
_GLASS_F0 = 0.043
_GLASS_ROUGHNESS = 0.12
"""Rougher than glass is, so that the image of a lamp does not fall between samples."""


def add_lenses(
    person: Person,
    maps: SurfaceMaps,
    illumination: Illumination,
    diffuse: Float32Array,
    specular: Float32Array,
) -> None:
    """Dim what is seen through a clear lens, and add what the lens mirrors.

    Args:
        person: the person that was drawn.
        maps: from `draw_surface`.
        illumination: the light.
        diffuse: (N, 3) radiance per sample.
        specular: (N, 3) radiance per sample.
    """
    samples = maps.samples
    seen = np.flatnonzero(samples.lens >= 0)
    if len(seen) == 0:
        return
    corners = person.triangles[samples.lens[seen]]
    position, normal = _on_lens(person, corners, samples.position[seen], maps.camera.astype(np.float32))
    mirrored = np.zeros((len(seen), 3), np.float32)
    lamps = illumination.lamps
    _mirror(
        position, normal, illumination.levels,
        illumination.panorama_from_head.astype(np.float32), maps.camera.astype(np.float32),
        lamps.direction.astype(np.float32), lamps.radius.astype(np.float32), lamps.irradiance.astype(np.float32),
        mirrored,
    )  # fmt: skip
    diffuse[seen] *= np.float32(_CLEAR_GLASS)
    specular[seen] = specular[seen] * np.float32(_CLEAR_GLASS) + mirrored


def _on_lens(
    person: Person, corners: IntArray, behind: Float32Array, camera: Float32Array
) -> tuple[Float32Array, Float32Array]:
    """Where the rays from the camera to points behind a lens go through its triangles.

    Args:
        person: the person.
        corners: (N, 3) vertices of the triangles.
        behind: (N, 3) points, mesh axes.
        camera: (3,) place, mesh axes.

    Returns:
        (N, 3) places and (N, 3) unit normals.
    """
    a, b, c = (person.vertices[corners[:, i]].astype(np.float64) for i in range(3))
    ray = behind - camera
    plane = np.cross(b - a, c - a)
    area = np.maximum((plane * plane).sum(axis=1), 1e-24)
    along = (ray * plane).sum(axis=1)
    reached = ((a - camera) * plane).sum(axis=1) / np.where(np.abs(along) < 1e-15, 1e-15, along)
    position = camera + reached[:, None] * ray
    second = (np.cross(position - a, c - a) * plane).sum(axis=1) / area
    third = (np.cross(b - a, position - a) * plane).sum(axis=1) / area
    weights = np.clip(np.stack([1.0 - second - third, second, third], axis=1), 0.0, 1.0)
    normal = np.einsum("nk,nkc->nc", weights, person.normals[corners])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    return position.astype(np.float32), normal.astype(np.float32)


@compiled_with(illumination_code, reflectance)
def _mirror(  # noqa: PLR0917 - compiled: arrays go in by position
    position: Float32Array,
    normals: Float32Array,
    levels: Float32Array,
    panorama_from_head: Float32Array,
    camera: Float32Array,
    direction: Float32Array,
    radius: Float32Array,
    irradiance: Float32Array,
    out: Float32Array,
) -> None:
    """Fill (n, 3) with what smooth glass reflects to the camera, lamps unshadowed."""
    m = panorama_from_head
    found = np.zeros(3, np.float32)
    for n in range(position.shape[0]):
        vx, vy, vz = camera[0] - position[n, 0], camera[1] - position[n, 1], camera[2] - position[n, 2]
        length = np.sqrt(vx * vx + vy * vy + vz * vz)
        vx, vy, vz = vx / length, vy / length, vz / length
        nx, ny, nz = normals[n, 0], normals[n, 1], normals[n, 2]
        cosine = nx * vx + ny * vy + nz * vz
        if cosine < 0.0:
            nx, ny, nz, cosine = -nx, -ny, -nz, -cosine
        rx, ry, rz = 2 * cosine * nx - vx, 2 * cosine * ny - vy, 2 * cosine * nz - vz
        panorama_value(
            levels, 0.0,
            m[0, 0] * rx + m[0, 1] * ry + m[0, 2] * rz,
            m[1, 0] * rx + m[1, 1] * ry + m[1, 2] * rz,
            m[2, 0] * rx + m[2, 1] * ry + m[2, 2] * rz,
            found,
        )  # fmt: skip
        share = 2.0 * (_GLASS_F0 + (1.0 - _GLASS_F0) * (1.0 - cosine) ** 5)
        for k in range(3):
            out[n, k] = min(1.0, share) * found[k]
        for i in range(direction.shape[0]):
            lx, ly, lz = direction[i, 0], direction[i, 1], direction[i, 2]
            facing = nx * lx + ny * ly + nz * lz
            if facing <= 0.0:
                continue
            hx, hy, hz = lx + vx, ly + vy, lz + vz
            length = np.sqrt(hx * hx + hy * hy + hz * hz) + 1e-6
            half = (nx * hx + ny * hy + nz * hz) / length
            light_half = (lx * hx + ly * hy + lz * hz) / length
            shine = lamp_reflection(facing, cosine, half, light_half, _GLASS_ROUGHNESS, radius[i], 2.0 * _GLASS_F0)
            for k in range(3):
                out[n, k] += shine * irradiance[i, k]
