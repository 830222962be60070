"""The light of the virtual stage: real environments turned and mixed, and coloured lamps."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from ...runtime.arrays import AnyFloatArray, Float32Array, Float64Array
from ...runtime.light.harmonics import basis, harmonics_of_distant_light
from ...runtime.transfer import LUMINANCE
from ..assets import read_image
from .body import rotation_yaw_pitch_roll

SMALL_HEIGHT = 32
"""Rows of the reduced maps that light is computed from; l ≤ 2 harmonics need no more."""
BACKGROUND_HEIGHT = 384


@dataclass(frozen=True)
class Panorama:
    """An environment map in Blender's layout (row 0 is +Z, middle column +X, u grows towards −Y), mean luminance 1.

    Attributes:
        background: (384, 768, 3) float16, for backgrounds.
        small: (32, 64, 3) radiance.
        glossy: (3, 32, 64, 3) radiance blurred for reflections of GGX roughness about 0.2, 0.4 and 0.7.
    """

    background: np.ndarray[tuple[int, ...], np.dtype[np.float16]]
    small: Float32Array
    glossy: Float32Array


@dataclass(frozen=True)
class StageLight:
    """Light on one picture, camera axes (x right, y up, z to the camera).

    Attributes:
        environment: (9, 3) radiance harmonics of the environment alone.
        glossy: (3, 32, 64, 3) blurred radiance, of an environment with axes as a panorama.
        panorama_from_camera: (3, 3) rotation.
        lamp_direction: (L, 3) unit, towards each lamp.
        lamp_irradiance: (L, 3) on a surface that faces the lamp.
    """

    environment: Float64Array
    glossy: Float32Array
    panorama_from_camera: Float64Array
    lamp_direction: Float64Array
    lamp_irradiance: Float64Array

    @property
    def harmonics(self) -> Float64Array:
        """(9, 3) radiance harmonics of everything."""
        total = self.environment.copy()
        for direction, irradiance in zip(self.lamp_direction, self.lamp_irradiance, strict=True):
            total += harmonics_of_distant_light(direction, irradiance)
        return total

    def scaled(self, factor: AnyFloatArray | float) -> "StageLight":
        """The light times a factor, or one factor per channel."""
        return StageLight(
            self.environment * factor,
            (self.glossy * factor).astype(np.float32),
            self.panorama_from_camera,
            self.lamp_direction,
            self.lamp_irradiance * factor,
        )


PANORAMA_FROM_UPRIGHT = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""From axes with y up to a panorama's axes with z up: a cyclic exchange, so a rotation."""


def panorama_directions(height: int) -> tuple[Float32Array, Float32Array]:
    """(h, 2h, 3) unit directions of pixel centres and (h, 1) solid angles, panorama axes."""
    polar = (np.arange(height) + 0.5) / height * np.pi
    azimuth = np.pi - 2.0 * np.pi * (np.arange(2 * height) + 0.5) / (2 * height)
    sine = np.sin(polar)[:, None]
    directions = np.stack(
        np.broadcast_arrays(sine * np.cos(azimuth), sine * np.sin(azimuth), np.cos(polar)[:, None]), -1
    )
    solid = 2.0 * np.pi / (2 * height) * np.diff(-np.cos(np.arange(height + 1) / height * np.pi))[:, None]
    return directions.astype(np.float32), solid.astype(np.float32)


