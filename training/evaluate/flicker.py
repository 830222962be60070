"""How much a turned person changes from frame to frame of a real clip, in what is painted and in what the plate saw.

The clip's own light stays, and the camera stands still. No truth is known: people move, and so does what is seen of
them. The plate's own change beside it tells how much of it is that.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from ...runtime.arrays import BoolArray, Float32Array
from ...runtime.camera import Camera
from ...runtime.crop import cut_crop
from ...runtime.network_input import exposure_gain
from ...runtime.passes import Passes
from ...runtime.plate.opening import open_plate
from ...runtime.plate.plate import PlateFrame
from ...runtime.transfer import srgb_from_linear
from ..assets import asset
from .product import Contestant, Encoder, PreparedPlate
from .real_frames import MEASURED_CLIPS, largest_head, portrait_camera

YAWS = (-25.0, 25.0)
"""Degrees by which the camera is carried around the head."""
FRAMES = 6
"""Neighbouring ones, from the middle of a clip."""
PAINTED, SEEN = 0.1, 0.9
"""Confidence below which a pixel counts as painted, and above which as seen."""
PERSON = 0.5
"""Matte from which a pixel counts."""
WANTED = frozenset({"image", "confidence"})

Numbers = dict[str, float]


def neighbouring_frames(data: Path | None) -> Iterator[tuple[str, list[PlateFrame]]]:
    """Name and frames of each clip that no network learnt from."""
    for name in MEASURED_CLIPS:
        with open_plate(asset(data, name)) as plate:
            first = max(plate.first_frame, (plate.first_frame + plate.last_frame - FRAMES) // 2)
            numbers = range(first, min(first + FRAMES, plate.last_frame + 1))
            yield Path(name).stem, [plate.read(number) for number in numbers]


def measured_flicker(frames: Sequence[PlateFrame], contestant: Contestant, encoder: Encoder) -> Numbers:
    """Mean change between neighbours, of each pixel's largest channel as a display shows it.

    Args:
        frames: of a clip, in their order.
        contestant: the networks.
        encoder: of the contestant, alone or streaming.

    Raises:
        HeadError: no head is found in the first frame, or one is turned too far.
    """
    camera, box = largest_head(frames[0].image, contestant)
    encoder.begin()
    plates = [
        PreparedPlate(frame.image, camera, encoder.encode(frame.image, camera, box), contestant.field)
        for frame in frames
    ]
    gain = np.float32(exposure_gain(cut_crop(plates[0].plate, plates[0].encoding.crop)))
    changes: dict[str, list[float]] = {"painted": [], "seen": []}
    for yaw in YAWS:
        turned_camera = portrait_camera(plates[0], yaw)
        pictures = [_shown(plate, turned_camera, gain) for plate in plates]
        for (before, sure_before), (after, sure_after) in pairwise(pictures):
            change = np.abs(after - before).max(axis=-1)
            for kind, where in _kinds(sure_before, sure_after).items():
                if where.any():
                    changes[kind].append(float(change[where].mean()))
    numbers = {f"flicker, {kind}": float(np.mean(values)) for kind, values in changes.items() if values}
    return numbers | {"flicker, plate": _plate_change(plates, gain)}


def _shown(plate: PreparedPlate, camera: Camera, gain: np.float32) -> tuple[Float32Array, Float32Array]:
    """(h, w, 3) the person over black, sRGB-encoded, and (h, w) confidence, −1 where nobody is."""
    passes: Passes = plate.turned(camera, wanted=WANTED)
    matte = passes.image[..., 3]
    confidence = np.where(matte > PERSON, passes.confidence, np.float32(-1))
    return srgb_from_linear(passes.image[..., :3] * matte[..., None] * gain), confidence


def _kinds(before: Float32Array, after: Float32Array) -> dict[str, BoolArray]:
    """Pixels that are painted in both frames, and those that the plate saw in both."""
    low, high = np.minimum(before, after), np.maximum(before, after)
    return {"painted": (low >= 0) & (high < PAINTED), "seen": low > SEEN}


def _plate_change(plates: Sequence[PreparedPlate], gain: np.float32) -> float:
    """The plate's own, inside the matte."""
    pictures = [srgb_from_linear(cut_crop(plate.plate, plate.encoding.crop) * gain) for plate in plates]
    changes = [
        np.abs(after - before).max(axis=-1)[plate.encoding.matte > SEEN].mean()
        for plate, (before, after) in zip(plates[1:], pairwise(pictures), strict=True)
    ]
    return float(np.mean(changes))
