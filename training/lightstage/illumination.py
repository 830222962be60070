"""The light on one picture as the renderer takes it: an environment without its suns, and lamps of any size.

A panorama is split once (`split_environment`), mixed (`turned`, `scaled`, `plus`), joined with lamps (`illuminated`)
and handed to `shading.shade_surface` together with the maps of `surface_maps.draw_surface`.
"""

from dataclasses import dataclass, replace

import numba
import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array, Float64Array
from ...runtime.light.compact_sources import split_compact_sources
from ...runtime.light.equirectangular import map_directions, solid_angles
from ...runtime.light.harmonics import (
    HARMONICS,
    basis,
    harmonics_of_distant_light,
    project_environment,
    rotate_harmonics,
)
from ...runtime.light.prefilter import prefilter_map

LAMP_WINDOW = np.array([1.0, *[2.0 / 3.0] * 3, *[1.0 / 5.0] * 5])
"""Factors on harmonics of order 0, 1, 2 of a lamp's light before it bounces: order 2 alone would make a lamp behind a
closed place shine a third as bright from the front; with these it is a broad lobe that is nothing opposite to it."""


@dataclass(frozen=True)
class Lamps:
    """Round lamps as seen from the head's origin.

    Attributes:
        direction: (L, 3) unit, towards the lamp.
        distance: (L,) metres, infinite for a sun.
        radius: (L,) angular radius, radians; 0 to about 0.6.
        irradiance: (L, 3) on a surface at the origin that faces the lamp.
    """

    direction: Float64Array
    distance: Float64Array
    radius: Float64Array
    irradiance: Float64Array

    @staticmethod
    def none() -> "Lamps":
        """No lamps."""
        return Lamps(np.zeros((0, 3)), np.zeros(0), np.zeros(0), np.zeros((0, 3)))

    def joined(self, other: "Lamps") -> "Lamps":
        """These lamps and others in the same axes."""
        return Lamps(
            np.concatenate([self.direction, other.direction]),
            np.concatenate([self.distance, other.distance]),
            np.concatenate([self.radius, other.radius]),
            np.concatenate([self.irradiance, other.irradiance]),
        )

    def turned(self, target_from_source: Float64Array) -> "Lamps":
        """The lamps in other axes; the matrix (3, 3) is orthogonal and may mirror."""
        return replace(self, direction=self.direction @ target_from_source.T)

    def scaled(self, factor: AnyFloatArray | float) -> "Lamps":
        """The lamps times a factor, or one factor per channel."""
        return replace(self, irradiance=self.irradiance * factor)


@dataclass(frozen=True)
class SplitEnvironment:
    """An environment whose suns are lamps: what is left is smooth enough for 128 directions.

    Attributes:
        levels: (6, 32, 64, 3) radiance in a panorama's axes, blurred by growing GGX lobes; the first is the map
            itself, the last (roughness 1, whose lobe is the cosine) is irradiance / π.
        suns: taken out of the map, panorama axes.
    """

    levels: Float32Array
    suns: Lamps

    @property
    def harmonics(self) -> Float64Array:
        """(9, 3) radiance harmonics of map and suns, panorama axes."""
        total: Float64Array = project_environment(self.levels[0]).astype(np.float64)
        for direction, irradiance in zip(self.suns.direction, self.suns.irradiance, strict=True):
            total = total + harmonics_of_distant_light(direction, irradiance)
        return total

    def scaled(self, factor: AnyFloatArray | float) -> "SplitEnvironment":
        """The environment times a factor, or one factor per channel."""
        return SplitEnvironment((self.levels * factor).astype(np.float32), self.suns.scaled(factor))

    def turned(self, target_from_source: Float64Array) -> "SplitEnvironment":
        """The environment in other axes: a target direction R d has the radiance that d had."""
        levels = _turned_levels(self.levels, np.ascontiguousarray(target_from_source.T, np.float32))
        return SplitEnvironment(levels, self.suns.turned(target_from_source))

    def plus(self, other: "SplitEnvironment") -> "SplitEnvironment":
        """The sum of two environments in the same axes."""
        return SplitEnvironment(self.levels + other.levels, self.suns.joined(other.suns))


def split_environment(radiance: Float32Array) -> SplitEnvironment:
    """Take the suns out of a map and blur the rest.

    Args:
        radiance: (H, W, 3) equirectangular, at least 256 rows if it holds a sun whose place matters.
    """
    rest, suns = split_compact_sources(radiance)
    lamps = Lamps(
        np.array([sun.direction for sun in suns]).reshape(-1, 3),
        np.full(len(suns), np.inf),
        np.array([0.5 * sun.angle for sun in suns]).reshape(-1),
        np.array([sun.irradiance for sun in suns]).reshape(-1, 3),
    )
    return SplitEnvironment(prefilter_map(rest), lamps)


