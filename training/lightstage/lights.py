"""The light on one picture: real environments turned and mixed, studio boxes, and coloured lamps."""

from dataclasses import dataclass, replace

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array, Float64Array
from .body import rotation_yaw_pitch_roll
from .illumination import Illumination, Lamps, SplitEnvironment, illuminated, split_environment
from .lamps import random_lamps
from .panorama import PANORAMA_FROM_UPRIGHT, Panorama, panorama_directions, panorama_rotation, studio_radiance

ENVIRONMENT_SIZE = 16
"""Rows and columns of the small environment that a network can be asked for (as NVPR predicts one)."""
STUDIO_SHARE = 0.15
EDGE = 0.15
"""How soft the edge of a lamp is in the small environment: less than a pixel, radians, so that its place is kept."""


@dataclass(frozen=True)
class SceneLight:
    """What lights a moment, before any person is drawn in it.

    Attributes:
        environment: panorama axes.
        panorama_from_camera: (3, 3) rotation, axes of the moment's first camera.
        lamps: axes of the first camera.
        background: the panorama behind the person, in the same panorama axes.
    """

    environment: SplitEnvironment
    panorama_from_camera: Float64Array
    lamps: Lamps
    background: Panorama

    def scaled(self, factor: AnyFloatArray | float) -> "SceneLight":
        """The light times a factor, or one factor per channel."""
        return replace(self, environment=self.environment.scaled(factor), lamps=self.lamps.scaled(factor))

    def seen_from(self, camera_from_first: Float64Array) -> "SceneLight":
        """The same light in the axes of another camera."""
        return replace(
            self,
            panorama_from_camera=self.panorama_from_camera @ camera_from_first.T,
            lamps=self.lamps.turned(camera_from_first),
        )

    def on(self, camera_from_head: Float64Array) -> Illumination:
        """The light as the renderer takes it for a mesh seen through `camera_from_head` (3, 3), which may mirror."""
        return illuminated(self.environment, self.panorama_from_camera, camera_from_head, self.lamps)


def _one_environment(
    panoramas: tuple[Panorama, ...], random: np.random.Generator, upright_from_camera: Float64Array
) -> SceneLight:
    turn = panorama_rotation(random, upright_from_camera)
    panorama = panoramas[random.integers(len(panoramas))]
    environment = panorama.environment
    if random.uniform() < STUDIO_SHARE:
        environment = split_environment(studio_radiance(random))
    return SceneLight(environment, turn, Lamps.none(), panorama)


def mixed(first: SceneLight, second: SceneLight, share: float) -> SceneLight:
    """`share` of the first light and the rest of the second, in the first's axes and before its background."""
    first_from_second = first.panorama_from_camera @ second.panorama_from_camera.T
    other = second.environment.turned(first_from_second)
    return SceneLight(
        first.environment.scaled(share).plus(other.scaled(1.0 - share)),
        first.panorama_from_camera,
        first.lamps.scaled(share).joined(second.lamps.scaled(1.0 - share)),
        first.background,
    )


def random_lean(random: np.random.Generator) -> Float64Array:
    """(3, 3) upright_from_camera: how far a camera looks up or down."""
    return rotation_yaw_pitch_roll(0.0, float(random.normal() * 0.12), 0.0)


def random_environment(
    panoramas: tuple[Panorama, ...], random: np.random.Generator, upright_from_camera: Float64Array
) -> SceneLight:
    """One environment at any azimuth, or a mixture of two by Beta(0.5, 0.5) as in NVPR; no lamps."""
    light = _one_environment(panoramas, random, upright_from_camera)
    share = float(random.beta(0.5, 0.5))
    if random.uniform() < 0.5:
        return mixed(light, _one_environment(panoramas, random, upright_from_camera), share)
    return light


def random_light(
    panoramas: tuple[Panorama, ...], random: np.random.Generator, upright_from_camera: Float64Array
) -> SceneLight:
    """One environment at any azimuth or a mixture of two, with none to three lamps.

    Where there are lamps the environment is often only the fill.

    Args:
        panoramas: to choose from.
        random: generator.
        upright_from_camera: (3, 3) of the camera in whose axes the light is given.
    """
    light = random_environment(panoramas, random, upright_from_camera)
    lamps = random_lamps(random)
    level = np.exp(random.uniform(np.log(0.06), np.log(2.0))) if len(lamps.distance) else 1.0
    tint = np.exp(random.normal(size=3) * 0.08)
    return replace(light, environment=light.environment.scaled(level * tint), lamps=lamps)


def small_environment(light: SceneLight) -> Float32Array:
    """(16, 16, 3) mean radiance of everything, lamps too, as it surrounds the person.

    Equirectangular in Blender's layout over the camera's axes with y up: the middle column looks to the camera (+z),
    u grows to the camera's left. Rows are equal steps of the polar angle, so pixels have different solid angles.
    """
    rows = ENVIRONMENT_SIZE
    # Every pixel counts as four, so that no small pixel near a pole stays empty.
    radiance = light.environment.levels[0].repeat(2, axis=0).repeat(2, axis=1)
    pixels, fine_solid = panorama_directions(radiance.shape[0])
    upright_from_panorama = PANORAMA_FROM_UPRIGHT @ light.panorama_from_camera.T
    energy = (radiance * fine_solid[..., None]).reshape(-1, 3).astype(np.float64)
    total = _splatted(pixels.reshape(-1, 3) @ upright_from_panorama.T, energy)
    suns = light.environment.suns
    lamps = light.lamps.turned(PANORAMA_FROM_UPRIGHT).joined(suns.turned(upright_from_panorama))
    directions, solid = panorama_directions(rows, rows)
    for towards, irradiance, radius in zip(lamps.direction, lamps.irradiance, lamps.radius, strict=True):
        angle = np.arccos(np.clip(directions.reshape(-1, 3).astype(np.float64) @ towards, -1.0, 1.0))
        # A disc with a soft edge of about a pixel.
        weight = np.clip((max(float(radius), EDGE) + EDGE - angle) / (2.0 * EDGE), 1e-9, 1.0) * np.repeat(
            solid[:, 0], rows
        )
        total += (weight / weight.sum())[:, None] * irradiance
    return (total.reshape(rows, rows, 3) / solid[..., None]).astype(np.float32)


def _splatted(directions: AnyFloatArray, energy: Float64Array) -> Float64Array:
    """(256, 3) energy gathered in the pixels that directions (N, 3) fall into: none is lost."""
    rows = ENVIRONMENT_SIZE
    row = np.minimum(np.arccos(np.clip(directions[:, 2], -1.0, 1.0)) / np.pi * rows, rows - 1).astype(int)
    column = ((np.pi - np.arctan2(directions[:, 1], directions[:, 0])) / (2.0 * np.pi) * rows).astype(int) % rows
    gathered = [np.bincount(row * rows + column, energy[:, c], rows * rows) for c in range(3)]
    return np.stack(gathered, axis=1)
