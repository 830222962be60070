"""What a camera, an editor and a codec do to a picture."""

import io

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from ...runtime.arrays import Float32Array
from ...runtime.plate.colour import linear_from_srgb
from ...runtime.transfer import LUMINANCE, srgb_from_linear

BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


DECODED_BYTES: Float32Array = linear_from_srgb(np.arange(256) / 255.0).astype(np.float32)
"""(256,) linear value of each 8-bit sRGB code."""


def _noise(linear: Float32Array, random: np.random.Generator) -> Float32Array:
    """Shot and read noise."""
    level = np.exp(random.uniform(np.log(0.002), np.log(0.03)))
    grain = random.standard_normal(linear.shape, dtype=np.float32)
    result: Float32Array = linear + grain * np.sqrt(
        np.maximum(linear, 0) * np.float32(level**2) + np.float32((0.3 * level) ** 2)
    )
    return result


def _tone(encoded: Float32Array, random: np.random.Generator) -> Float32Array:
    """A contrast curve over the encoded picture: now and then a filmic S, a raised black, a changed gamma."""
    kind = random.uniform()
    if kind < 0.25:
        amount = np.float32(random.uniform(0.1, 0.7))
        return encoded + amount * (encoded * encoded * (3 - 2 * encoded) - encoded)
    if kind < 0.35:
        black = np.float32(random.uniform(0.0, 0.08))
        return black + (1 - black) * encoded
    if kind < 0.45:
        return np.power(encoded, np.float32(np.exp(random.normal() * 0.12)))
    return encoded


def _compressed(image: BytesArray, random: np.random.Generator) -> BytesArray:
    """JPEG there and back, at times at a lower resolution."""
    picture = Image.fromarray(image)
    size = picture.size
    if random.uniform() < 0.25:
        factor = random.uniform(0.4, 0.9)
        small = (max(8, int(size[0] * factor)), max(8, int(size[1] * factor)))
        picture = picture.resize(small, Image.Resampling.BILINEAR)
    if random.uniform() < 0.7:
        memory = io.BytesIO()
        picture.save(memory, "JPEG", quality=int(random.uniform(30, 96)), subsampling=int(random.choice([0, 2])))
        picture = Image.open(memory).convert("RGB")
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    return np.asarray(picture)


def beyond_the_frame(image: BytesArray, random: np.random.Generator) -> BytesArray:
    """Repeat the edge from a random line on, as the runtime's crop does where it reaches past the plate.

    A third of the pictures lose their lower part, fewer a side or the top.
    """
    height, width = image.shape[:2]
    rows, columns = np.arange(height), np.arange(width)
    if random.uniform() < 0.33:
        rows = np.minimum(rows, int(random.uniform(0.62, 0.99) * height))
    if random.uniform() < 0.08:
        rows = np.maximum(rows, int(random.uniform(0.01, 0.22) * height))
    if random.uniform() < 0.15:
        columns = np.maximum(columns, int(random.uniform(0.01, 0.28) * width))
    if random.uniform() < 0.15:
        columns = np.minimum(columns, int(random.uniform(0.72, 0.99) * width))
    result: BytesArray = image[rows[:, None], columns[None, :]]
    return result


def photographed(linear: Float32Array, random: np.random.Generator) -> BytesArray:
    """An 8-bit sRGB picture of a linear image, as a camera and a codec would leave it.

    White balance and exposure belong to the light and are not changed here, so that its truth stays true.

    Args:
        linear: (h, w, 3) scene-linear Rec.709.
        random: generator.
    """
    if random.uniform() < 0.7:
        sigma = random.uniform(0.25, 1.1)
        linear = gaussian_filter(linear, (sigma, sigma, 0), truncate=2.5)
    if random.uniform() < 0.6:
        linear = _noise(linear, random)
    if random.uniform() < 0.3:
        luminance = (linear @ LUMINANCE)[..., None]
        linear = luminance + (linear - luminance) * np.float32(random.uniform(0.5, 1.35))
    if random.uniform() < 0.03:
        linear = np.repeat((linear @ LUMINANCE)[..., None], 3, axis=-1)
    encoded = _tone(srgb_from_linear(linear), random)
    codes = np.clip(encoded * 255.0 + 0.5, 0, 255).astype(np.uint8)
    return _compressed(codes, random)
