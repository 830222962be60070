"""What stands behind the person."""

from functools import lru_cache
from pathlib import Path

import numba
import numpy as np
import skimage
from PIL import Image
from scipy.ndimage import gaussian_filter, zoom

from ...runtime.arrays import AnyFloatArray, Float32Array, Float64Array
from .optics import defocused
from .panorama import Panorama
from .skin import noise_textures

PICTURES = (
    "coffee.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "rocket.jpg",
    "brick.png",
    "gravel.png",
    "grass.png",
    "ihc.png",
    "retina.jpg",
    "hubble_deep_field.jpg",
    "coins.png",
    "text.png",
    "page.png",
)
"""Pictures that scikit-image carries and that the network may learn from; chelsea.png is kept for evaluation."""


@numba.njit(cache=True, fastmath=True)
def _panorama_view(
    background: Float32Array,
    panorama_from_camera: Float32Array,
    tangent: float,
    size: int,
) -> Float32Array:
    height, width = background.shape[0], background.shape[1]
    out = np.empty((size, size, 3), np.float32)
    for row in range(size):
        for column in range(size):
            x = ((column + 0.5) / size * 2 - 1) * tangent
            y = -((row + 0.5) / size * 2 - 1) * tangent
            px = panorama_from_camera[0, 0] * x + panorama_from_camera[0, 1] * y - panorama_from_camera[0, 2]
            py = panorama_from_camera[1, 0] * x + panorama_from_camera[1, 1] * y - panorama_from_camera[1, 2]
            pz = panorama_from_camera[2, 0] * x + panorama_from_camera[2, 1] * y - panorama_from_camera[2, 2]
            v = np.arccos(pz / np.sqrt(px * px + py * py + pz * pz)) / np.pi * height - 0.5
            u = (np.pi - np.arctan2(py, px)) / (2 * np.pi) * width - 0.5
            iu, iv = int(np.floor(u)), int(np.floor(v))
            fu, fv = u - iu, v - iv
            top, bottom = min(max(iv, 0), height - 1), min(max(iv + 1, 0), height - 1)
            left, right = iu % width, (iu + 1) % width
            for c in range(3):
                upper = background[top, left, c] * (1 - fu) + background[top, right, c] * fu
                lower = background[bottom, left, c] * (1 - fu) + background[bottom, right, c] * fu
                out[row, column, c] = upper * (1 - fv) + lower * fv
    return out


@lru_cache(maxsize=1)
def pictures() -> tuple[Float32Array, ...]:
    """Linear pictures of no people, at most 512 pixels wide."""
    folder = Path(skimage.__file__).parent / "data"
    result = []
    for name in PICTURES:
        path = folder / name
        if path.exists():
            with Image.open(path) as file:
                file.thumbnail((512, 512))
                encoded = np.asarray(file.convert("RGB"), np.float32) / 255.0
            result.append((encoded**2.2).astype(np.float32))
    return tuple(result)


def piece_of_picture(random: np.random.Generator, size: int, *, smallest: float = 0.35) -> Float32Array:
    """(size, size, 3) square piece of a picture, at least `smallest` of its shorter side."""
    image = pictures()[random.integers(len(pictures()))]
    side = int(random.uniform(smallest, 1.0) * min(image.shape[:2]))
    top, left = random.integers(image.shape[0] - side + 1), random.integers(image.shape[1] - side + 1)
    piece = image[top : top + side, left : left + side]
    index = np.minimum((np.arange(size) + 0.5) * side / size, side - 1).astype(int)
    picked = piece[index[:, None], index[None, :]][:, :: random.choice([-1, 1])]
    result: Float32Array = gaussian_filter(picked, (0.7 * size / side,) * 2 + (0,)) if side < size else picked
    return result


def _gradient(random: np.random.Generator, size: int) -> AnyFloatArray:
    angle = random.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    ramp = np.clip(0.5 + (x * np.cos(angle) + y * np.sin(angle)) * random.uniform(0.3, 1.5), 0, 1)[..., None]
    a, b = (random.uniform(0.0, 1.0, 3) ** 2 * random.uniform(0.1, 1.3) for _ in range(2))
    if random.uniform() < 0.6:
        a, b = np.full(3, a.mean()), np.full(3, b.mean()) * np.exp(random.normal(size=3) * 0.1)
    vignette = 1.0 - random.uniform(0, 0.8) * (x**2 + y**2)[..., None]
    result: AnyFloatArray = (a + (b - a) * ramp) * vignette
    return result


def _texture(random: np.random.Generator, size: int) -> AnyFloatArray:
    textures = noise_textures()
    layer = textures[random.integers(1, 4)] * random.uniform(0.2, 1.0) + textures[3].T * random.uniform(0, 1)
    layer = np.roll(layer, tuple(random.integers(0, 256, 2)), (0, 1))[:size, :size]
    if layer.shape[0] < size:
        layer = zoom(layer, size / layer.shape[0], order=1)
    a, b = (random.uniform(0.0, 1.0, 3) ** 2.2 for _ in range(2))
    result: AnyFloatArray = a + (b - a) * np.clip(0.5 + 0.4 * layer, 0, 1)[..., None]
    return result


def random_background(
    random: np.random.Generator,
    panorama: Panorama,
    panorama_from_camera: Float64Array,
    tangent: float,
    size: int,
) -> Float32Array:
    """(size, size, 3) linear background, sharp or out of focus.

    Args:
        random: generator.
        panorama: the environment that lights the person.
        panorama_from_camera: (3, 3).
        tangent: half the picture's width at depth one.
        size: pixels.
    """
    kind = random.uniform()
    if kind < 0.5:
        widened = tangent * random.uniform(1.0, 3.5)
        image = _panorama_view(
            panorama.background.astype(np.float32, copy=False), panorama_from_camera.astype(np.float32), widened, size
        )
    elif kind < 0.62:
        image = np.full((size, size, 3), 1.0) * random.uniform(0.0, 1.0, 3) ** random.choice([1.0, 3.0])
    elif kind < 0.76:
        image = _gradient(random, size)
    elif kind < 0.84:
        image = _texture(random, size)
    else:
        image = piece_of_picture(random, size) * random.uniform(0.4, 1.6)
    if random.uniform() < 0.6:
        # The lens is focused on the face.
        radius = np.exp(random.uniform(np.log(1.0), np.log(24.0))) * size / 256.0
        image = defocused(np.clip(image, 0.0, 40.0), float(radius), disc=bool(random.uniform() < 0.5))
    return np.clip(image, 0.0, 20.0).astype(np.float32)
