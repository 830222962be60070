"""Real portraits and frames to look at: the network has never seen them."""

from pathlib import Path

import av
import numpy as np
from PIL import Image

from ..runtime.arrays import Float32Array
from ..runtime.camera import camera_from_lens
from ..runtime.crop import crop_around, cut_crop
from ..runtime.head import HeadBox
from .assets import asset
from .lightstage.camera_degradation import DECODED_BYTES
from .lightstage.person import BytesArray

PORTRAITS = ("portraits/astronaut.png", "portraits/obama.jpg", "portraits/biden.jpg")
CLIPS = (
    "clips/d0.mp4", "clips/d3.mp4", "clips/d18.mp4", "clips/s18.mp4", "clips/single_face.mp4", "clips/vretalk_2.mp4",
    "clips/WDA_KatieHill_000.mp4", "clips/WolfgangLanger_Pexels.mp4",
)  # fmt: skip
CLIPS_TO_LEARN_FROM = ("clips/d0.mp4", "clips/d18.mp4", "clips/single_face.mp4")
"""Networks may learn from these, so no number is measured on them."""


def read_still(path: Path) -> BytesArray:
    """(H, W, 3) 8-bit sRGB."""
    with Image.open(path) as file:
        return np.asarray(file.convert("RGB"))


def read_frames(path: Path, indices: list[int]) -> dict[int, BytesArray]:
    """Chosen frames of a clip, (H, W, 3) 8-bit sRGB each."""
    wanted, frames = set(indices), dict[int, BytesArray]()
    with av.open(str(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index in wanted:
                frames[index] = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
            if index >= max(wanted, default=-1):
                break
    return frames


def clip_length(path: Path) -> int:
    """Number of frames of a clip."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return stream.frames or sum(1 for _ in container.decode(video=0))


def real_picture(data: Path | None, name: str, frame: int = 0) -> BytesArray:
    """A portrait, or a frame of a clip."""
    path = asset(data, name)
    return read_frames(path, [frame])[frame] if path.suffix == ".mp4" else read_still(path)


def real_crop(picture: BytesArray, box: list[float]) -> Float32Array:
    """(256, 256, 3) linear crop around a labelled box (centre x, y, half size, roll, …), a 50 mm lens assumed."""
    height, width = picture.shape[:2]
    camera = camera_from_lens(width, height, focal_length_mm=50.0)
    crop = crop_around(HeadBox(box[0], box[1], box[2], roll=box[3]), camera)
    return cut_crop(DECODED_BYTES[picture], crop)
