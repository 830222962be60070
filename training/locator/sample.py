"""Pictures for the locator: generated people in front of anything, real frames with labels, and pictures of no one."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import affine_transform, gaussian_filter

from ...runtime.arrays import AnyFloatArray, Float32Array
from ...runtime.head import CROP_HALF_WIDTH_METRES, HeadBox
from ...runtime.transfer import srgb_from_linear
from ..assets import AssetError, asset
from ..lightstage.backgrounds import piece_of_picture, random_background
from ..lightstage.body import rotation_yaw_pitch_roll
from ..lightstage.camera_degradation import DECODED_BYTES, photographed
from ..lightstage.lights import random_lean, random_light
from ..lightstage.person import BytesArray
from ..lightstage.picture import random_exposure, view_exposure
from ..lightstage.pose import Pose, mesh_rotation
from ..lightstage.stage import Stage
from ..lightstage.view import draw_view, lit
from ..real_pictures import CLIPS_TO_LEARN_FROM, read_frames

SIZE, CELLS, STRIDE = 256, 32, 8
LABELLED_CLIPS = tuple(Path(clip).name for clip in CLIPS_TO_LEARN_FROM)
"""Clips whose frames the locator learns from; all others are for checking."""


@dataclass(frozen=True)
class LabelledFrame:
    """A real frame.

    Attributes:
        picture: (H, W, 3) 8-bit sRGB.
        boxes: heads in it.
    """

    picture: BytesArray
    boxes: tuple[HeadBox, ...]


@dataclass(frozen=True)
class LocatorSample:
    """A picture and its heads.

    Attributes:
        plate: (256, 256, 3) 8-bit sRGB.
        boxes: heads, in the picture's pixels.
    """

    plate: BytesArray
    boxes: tuple[HeadBox, ...]


def read_labelled_frames(data: Path | None, labels: Path) -> tuple[LabelledFrame, ...]:
    """Frames of LABELLED_CLIPS with the labels that label_frames.py wrote.

    Raises:
        AssetError: when the labels are missing.
    """
    if not labels.is_file():
        raise AssetError(
            f"{labels} was not found; the locator needs labelled frames: "
            "make them with training/locator/label_frames.py."
        )
    table = json.loads(labels.read_text())
    result = []
    for clip in LABELLED_CLIPS:
        boxes = {
            int(index): tuple(HeadBox(*values) for values in found)
            for index, found in table.get(clip, {}).items()
            if found
        }
        for index, picture in read_frames(asset(data, f"clips/{clip}"), sorted(boxes)).items():
            result.append(LabelledFrame(picture, boxes[index]))
    return tuple(result)


def random_half_size(random: np.random.Generator) -> float:
    """Half size of a head in a 256² picture, pixels: 10 to 260, evenly over octaves, most between 30 and 180."""
    if random.uniform() < 0.35:
        return float(np.exp(random.uniform(np.log(50.0), np.log(170.0))))
    return float(np.exp(random.uniform(np.log(10.0), np.log(260.0))))


def _random_place(random: np.random.Generator, half_size: float) -> tuple[float, float]:
    """A head centre inside the picture; for small heads rather in the upper part, as people stand in pictures."""
    x = random.uniform(0.06, 0.94) * SIZE
    y = random.uniform(0.06, 0.94) * SIZE if random.uniform() < 0.5 else random.uniform(0.12, 0.6) * SIZE
    if half_size > 150:
        x, y = (SIZE / 2 + (v - SIZE / 2) * 0.6 for v in (x, y))
    return float(x), float(y)


def _with_lower_body(person: Float32Array, matte: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Continue a bust that ends inside the picture downwards, column by column, so that no cut edge gives it away."""
    covered = matte > 0.5
    rows = np.flatnonzero(covered.any(axis=1))
    if rows.size == 0 or rows[-1] >= matte.shape[0] - 2:
        return person, matte
    # From where the bust is widest: a turned bust ends in a corner.
    lower = np.arange((rows[0] + rows[-1]) // 2, rows[-1] + 1)
    widest = int(lower[np.argmax(covered[lower].sum(axis=1))])
    below = np.arange(widest, matte.shape[0])
    person, matte = person.copy(), matte.copy()
    filled = matte[below, :, None] > 0.5
    extended = person[widest][None] * np.linspace(1.0, 0.8, len(below))[:, None, None]
    person[below] = np.where(filled, person[below], extended)
    matte[below] = np.maximum(matte[below], matte[widest][None])
    return person, matte


def _draw_person(
    stage: Stage, random: np.random.Generator, box: HeadBox, tangent: float
) -> tuple[Float32Array, Float32Array, AnyFloatArray]:
    """Radiance (h, w, 3), matte (h, w) and a background (h, w, 3) lit by the same environment."""
    subject = stage.subject(random)
    focal = SIZE / 2 / tangent
    distance = CROP_HALF_WIDTH_METRES * focal / box.half_size
    offset = np.array([(box.centre_x - SIZE / 2) / focal, -(box.centre_y - SIZE / 2) / focal, -1.0]) * distance
    rotation = rotation_yaw_pitch_roll(box.yaw, box.pitch, box.roll)
    # Here the pose's half width is that of the whole picture, which is no crop.
    pose = Pose(rotation, offset, distance * tangent, bool(random.uniform() < 0.5))
    view = draw_view(subject, pose, SIZE, stage.masks)
    light = random_light(stage.panoramas, random, random_lean(random))
    exposure = random_exposure(random)
    background = random_background(random, light.background, light.panorama_from_camera, tangent, SIZE)
    background = background * np.float32(exposure.background)
    matte, matrix = view.maps.matte, mesh_rotation(pose)
    if (matte > 0.5).sum() <= 16:
        return np.zeros((SIZE, SIZE, 3), np.float32), np.zeros_like(matte), background
    factor = view_exposure(exposure, view, light.on(matrix).harmonics(matrix))
    radiance = lit(view, light.scaled(factor).on(matrix)).radiance
    return *_with_lower_body(radiance, matte), background


def _generated(stage: Stage, random: np.random.Generator) -> LocatorSample:
    """None to four generated people, farther ones first."""
    count = int(random.choice(5, p=[0.08, 0.60, 0.18, 0.09, 0.05]))
    tangent = float(np.tan(0.5 * np.deg2rad(random.uniform(18.0, 65.0))))
    sizes = sorted(random_half_size(random) / max(1.0, np.sqrt(count)) for _ in range(max(count, 1)))
    picture: AnyFloatArray | None = None
    boxes: list[HeadBox] = []
    for half_size in sizes:
        x, y = _random_place(random, half_size)
        box = HeadBox(
            x, y, max(half_size, 9.0),
            roll=float(np.clip(random.normal() * 0.25, -0.8, 0.8)),
            yaw=float(np.clip(random.normal() * 0.55, -1.5, 1.5)),
            pitch=float(np.clip(random.normal() * 0.25, -0.7, 0.7)),
        )  # fmt: skip
        person, matte, background = _draw_person(stage, random, box, tangent)
        if picture is None:
            picture = background
        if count == 0:
            break
        cover = matte[..., None]
        picture = np.asarray(person * cover + picture * (1.0 - cover), np.float32)
        boxes = [b for b in boxes if not _hidden(b, box)] + [box]
    codes = photographed(np.asarray(picture, np.float32), random)
    return LocatorSample(codes, tuple(boxes))


def _hidden(behind: HeadBox, front: HeadBox) -> bool:
    """Whether a head in front covers one behind."""
    x, y = behind.centre_x - front.centre_x, behind.centre_y - front.centre_y
    return abs(x) < 0.75 * front.half_size and y > -0.55 * front.half_size


def _real(frames: tuple[LabelledFrame, ...], stage: Stage, random: np.random.Generator) -> LocatorSample:
    """A labelled frame, turned, scaled, mirrored, moved, recoloured."""
    frame = frames[random.integers(len(frames))]
    main = frame.boxes[0]
    target = random_half_size(random)
    angle = float(np.clip(random.normal() * 0.2, -0.6, 0.6))
    mirror = -1.0 if random.uniform() < 0.5 else 1.0
    x, y = _random_place(random, target)
    scale = main.half_size / target
    centre, place = np.array([main.centre_x, main.centre_y]), np.array([x, y])
    move = _Move(centre, place, scale, angle, mirror)
    linear = DECODED_BYTES[frame.picture]
    if scale > 1.5:
        linear = gaussian_filter(linear, (0.4 * scale, 0.4 * scale, 0))
    swapped = move.matrix[::-1, ::-1]
    shift = centre[::-1] - swapped @ np.array([y, x]) - 0.5 + 0.5 * swapped.sum(axis=1)
    mode = "nearest" if random.uniform() < 0.3 else "constant"
    warped = np.stack(
        [affine_transform(linear[..., c], swapped, shift, (SIZE, SIZE), order=1, mode=mode) for c in range(3)], -1
    )
    if mode == "constant":
        inside = affine_transform(np.ones(linear.shape[:2], np.float32), swapped, shift, (SIZE, SIZE), order=1)[
            ..., None
        ]
        panorama = stage.panoramas[random.integers(len(stage.panoramas))]
        behind = random_background(random, panorama, rotation_yaw_pitch_roll(random.uniform(-3, 3), 0, 0), 0.4, SIZE)
        warped = warped * inside + behind * 0.6 * (1.0 - inside)
    warped = warped * np.exp(random.normal() * 0.4 + random.normal(size=3) * 0.08)
    boxes = tuple(move.moved(b) for b in frame.boxes)
    return LocatorSample(photographed(warped.astype(np.float32), random), boxes)


@dataclass(frozen=True)
class _Move:
    """source = centre + matrix (target − place), pixels: a turn by `angle`, a scale, maybe a mirror (−1)."""

    centre: AnyFloatArray
    place: AnyFloatArray
    scale: float
    angle: float
    mirror: float

    @property
    def matrix(self) -> AnyFloatArray:
        """(2, 2) source from target, (x, y) order."""
        cosine, sine = np.cos(self.angle) * self.scale, np.sin(self.angle) * self.scale
        return np.array([[cosine * self.mirror, sine * self.mirror], [-sine, cosine]])

    def moved(self, box: HeadBox) -> HeadBox:
        """A box of the source, in the target."""
        target = self.place + np.linalg.solve(self.matrix, np.array([box.centre_x, box.centre_y]) - self.centre)
        return HeadBox(
            float(target[0]),
            float(target[1]),
            box.half_size / self.scale,
            roll=self.mirror * box.roll + self.angle,
            yaw=self.mirror * box.yaw,
            pitch=box.pitch,
        )


def _letterboxed(sample: LocatorSample, random: np.random.Generator) -> LocatorSample:
    """Grey bars as a plate that is not square gets them."""
    cut = int(random.uniform(0.0, 0.25) * SIZE)
    plate = sample.plate.copy()
    horizontal = random.uniform() < 0.75
    if horizontal:
        plate[:cut], plate[SIZE - cut :] = 128, 128
    else:
        plate[:, :cut], plate[:, SIZE - cut :] = 128, 128
    inside = [b for b in sample.boxes if cut < (b.centre_y if horizontal else b.centre_x) < SIZE - cut]
    return LocatorSample(plate, tuple(inside))


def locator_sample(stage: Stage, frames: tuple[LabelledFrame, ...], seed: int, index: int) -> LocatorSample:
    """A sample: the same for the same (seed, index)."""
    random = np.random.default_rng((seed, 32452843, index))
    sample = _real(frames, stage, random) if frames and random.uniform() < 0.4 else _generated(stage, random)
    return _letterboxed(sample, random) if random.uniform() < 0.5 else sample


def nobody_sample(stage: Stage, seed: int, index: int) -> LocatorSample:
    """A picture of nobody: a piece of an environment or of a picture, at any scale."""
    random = np.random.default_rng((seed, 86028121, index))
    panorama = stage.panoramas[random.integers(len(stage.panoramas))]
    turn = rotation_yaw_pitch_roll(random.uniform(-3.1, 3.1), random.uniform(-1.2, 1.2), 0.0)
    tangent = float(np.exp(random.uniform(np.log(0.08), np.log(1.0))))
    if random.uniform() < 0.4:
        background = piece_of_picture(random, SIZE, smallest=0.08)
    else:
        background = random_background(random, panorama, turn, tangent, SIZE)
    return LocatorSample(photographed(background * np.float32(np.exp(random.normal() * 0.5)), random), ())


def varied(sample: LocatorSample, seed: int, index: int) -> LocatorSample:
    """The sample zoomed, moved, mirrored and recoloured: much cheaper than drawing a new one."""
    random = np.random.default_rng((seed, 67867967, index))
    zoom = np.exp(random.uniform(np.log(0.7), np.log(1.5)))
    mirror = -1.0 if random.uniform() < 0.5 else 1.0
    shift_x, shift_y = random.uniform(-0.5, 0.5, 2) * SIZE * (1.0 - 1.0 / zoom if zoom > 1 else 1.0 / zoom - 1.0)
    picture = Image.fromarray(sample.plate)
    # Source pixel = zoom⁻¹ · (target − middle) + middle + shift, mirrored in x.
    across, down = mirror / zoom, 1.0 / zoom
    middle = SIZE / 2
    offsets = (middle + shift_x - across * middle, middle + shift_y - down * middle)
    matrix = (across, 0.0, offsets[0], 0.0, down, offsets[1])
    warped = picture.transform(
        (SIZE, SIZE), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=(128, 128, 128)
    )
    factors = np.exp(random.normal() * 0.2 + random.normal(size=3) * 0.05)
    plate = np.clip(np.asarray(warped) * factors, 0, 255).astype(np.uint8)
    boxes = []
    for box in sample.boxes:
        x, y = (box.centre_x - offsets[0]) / across, (box.centre_y - offsets[1]) / down
        half_size = box.half_size * zoom
        if 9.0 < half_size < 280.0 and 0 <= x < SIZE and 0 <= y < SIZE:
            boxes.append(HeadBox(x, y, half_size, roll=mirror * box.roll, yaw=mirror * box.yaw, pitch=box.pitch))
    return LocatorSample(plate, tuple(boxes))


def grid_truth(boxes: tuple[HeadBox, ...]) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Heat (1, 32, 32), boxes (7, 32, 32) and their weight (1, 32, 32) for `locator_loss`.

    Heat falls off over about a sixth of the half size; boxes are learnt in the centre's cell and, less, next to it.
    """
    heat, known = np.zeros((1, CELLS, CELLS), np.float32), np.zeros((1, CELLS, CELLS), np.float32)
    values = np.zeros((7, CELLS, CELLS), np.float32)
    rows, columns = np.mgrid[0:CELLS, 0:CELLS]
    for box in sorted(boxes, key=lambda b: b.half_size):
        x, y = box.centre_x / STRIDE, box.centre_y / STRIDE
        column, row = int(np.floor(x)), int(np.floor(y))
        if not (0 <= column < CELLS and 0 <= row < CELLS):
            continue
        sigma = max(0.6, box.half_size / STRIDE / 6.0)
        heat[0] = np.maximum(
            heat[0], 0.99 * np.exp(-((columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2) / (2 * sigma**2))
        )
        heat[0, row, column] = 1.0
        for r in range(max(0, row - 1), min(CELLS, row + 2)):
            for c in range(max(0, column - 1), min(CELLS, column + 2)):
                weight = 1.0 if (r, c) == (row, column) else 0.4
                if weight >= known[0, r, c]:
                    known[0, r, c] = weight
                    values[:, r, c] = (
                        x - c - 0.5,
                        y - r - 0.5,
                        np.log2(box.half_size),
                        np.sin(box.roll),
                        np.cos(box.roll),
                        box.yaw,
                        box.pitch,
                    )
    return heat, values, known


def encoded_plate(codes: BytesArray) -> Float32Array:
    """(3, 256, 256) sRGB-encoded 0..1, as the runtime makes it."""
    return np.ascontiguousarray(srgb_from_linear(DECODED_BYTES)[codes].transpose(2, 0, 1))
