"""What a camera, an editor and a codec do to a picture: drawn once per shot, applied to each of its frames."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from PIL import Image

from ...runtime.arrays import AnyFloatArray, Float32Array
from ...runtime.plate.colour import linear_from_srgb
from .compression import BytesArray, Codec, rescaled, through_h264, through_jpeg
from .development import Tone, quantised, saturated, sharpened, toned
from .optics import distorted, smeared, softened, vignetted
from .sensor import Grain, exposed

Pixels = TypeVar("Pixels", BytesArray, Float32Array)
DECODED_BYTES: Float32Array = linear_from_srgb(np.arange(256) / 255.0).astype(np.float32)
"""(256,) linear value of each 8-bit sRGB code."""


@dataclass(frozen=True)
class CameraSettings:
    """One camera, as it was set for one shot. White balance and exposure belong to the light, so that its truth holds.

    Attributes:
        clean: the plate is scene-linear float, as a renderer or a raw converter gives it: only blur and grain apply.
        softness: blur of lens and focus, sigma in pixels.
        motion: (x, y) pixels that the picture moves during an exposure.
        barrel: radial distortion, see `optics.distorted`.
        fringe: lateral colour fringes.
        vignette: falloff, see `optics.vignetted`.
        vignette_centre: (x, y) half widths.
        grain: how noise is correlated.
        noise: its level at white.
        saturation: factor.
        tone: curve.
        tone_amount: its strength.
        sharpening: amount of unsharp mask.
        sharpening_radius: pixels.
        resolution: factor at which the picture was kept.
        codec: how it was kept.
        quality: of JPEG, 1 to 95.
        quantiser: rate factor of H.264.
        full_chroma: JPEG without chroma subsampling.
    """

    clean: bool
    softness: float
    motion: tuple[float, float]
    barrel: float
    fringe: float
    vignette: float
    vignette_centre: tuple[float, float]
    grain: Grain
    noise: float
    saturation: float
    tone: Tone
    tone_amount: float
    sharpening: float
    sharpening_radius: float
    resolution: float
    codec: Codec
    quality: int
    quantiser: int
    full_chroma: bool


def random_camera(random: np.random.Generator) -> CameraSettings:
    """From a clean render over good and mean cameras to a third copy of a web video."""
    clean = bool(random.uniform() < 0.1)
    tone, tone_amount = _random_tone(random)
    return CameraSettings(
        clean=clean,
        softness=float(random.uniform(0.25, 1.1) if random.uniform() < 0.6 else random.choice([0.0, 0.0, 1.6, 2.2])),
        motion=_random_motion(random),
        barrel=float(random.normal() * 0.002) if random.uniform() < 0.3 else 0.0,
        fringe=float(random.normal() * 0.0015) if random.uniform() < 0.2 else 0.0,
        vignette=float(random.uniform(0.02, 0.2)) if random.uniform() < 0.3 else 0.0,
        vignette_centre=(float(random.uniform(-1.0, 1.0)), float(random.uniform(-0.5, 1.0))),
        grain=Grain(str(random.choice(["none", "white", "mosaic", "soft"], p=[0.3, 0.25, 0.25, 0.2]))),
        noise=float(np.exp(random.uniform(np.log(0.003), np.log(0.04)))),
        saturation=_random_saturation(random),
        tone=tone,
        tone_amount=tone_amount,
        sharpening=float(random.uniform(0.3, 1.6)) if random.uniform() < 0.3 else 0.0,
        sharpening_radius=float(random.uniform(0.7, 1.8)),
        resolution=float(random.uniform(0.35, 0.9)) if random.uniform() < 0.25 else 1.0,
        codec=Codec(str(random.choice(["none", "jpeg", "h264"], p=[0.22, 0.48, 0.30]))),
        quality=int(random.uniform(30, 96)),
        quantiser=int(random.uniform(17, 36)),
        full_chroma=bool(random.uniform() < 0.5),
    )


def _random_tone(random: np.random.Generator) -> tuple[Tone, float]:
    kind = random.uniform()
    if kind < 0.22:
        return Tone.CONTRAST, float(random.uniform(0.1, 0.7))
    if kind < 0.30:
        return Tone.RAISED_BLACK, float(random.uniform(0.0, 0.08))
    if kind < 0.42:
        return Tone.GAMMA, float(random.normal() * 0.12)
    if kind < 0.60:
        return Tone.SHOULDER, float(random.uniform(0.2, 1.0))
    return Tone.PLAIN, 0.0


def _random_motion(random: np.random.Generator) -> tuple[float, float]:
    if random.uniform() >= 0.1:
        return 0.0, 0.0
    angle, length = random.uniform(0.0, 2.0 * np.pi), random.uniform(1.0, 7.0)
    return float(length * np.cos(angle)), float(0.6 * length * np.sin(angle))


def _random_saturation(random: np.random.Generator) -> float:
    if random.uniform() < 0.03:
        return 0.0
    return float(random.uniform(0.5, 1.35)) if random.uniform() < 0.3 else 1.0


def through_the_lens(linear: AnyFloatArray, camera: CameraSettings, random: np.random.Generator) -> Float32Array:
    """(h, w, 3) linear: blur, distortion, dark corners and noise of a square linear picture."""
    if camera.softness > 0.0:
        linear = softened(linear, camera.softness)
    if camera.motion != (0.0, 0.0):
        linear = smeared(linear, camera.motion)
    if camera.barrel != 0.0 or camera.fringe != 0.0:
        linear = distorted(linear, camera.barrel, camera.fringe)
    if camera.vignette > 0.0:
        linear = vignetted(linear, camera.vignette, camera.vignette_centre)
    return exposed(linear, camera.grain, camera.noise, random)


def developed(linear: AnyFloatArray, camera: CameraSettings) -> BytesArray:
    """(h, w, 3) 8-bit sRGB of the sensor's picture, at the resolution at which it is kept."""
    if camera.saturation != 1.0:
        linear = saturated(linear, camera.saturation)
    encoded = toned(linear, camera.tone, camera.tone_amount)
    if camera.sharpening > 0.0:
        encoded = sharpened(encoded, camera.sharpening, camera.sharpening_radius)
    codes = quantised(encoded)
    if camera.resolution == 1.0:
        return codes
    height, width = (max(8, int(side * camera.resolution) // 2 * 2) for side in codes.shape[:2])
    return rescaled(codes, height, width, Image.Resampling.BILINEAR)


def photographed_clip(
    frames: list[Float32Array], camera: CameraSettings, random: np.random.Generator
) -> list[BytesArray]:
    """Frames of one shot as 8-bit sRGB, compressed as one clip.

    Args:
        frames: (n, n, 3) scene-linear Rec.709 each.
        camera: settings of the whole shot.
        random: for the noise.
    """
    height, width = frames[0].shape[:2]
    codes = [developed(through_the_lens(frame, camera, random), camera) for frame in frames]
    if camera.codec is Codec.H264:
        codes = through_h264(codes, camera.quantiser)
    elif camera.codec is Codec.JPEG:
        codes = [through_jpeg(code, camera.quality, full_chroma=camera.full_chroma) for code in codes]
    if codes[0].shape[:2] == (height, width):
        return codes
    return [rescaled(code, height, width, Image.Resampling.BICUBIC) for code in codes]


def photographed(linear: Float32Array, random: np.random.Generator) -> BytesArray:
    """An 8-bit sRGB picture of a linear image by a random camera; never a clean one.

    Args:
        linear: (h, w, 3) scene-linear Rec.709, square.
        random: generator.
    """
    return photographed_clip([linear], random_camera(random), random)[0]


def frame_edges(size: int, random: np.random.Generator) -> tuple[int, int, int, int]:
    """First and last row, first and last column of a crop that lie inside the plate.

    A third of the pictures lose their lower part, fewer a side or the top.
    """
    top, bottom, left, right = 0, size - 1, 0, size - 1
    if random.uniform() < 0.33:
        bottom = min(bottom, int(random.uniform(0.62, 0.99) * size))
    if random.uniform() < 0.08:
        top = int(random.uniform(0.01, 0.22) * size)
    if random.uniform() < 0.15:
        left = int(random.uniform(0.01, 0.28) * size)
    if random.uniform() < 0.15:
        right = min(right, int(random.uniform(0.72, 0.99) * size))
    return top, bottom, left, right


def repeated_beyond(image: Pixels, edges: tuple[int, int, int, int]) -> Pixels:
    """Repeat the plate's edge outside of `frame_edges`, as the runtime's crop does where it reaches past the plate."""
    top, bottom, left, right = edges
    rows = np.clip(np.arange(image.shape[0]), top, bottom)
    columns = np.clip(np.arange(image.shape[1]), left, right)
    repeated: Pixels = image[rows[:, None], columns[None, :]]
    return repeated


def beyond_the_frame(image: BytesArray, random: np.random.Generator) -> BytesArray:
    """A picture whose crop at times reaches past the plate's edge."""
    return repeated_beyond(image, frame_edges(image.shape[0], random))
