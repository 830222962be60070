"""How good the locator is on real pictures, against MediaPipe's landmarks, and where there is nobody."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage

from ...runtime.head import HeadBox
from ...runtime.locate import find_heads
from ...runtime.network import Network
from ..assets import asset, read_image
from ..lightstage.backgrounds import PICTURES
from ..lightstage.camera_degradation import DECODED_BYTES
from ..lightstage.person import BytesArray
from ..real_pictures import CLIPS, PORTRAITS, read_frames, read_still
from .sample import LABELLED_CLIPS


@dataclass(frozen=True)
class LocatorResult:
    """Agreement with the labels of one portrait or clip.

    Attributes:
        name: of the file.
        trained_on: whether other frames of this clip were learnt from.
        frames: labelled frames that were looked at.
        found: frames in which the largest head is the labelled one.
        centre_error: median distance of the centres, in half sizes.
        worst_centre_error: the largest.
        size_error: median ratio of the half sizes, minus one.
        roll_error: median, degrees.
        yaw_error: median, degrees.
        extra: heads beyond the labelled ones, over all frames.
    """

    name: str
    trained_on: bool
    frames: int
    found: int
    centre_error: float
    worst_centre_error: float
    size_error: float
    roll_error: float
    yaw_error: float
    extra: int


def _errors(found: HeadBox, true: HeadBox) -> tuple[float, float, float, float]:
    distance = np.hypot(found.centre_x - true.centre_x, found.centre_y - true.centre_y) / true.half_size
    return (
        float(distance),
        abs(found.half_size / true.half_size - 1.0),
        float(np.rad2deg(abs(found.roll - true.roll))),
        float(np.rad2deg(abs(found.yaw - true.yaw))),
    )


def _compare(name: str, frames: list[tuple[BytesArray, list[HeadBox]]], locator: Network) -> LocatorResult:
    errors, extra = [], 0
    for picture, labels in frames:
        heads = find_heads(DECODED_BYTES[picture], locator)
        extra += max(0, len(heads) - len(labels))
        label = max(labels, key=lambda box: box.half_size)
        if heads and _errors(heads[0], label)[0] < 0.35:
            errors.append(_errors(heads[0], label))
    table = np.array(errors).reshape(-1, 4)
    median = np.median(table, axis=0) if len(table) else np.full(4, np.nan)
    worst = float(table[:, 0].max()) if len(table) else float("nan")
    centre, size, roll, yaw = (float(value) for value in median)
    return LocatorResult(name, name in LABELLED_CLIPS, len(frames), len(errors), centre, worst, size, roll, yaw, extra)


def locator_results(data: Path | None, labels: Path, locator: Network, frames_per_clip: int = 8) -> list[LocatorResult]:
    """Results on all portraits and clips.

    Args:
        data: the asset folder.
        labels: written by label_frames.py for the portraits and all clips.
        locator: the network.
        frames_per_clip: at most so many labelled frames of each clip, evenly spread.
    """
    table = json.loads(labels.read_text())
    results = []
    for relative in (*PORTRAITS, *CLIPS):
        path = asset(data, relative)
        found = {int(i): [HeadBox(*b) for b in boxes] for i, boxes in table[path.name].items() if boxes}
        chosen = sorted(found)[:: max(1, len(found) // frames_per_clip)][:frames_per_clip]
        pictures = {0: read_still(path)} if path.suffix != ".mp4" else read_frames(path, chosen)
        results.append(_compare(path.name, [(pictures[i], found[i]) for i in chosen if i in pictures], locator))
    return results


def false_heads(data: Path | None, locator: Network) -> dict[str, int]:
    """Heads found in pictures of nobody: scikit-image's (the cat among them, never trained on) and all HDRIs."""
    folder = Path(skimage.__file__).parent / "data"
    counts = {}
    for name in (*PICTURES, "chelsea.png", "moon.png", "horse.png", "clock_motion.png", "color.png"):
        if (folder / name).exists():
            counts[name] = len(find_heads(DECODED_BYTES[read_still(folder / name)], locator))
    for path in sorted(asset(data, "hdri").glob("*.hdr")):
        image = read_image(path)
        counts[path.name] = len(find_heads(np.clip(image * (0.3 / max(float(image.mean()), 1e-6)), 0, 1), locator))
    return counts
