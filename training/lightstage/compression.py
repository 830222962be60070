"""What codecs and scaling do to eight-bit pictures: JPEG, H.264, chroma at half resolution, lost resolution."""

import io
from enum import StrEnum
from fractions import Fraction

import av
import numpy as np
from PIL import Image

BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


class Codec(StrEnum):
    """How a picture was kept."""

    NONE = "none"
    JPEG = "jpeg"
    H264 = "h264"


def rescaled(picture: BytesArray, height: int, width: int, resample: Image.Resampling) -> BytesArray:
    """(height, width, 3)."""
    return np.asarray(Image.fromarray(picture).resize((width, height), resample))


def through_jpeg(picture: BytesArray, quality: int, *, full_chroma: bool) -> BytesArray:
    """JPEG there and back.

    Args:
        picture: (h, w, 3).
        quality: 1 to 95.
        full_chroma: 4:4:4 instead of 4:2:0.
    """
    memory = io.BytesIO()
    Image.fromarray(picture).save(memory, "JPEG", quality=quality, subsampling=0 if full_chroma else 2)
    return np.asarray(Image.open(memory).convert("RGB"))


def through_h264(frames: list[BytesArray], quantiser: int) -> list[BytesArray]:
    """A clip through x264 at a constant rate factor and back; 4:2:0, on one thread, so always the same.

    Args:
        frames: (h, w, 3) each, all of one even size.
        quantiser: rate factor: 18 good, 40 poor.
    """
    height, width = frames[0].shape[:2]
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.thread_count = Fraction(1, 25), 1
    encoder.options = {"crf": str(quantiser), "preset": "veryfast", "tune": "zerolatency"}
    packets = []
    for index, frame in enumerate(frames):
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24").reformat(format="yuv420p")
        picture.pts = index
        packets += encoder.encode(picture)
    packets += encoder.encode(None)
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    decoded: list[BytesArray] = []
    for packet in [*packets, None]:
        for picture in decoder.decode(packet):
            decoded.append(picture.to_ndarray(format="rgb24").astype(np.uint8, copy=False))
    return decoded
