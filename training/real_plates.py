"""Crops of real clips with a pseudo-label of their matte, prepared once: networks learn to explain them.

The clips are those that no number is measured on. Each labelled frame is cut several times, around a box that is
moved, scaled and tilted a little, as the product's own boxes are.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from ..runtime.arrays import Float32Array
from ..runtime.network_input import network_input
from ..runtime.transfer import srgb_from_linear
from .assets import AssetError, asset
from .lightstage.camera_degradation import DECODED_BYTES
from .lightstage.person import BytesArray
from .lightstage.sample import HalfArray
from .real_pictures import CLIPS_TO_LEARN_FROM, read_frames, real_crop

MATTE_FILE = "metrics/selfie_segmentation.onnx"
FRAMES_OF_A_CLIP = 40
CUTS = 3
STREAM = 275604541


@dataclass(frozen=True)
class RealPlates:
    """Crops of real frames.

    Attributes:
        colour: (N, 256, 256, 3) uint8 sRGB.
        matte: (N, 256, 256) uint8, of the pseudo-label.
    """

    colour: BytesArray
    matte: BytesArray

    def drawn(self, random: np.random.Generator) -> tuple[HalfArray, HalfArray]:
        """A random crop, exposed and balanced anew, mirrored half of the time.

        Returns:
            (3, 256, 256) the plate as a network is shown it, and (256, 256) its matte.
        """
        index = int(random.integers(len(self.colour)))
        linear = DECODED_BYTES[self.colour[index]] * np.exp(random.normal() * 0.3 + random.normal(size=3) * 0.07)
        plate = network_input(linear.astype(np.float32))[0][0, :3].astype(np.float16)
        matte = (self.matte[index] / np.float32(255.0)).astype(np.float16)
        if random.uniform() < 0.5:
            plate, matte = plate[..., ::-1], matte[..., ::-1]
        return np.ascontiguousarray(plate), np.ascontiguousarray(matte)


def real_plates_path(cache: Path) -> Path:
    """Where the crops are kept."""
    return cache / "real_plates.npz"


def prepare_real_plates(data: Path | None, labels: Path, cache: Path, seed: int) -> int:
    """Cut the crops and label their mattes; returns how many there are.

    Args:
        data: the asset folder.
        labels: head boxes, from `locator/label_frames.py`.
        cache: where they are kept.
        seed: of the boxes' moves.

    Raises:
        AssetError: when a clip, its labels or the matte network is missing.
    """
    table = json.loads(labels.read_text())
    session = onnxruntime.InferenceSession(str(asset(data, MATTE_FILE)), providers=["CPUExecutionProvider"])
    random, colours, mattes = np.random.default_rng((seed, STREAM)), [], []
    for clip in CLIPS_TO_LEARN_FROM:
        boxes = {int(index): found[0] for index, found in table.get(Path(clip).name, {}).items() if found}
        if not boxes:
            raise AssetError(f"{labels} has no boxes of {clip}; label it with training/locator/label_frames.py.")
        chosen = sorted(boxes)[:: max(1, len(boxes) // FRAMES_OF_A_CLIP)]
        frames = read_frames(asset(data, clip), chosen)
        for index in chosen:
            for _ in range(CUTS):
                crop = srgb_from_linear(real_crop(frames[index], moved_box(boxes[index], random)))
                colours.append((np.clip(crop, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8))
                mattes.append(_matte(session, crop))
    path = real_plates_path(cache)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.part")
    with temporary.open("wb") as file:
        np.savez(file, colour=np.stack(colours), matte=np.stack(mattes))
    temporary.replace(path)
    return len(colours)


def moved_box(box: list[float], random: np.random.Generator) -> list[float]:
    """A head box (centre x, y, half size, roll, …) moved, scaled and tilted a little."""
    x, y, half, roll, *turn = box
    shift = random.normal(size=2) * 0.03 * half
    scale, tilt = float(np.exp(random.normal() * 0.05)), float(random.normal() * 0.04)
    return [x + shift[0], y + shift[1], half * scale, roll + tilt, *turn]


def _matte(session: onnxruntime.InferenceSession, crop: Float32Array) -> BytesArray:
    """(256, 256) of an sRGB crop 0..1, by MediaPipe's selfie segmentation."""
    name = session.get_inputs()[0].name
    found = np.asarray(session.run(None, {name: crop[None].astype(np.float32)})[0])[0, ..., 0]
    matte: BytesArray = (np.clip(found, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    return matte


def load_real_plates(cache: Path) -> RealPlates:
    """Read the crops.

    Raises:
        AssetError: when they have not been prepared.
    """
    path = real_plates_path(cache)
    if not path.exists():
        raise AssetError(f"{path} was not found; run `chiaro-train prepare-real-plates --labels FILE` first.")
    with np.load(path, allow_pickle=False) as archive:
        return RealPlates(archive["colour"], archive["matte"])