def _reduced(image: Float32Array, height: int) -> Float32Array:
    """Box-reduce an equirectangular map to `height` rows (its own height must be a multiple, else it is resampled)."""
    rows = np.clip(((np.arange(height * 4) + 0.5) * image.shape[0] / (height * 4)).astype(int), 0, image.shape[0] - 1)
    columns = np.clip(
        ((np.arange(height * 8) + 0.5) * image.shape[1] / (height * 8)).astype(int), 0, image.shape[1] - 1
    )
    if image.shape[0] >= height * 4:
        step = image.shape[0] // (height * 4)
        if step > 1:
            image = image[: image.shape[0] // step * step, : image.shape[1] // step * step]
            image = image.reshape(image.shape[0] // step, step, image.shape[1] // step, step, 3).mean(axis=(1, 3))
            rows, columns = (
                np.clip(rows // step, 0, image.shape[0] - 1),
                np.clip(columns // step, 0, image.shape[1] - 1),
            )
    picked = image[rows[:, None], columns[None, :]]
    reduced: Float32Array = picked.reshape(height, 4, height * 2, 4, 3).mean(axis=(1, 3)).astype(np.float32)
    return reduced


def load_panorama(path: Path) -> Panorama:
    """Read an environment map and prepare what samples need."""
    image = np.clip(np.nan_to_num(read_image(path)), 0.0, 4.0e4).astype(np.float32)
    small = _reduced(image, SMALL_HEIGHT)
    _, solid = panorama_directions(SMALL_HEIGHT)
    mean = float(((small @ LUMINANCE) * solid).sum() / (4.0 * np.pi))
    small = small / np.float32(max(mean, 1e-6))
    background = np.clip(_reduced(image, BACKGROUND_HEIGHT) / max(mean, 1e-6), 0.0, 100.0)
    glossy = np.stack([_sphere_blurred(small, sigma) for sigma in (0.10, 0.28, 0.6)])
    return Panorama(background.astype(np.float16), small, glossy.astype(np.float32))


def _sphere_blurred(small: Float32Array, sigma: float) -> Float32Array:
    """Blur over the sphere with a von Mises–Fisher lobe of about `sigma` radians."""
    directions, solid = panorama_directions(SMALL_HEIGHT)
    flat = directions.reshape(-1, 3)
    kernel = np.exp((flat @ flat.T - 1.0) / np.float32(sigma**2)) * np.broadcast_to(
        solid, (SMALL_HEIGHT, 2 * SMALL_HEIGHT)
    ).reshape(-1)
    kernel /= kernel.sum(axis=1, keepdims=True)
    result: Float32Array = (kernel @ small.reshape(-1, 3)).reshape(small.shape)
    return result


def synthetic_panorama(random: np.random.Generator) -> Float32Array:
    """(32, 64, 3) radiance of soft boxes and a floor in a dim room: a photo studio."""
    directions, _ = panorama_directions(SMALL_HEIGHT)
    radiance = np.ones((SMALL_HEIGHT, 2 * SMALL_HEIGHT, 3)) * random.uniform(0.02, 0.3)
    for _ in range(random.integers(1, 4)):
        centre = random.normal(size=3) + np.array([0.0, 0.0, 0.5])
        centre /= np.linalg.norm(centre)
        tint = np.exp(random.normal(size=3) * 0.15)
        lobe = np.exp((directions @ centre - 1.0) / random.uniform(0.01, 0.25))
        radiance = radiance + lobe[..., None] * tint * random.uniform(1.0, 12.0)
    blurred: Float32Array = gaussian_filter(radiance, (1, 1, 0), mode=("nearest", "wrap", "nearest")).astype(np.float32)
    return blurred


def panorama_rotation(random: np.random.Generator, upright_from_camera: Float64Array) -> Float64Array:
    """(3, 3) panorama_from_camera: any azimuth, a small tilt, now and then any rotation."""
    if random.uniform() < 0.12:
        tilt = (random.uniform(-np.pi, np.pi), random.uniform(-1.4, 1.4), random.uniform(-np.pi, np.pi))
    else:
        tilt = (random.uniform(-np.pi, np.pi), random.normal() * 0.15, random.normal() * 0.1)
    return PANORAMA_FROM_UPRIGHT @ rotation_yaw_pitch_roll(*tilt) @ upright_from_camera


def environment_harmonics(small: Float32Array, panorama_from_camera: Float64Array) -> Float64Array:
    """(9, 3) radiance harmonics in camera axes of a (32, 64, 3) panorama."""
    directions, solid = panorama_directions(SMALL_HEIGHT)
    turned = directions @ panorama_from_camera.astype(np.float32)
    weighted = (basis(turned) * solid[..., None]).reshape(-1, 9)
    harmonics: Float64Array = (weighted.T @ small.reshape(-1, 3)).astype(np.float64)
    return harmonics


def lamp_colour(random: np.random.Generator) -> Float64Array:
    """(3,) colour of unit luminance: mostly near white, warm or cold, at times saturated."""
    if random.uniform() < 0.18:
        colour = random.uniform(0.05, 1.0, 3) ** 2
    else:
        warmth = random.normal() * 0.35
        colour = np.exp(np.array([warmth, 0.1 * random.normal() * 0.5, -warmth]))
    return colour / float(colour @ LUMINANCE)
