"""Small synthetic plates that the tests write themselves."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray
from OpenImageIO import ImageOutput, ImageSpec


def write_image(
    path: Path,
    pixels: NDArray[Any],
    stored: str | None = None,
    *,
    channels: Sequence[str] | None = None,
    display_window: tuple[int, int, int, int] | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Path:
    """Write (H, W, C) pixels; display_window is x, y, width, height relative to the first pixel."""
    height, width, count = pixels.shape
    spec = ImageSpec(width, height, count, stored or {"float32": "float"}.get(str(pixels.dtype), str(pixels.dtype)))
    if channels:
        spec.channelnames = tuple(channels)
    if display_window:
        spec.full_x, spec.full_y, spec.full_width, spec.full_height = display_window
    for name, value in (attributes or {}).items():
        spec.attribute(name, *value) if isinstance(value, tuple) else spec.attribute(name, value)
    output = ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(np.ascontiguousarray(pixels)), output.geterror()
    assert output.close(), output.geterror()
    return path


def numbered_picture(number: int, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """A picture that says its own number: eight columns, dark or light, the lowest bit at the left."""
    picture = np.zeros((height, width, 3), np.uint8)
    for bit in range(8):
        picture[:, bit * width // 8 : (bit + 1) * width // 8] = 230 if number >> bit & 1 else 20
    return picture


def number_in(image: NDArray[np.float32]) -> int:
    """The number that a numbered picture says."""
    height, width = image.shape[:2]
    return sum(int(image[height // 2, (2 * bit + 1) * width // 16].mean() > 0.2) << bit for bit in range(8))


def constant_frame(codes: Sequence[int], pixel_format: str, width: int = 48, height: int = 32) -> av.VideoFrame:
    """A frame whose planes hold one code each."""
    frame = av.VideoFrame(width, height, pixel_format)
    for plane, code, component in zip(frame.planes, codes, frame.format.components, strict=True):
        stored = np.uint8 if component.bits <= 8 else np.uint16
        plane.update(np.full(plane.buffer_size // np.dtype(stored).itemsize, code, stored).tobytes())
    return frame


def write_movie(
    path: Path,
    frames: Sequence[av.VideoFrame | NDArray[np.uint8]],
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    *,
    options: Mapping[str, str] | None = None,
    times: Sequence[int] | None = None,
    tags: Mapping[str, Any] | None = None,
    rotation: int | None = None,
    container_options: Mapping[str, str] | None = None,
) -> Path:
    """Encode frames at 25 per second; tags are set on the codec, times are presentation times in frames."""
    with av.open(str(path), "w", options=dict(container_options or {})) as container:
        stream: Any = container.add_stream(codec, rate=25, options=dict(options or {}))
        for index, source in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(source, format="rgb24") if isinstance(source, np.ndarray) else source
            if index == 0:
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, pixel_format
                for name, value in (tags or {}).items():
                    setattr(stream.codec_context, name, value)
                if rotation is not None:
                    stream.set_display_rotation(rotation)
            if frame.format.name != pixel_format:
                # Otherwise FFmpeg's threads race in 10-bit 4:2:0, and eight pixels of a row come out wrong at times.
                accurately = Interpolation.BICUBIC | Interpolation.ACCURATE_RND
                frame = frame.reformat(format=pixel_format, interpolation=accurately)
            frame.pts, frame.time_base = (index if times is None else times[index]), Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