@dataclass(frozen=True)
class Illumination:
    """Everything that lights one picture.

    Attributes:
        levels: (6, 32, 64, 3) as in SplitEnvironment.
        panorama_from_head: (3, 3) orthogonal; mirrors where the mesh is drawn mirrored.
        lamps: suns of the environment and further lamps, head axes of the mesh (before mirroring).
    """

    levels: Float32Array
    panorama_from_head: Float64Array
    lamps: Lamps

    def scaled(self, factor: AnyFloatArray | float) -> "Illumination":
        """The light times a factor, or one factor per channel."""
        return Illumination(
            (self.levels * factor).astype(np.float32), self.panorama_from_head, self.lamps.scaled(factor)
        )

    @property
    def head_harmonics(self) -> Float64Array:
        """(9, 3) radiance harmonics of everything, mesh axes (which a rotation does not lead to where they mirror)."""
        total: Float64Array = self._environment_harmonics() + basis(self.lamps.direction).T @ self.lamps.irradiance
        return total

    @property
    def bounce_harmonics(self) -> Float64Array:
        """(9, 3) as `head_harmonics`, with lamps smoothed as LAMP_WINDOW says."""
        lamps: Float64Array = basis(self.lamps.direction).T @ self.lamps.irradiance
        return self._environment_harmonics() + LAMP_WINDOW[:, None] * lamps

    def _environment_harmonics(self) -> Float64Array:
        height, width = self.levels.shape[1:3]
        turned = map_directions(height, width) @ self.panorama_from_head
        weighted = (basis(turned) * solid_angles(height, width)[..., None]).reshape(-1, HARMONICS)
        total: Float64Array = weighted.T @ self.levels[0].reshape(-1, 3).astype(np.float64)
        return total

    def harmonics(self, camera_from_head: Float64Array) -> Float64Array:
        """(9, 3) radiance harmonics of everything, camera axes.

        Args:
            camera_from_head: (3, 3) orthogonal, as `draw_surface` takes it.
        """
        camera_from_panorama = camera_from_head @ self.panorama_from_head.T
        total = rotate_harmonics(project_environment(self.levels[0]), camera_from_panorama)
        lamps = self.lamps.turned(camera_from_head)
        for direction, irradiance in zip(lamps.direction, lamps.irradiance, strict=True):
            total = total + harmonics_of_distant_light(direction, irradiance)
        return total


def illuminated(
    environment: SplitEnvironment, panorama_from_camera: Float64Array, camera_from_head: Float64Array, lamps: Lamps
) -> Illumination:
    """An environment around a person, and lamps.

    Args:
        environment: panorama axes.
        panorama_from_camera: (3, 3) rotation.
        camera_from_head: (3, 3) orthogonal, as `draw_surface` takes it.
        lamps: further lamps, camera axes but seen from the head's origin.
    """
    panorama_from_head = panorama_from_camera @ camera_from_head
    suns = environment.suns.turned(panorama_from_head.T)
    return Illumination(environment.levels, panorama_from_head, suns.joined(lamps.turned(camera_from_head.T)))


@numba.njit(cache=True, fastmath=True)
def panorama_position(x: float, y: float, z: float, height: int, width: int) -> tuple[float, float]:
    """Column and row, in pixels from the centre of the first, of a unit direction in panorama axes."""
    row = np.arccos(min(1.0, max(-1.0, z))) / np.pi * height - 0.5
    column = (np.pi - np.arctan2(y, x)) / (2 * np.pi) * width - 0.5
    return column, min(height - 1.0, max(0.0, row))


@numba.njit(cache=True, fastmath=True)
def _turned_levels(levels: Float32Array, source_from_target: Float32Array) -> Float32Array:
    """Every map of a stack looked up bilinearly along turned directions."""
    count, height, width = levels.shape[0], levels.shape[1], levels.shape[2]
    result = np.empty_like(levels)
    m = source_from_target
    for row in range(height):
        polar = np.pi * (row + 0.5) / height
        for column in range(width):
            azimuth = np.pi - 2 * np.pi * (column + 0.5) / width
            x, y, z = np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)
            u, v = panorama_position(
                m[0, 0] * x + m[0, 1] * y + m[0, 2] * z,
                m[1, 0] * x + m[1, 1] * y + m[1, 2] * z,
                m[2, 0] * x + m[2, 1] * y + m[2, 2] * z,
                height,
                width,
            )
            left, top = int(np.floor(u)), min(int(v), height - 2)
            fu, fv = u - left, v - top
            a, b = left % width, (left + 1) % width
            for level in range(count):
                for c in range(3):
                    upper = levels[level, top, a, c] * (1 - fu) + levels[level, top, b, c] * fu
                    lower = levels[level, top + 1, a, c] * (1 - fu) + levels[level, top + 1, b, c] * fu
                    result[level, row, column, c] = upper * (1 - fv) + lower * fv
    return result
