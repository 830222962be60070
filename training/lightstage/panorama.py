"""Environment maps of the virtual stage: read, reduced, blurred, turned and mixed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from ...runtime.arrays import Float32Array, Float64Array
from ...runtime.transfer import LUMINANCE
from ..assets import read_image
from .body import rotation_yaw_pitch_roll
from .illumination import SplitEnvironment, split_environment

SMALL_HEIGHT = 32
"""Rows of the maps that light is computed from."""
BACKGROUND_HEIGHT = 512


@dataclass(frozen=True)
class Panorama:
    """An environment map in Blender's layout (row 0 is +Z, middle column +X, u grows towards −Y), mean luminance 1.

    Attributes:
        name: of its file.
        background: (h, 2h, 3) float16, for backgrounds.
        environment: its light.
    """

    name: str
    background: np.ndarray[tuple[int, ...], np.dtype[np.float16]]
    environment: SplitEnvironment


PANORAMA_FROM_UPRIGHT = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""From axes with y up to a panorama's axes with z up: a cyclic exchange, so a rotation."""


def panorama_directions(height: int, width: int | None = None) -> tuple[Float32Array, Float32Array]:
    """(h, w, 3) unit directions of pixel centres and (h, 1) solid angles, panorama axes; w is 2h when not given."""
    columns = width or 2 * height
    polar = (np.arange(height) + 0.5) / height * np.pi
    azimuth = np.pi - 2.0 * np.pi * (np.arange(columns) + 0.5) / columns
    sine = np.sin(polar)[:, None]
    directions = np.stack(
        np.broadcast_arrays(sine * np.cos(azimuth), sine * np.sin(azimuth), np.cos(polar)[:, None]), -1
    )
    solid = 2.0 * np.pi / columns * np.diff(-np.cos(np.arange(height + 1) / height * np.pi))[:, None]
    return directions.astype(np.float32), solid.astype(np.float32)


def load_panorama(path: Path) -> Panorama:
    """Read an environment map and prepare what samples need: mean luminance 1, suns taken out."""
    image = np.clip(np.nan_to_num(read_image(path)), 0.0, 4.0e4).astype(np.float32)
    _, solid = panorama_directions(image.shape[0], image.shape[1])
    mean = float(((image @ LUMINANCE) * solid).sum(dtype=np.float64) / (4.0 * np.pi))
    image /= np.float32(max(mean, 1e-6))
    background = np.clip(_background(image), 0.0, 100.0)
    return Panorama(path.name, background.astype(np.float16), split_environment(image))


def _background(image: Float32Array) -> Float32Array:
    """At most BACKGROUND_HEIGHT rows, by whole factors."""
    step = max(1, image.shape[0] // BACKGROUND_HEIGHT)
    height, width = image.shape[0] // step, image.shape[1] // step
    blocks = image[: height * step, : width * step].reshape(height, step, width, step, 3)
    reduced: Float32Array = blocks.mean(axis=(1, 3), dtype=np.float32)
    return reduced


def studio_radiance(random: np.random.Generator) -> Float32Array:
    """(32, 64, 3) radiance of soft boxes in a dim room: a photo studio."""
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
