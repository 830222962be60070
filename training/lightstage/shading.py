"""Compiled shading of surface maps: diffuse by transport and lamps, glossy by GGX and blurred environments."""

import numba
import numpy as np

from ...runtime.arrays import Float32Array
from .lights import StageLight
from .surface_maps import SurfaceMaps


@numba.njit(cache=True, fastmath=True)
def _reflected(  # noqa: PLR0917 - compiled: arrays go in by position
    glossy: Float32Array,
    x: float,
    y: float,
    z: float,
    roughness: float,
    channel: int,
) -> float:
    """Blurred radiance from a direction in panorama axes, between the two nearest roughnesses."""
    height, width = glossy.shape[1], glossy.shape[2]
    row = min(height - 1, int(np.arccos(min(1.0, max(-1.0, z))) / np.pi * height))
    column = int((np.pi - np.arctan2(y, x)) / (2 * np.pi) * width) % width
    level = (roughness - 0.2) / 0.2 if roughness < 0.4 else 1.0 + (roughness - 0.4) / 0.3
    level = min(1.999, max(0.0, level))
    low = int(level)
    part = level - low
    result: float = glossy[low, row, column, channel] * (1 - part) + glossy[low + 1, row, column, channel] * part
    return result


@numba.njit(cache=True, fastmath=True)
def _shade(  # noqa: PLR0917 - compiled: arrays go in by position
    albedo: Float32Array,
    normal: Float32Array,
    shading_normal: Float32Array,
    matte: Float32Array,
    transport: Float32Array,
    visibility: Float32Array,
    roughness: Float32Array,
    specular: Float32Array,
    harmonics: Float32Array,
    glossy: Float32Array,
    panorama_from_camera: Float32Array,
    lamp_direction: Float32Array,
    lamp_irradiance: Float32Array,
    tangent: float,
    gloss: float,
    out: Float32Array,
) -> None:
    size = albedo.shape[0]
    lamps = lamp_direction.shape[0]
    reflection = np.zeros(3, np.float32)
    for row in range(size):
        for column in range(size):
            if matte[row, column] <= 0.0:
                continue
            vx = -((column + 0.5) / size * 2 - 1) * tangent
            vy = ((row + 0.5) / size * 2 - 1) * tangent
            inverse = 1.0 / np.sqrt(vx * vx + vy * vy + 1.0)
            vx, vy, vz = vx * inverse, vy * inverse, inverse
            nx, ny, nz = normal[row, column, 0], normal[row, column, 1], normal[row, column, 2]
            sx, sy, sz = shading_normal[row, column, 0], shading_normal[row, column, 1], shading_normal[row, column, 2]
            nv = max(0.05, sx * vx + sy * vy + sz * vz)
            rough, f0 = roughness[row, column], specular[row, column]
            open_sky = min(1.0, max(0.0, transport[row, column, 0] / 0.28209))
            fresnel = f0 + (max(1.0 - rough, f0) - f0) * (1.0 - min(1.0, nv)) ** 5 * 0.5
            rx, ry, rz = 2 * nv * sx - vx, 2 * nv * sy - vy, 2 * nv * sz - vz
            for k in range(3):
                reflection[k] = (
                    panorama_from_camera[k, 0] * rx + panorama_from_camera[k, 1] * ry + panorama_from_camera[k, 2] * rz
                )
            alpha = max(rough * rough, 0.004)
            for c in range(3):
                shading = 0.0
                for k in range(9):
                    shading += transport[row, column, k] * harmonics[k, c]
                mirror = _reflected(glossy, reflection[0], reflection[1], reflection[2], rough, c)
                out[row, column, c] = albedo[row, column, c] * max(shading, 0.0) + gloss * fresnel * open_sky * mirror
            for lamp in range(lamps):
                lx, ly, lz = lamp_direction[lamp, 0], lamp_direction[lamp, 1], lamp_direction[lamp, 2]
                nl = nx * lx + ny * ly + nz * lz
                if nl <= 0.0:
                    continue
                lit = nl * visibility[row, column, lamp]
                hx, hy, hz = lx + vx, ly + vy, lz + vz
                length = np.sqrt(hx * hx + hy * hy + hz * hz) + 1e-6
                nh = max(0.0, (sx * hx + sy * hy + sz * hz) / length)
                lh = max(0.0, (lx * hx + ly * hy + lz * hz) / length)
                a2 = alpha * alpha
                d = a2 / (np.pi * (nh * nh * (a2 - 1.0) + 1.0) ** 2)
                k = alpha * 0.5
                g = 1.0 / ((nl * (1 - k) + k) * (nv * (1 - k) + k) * 4.0)
                f = f0 + (1.0 - f0) * (1.0 - lh) ** 5
                for c in range(3):
                    e = lamp_irradiance[lamp, c] * lit
                    out[row, column, c] += e * (albedo[row, column, c] / np.pi + gloss * min(d * g * f, 4.0))


def shade(maps: SurfaceMaps, transport: Float32Array, light: StageLight, gloss: float) -> Float32Array:
    """(h, w, 3) radiance of the person, zero where the matte is.

    Args:
        maps: what the camera sees.
        transport: (h, w, 9) in camera axes.
        light: the light, camera axes.
        gloss: factor on all highlights.
    """
    out = np.zeros_like(maps.albedo)
    _shade(
        maps.albedo, maps.normal, maps.shading_normal, maps.matte, transport, maps.visibility, maps.roughness,
        maps.specular, light.environment.astype(np.float32), light.glossy,
        light.panorama_from_camera.astype(np.float32),
        light.lamp_direction.astype(np.float32).reshape(-1, 3), light.lamp_irradiance.astype(np.float32).reshape(-1, 3),
        maps.tangent, gloss, out,
    )  # fmt: skip
    return out
