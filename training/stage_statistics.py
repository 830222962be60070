"""What the stage's pictures are like, in numbers, beside the same numbers of real pictures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..runtime.arrays import AnyFloatArray, Float32Array
from ..runtime.errors import ChiaroError
from ..runtime.locate import choose_head, find_heads
from ..runtime.network import Network
from ..runtime.network_input import network_input
from ..runtime.transfer import LUMINANCE
from .assets import asset
from .lightstage.camera_degradation import DECODED_BYTES
from .lightstage.parts import PartClass
from .lightstage.sample import Sample
from .portrait_model import PortraitModel, plate_of
from .real_pictures import CLIPS, PORTRAITS, clip_length, real_crop, real_picture
from .sheets import shaded

EXPOSURE_BINS = 16
FACE = (PartClass.SKIN, PartClass.LIPS, PartClass.BROWS, PartClass.EYES, PartClass.MOUTH)
XYZ_FROM_REC709 = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE_D65 = np.array([0.9505, 1.0, 1.089])


def individual_typology_angle(albedo: AnyFloatArray) -> float:
    """ITA in degrees of a linear Rec.709 colour: over 55 very light, under −30 dark.

    arctan((L* − 50) / b*) of CIELAB (Chardon, Cretois and Hourseau, "Skin colour typology and suntanning pathways",
    1991).
    """
    xyz = XYZ_FROM_REC709 @ np.asarray(albedo, np.float64) / WHITE_D65
    linear = xyz / (3.0 * (6.0 / 29.0) ** 2) + 4.0 / 29.0
    f = np.where(xyz > (6.0 / 29.0) ** 3, np.cbrt(np.maximum(xyz, 0.0)), linear)
    return float(np.degrees(np.arctan2(116.0 * f[1] - 16.0 - 50.0, 200.0 * (f[1] - f[2]))))


@dataclass(frozen=True)
class Measured:
    """Numbers of one picture.

    Attributes:
        skin_tone: ITA of the median albedo of skin, degrees; NaN without skin.
        yaw: of the head, degrees, to the image's right.
        pitch: degrees, up.
        key_to_fill: stops between the bright and the dark side of the face: 90th over 10th percentile of its shading.
        hair: share of the person that is hair.
        face: share of the picture that is face.
        exposure: (EXPOSURE_BINS,) histogram of the person's encoded luminance as the camera left it, sum 1.
    """

    skin_tone: float
    yaw: float
    pitch: float
    key_to_fill: float
    hair: float
    face: float
    exposure: Float32Array


NUMBERS: Mapping[str, tuple[str, float, float]] = {
    "skin_tone": ("skin tone, ITA (degrees)", -90.0, 90.0),
    "yaw": ("yaw (degrees)", -90.0, 90.0),
    "pitch": ("pitch (degrees)", -45.0, 45.0),
    "key_to_fill": ("key to fill (stops)", 0.0, 8.0),
    "hair": ("hair (share of the person)", 0.0, 0.7),
    "face": ("face (share of the picture)", 0.0, 0.4),
}
"""Title and range of each number's plot."""


def measured(plate: AnyFloatArray, maps: Mapping[str, AnyFloatArray]) -> Measured:
    """The numbers of a picture from its truth or from what a network says of it.

    Args:
        plate: (3, h, w) encoded.
        maps: albedo (3, h, w), matte (h, w), transport (9, h, w), light (9, 3), head (9,), parts (h, w).
    """
    matte = maps["matte"] > 0.5
    parts = np.asarray(maps["parts"])
    skin, face = (parts == PartClass.SKIN) & matte, np.isin(parts, [int(c) for c in FACE]) & matte
    yaw, pitch = head_angles(maps["head"])
    tone, stops = float("nan"), float("nan")
    if skin.sum() > 50:
        tone = individual_typology_angle(np.median(maps["albedo"][:, skin].astype(np.float64), axis=1))
        white = shaded(maps["transport"], maps["light"])[skin] @ LUMINANCE
        low, high = np.percentile(white, (10.0, 90.0))
        stops = float(np.log2(max(high, 1e-4) / max(low, high / 256.0, 1e-4 / 256.0)))
    person = (plate[:, matte].T @ LUMINANCE) if matte.any() else np.zeros(1)
    counts = np.histogram(np.clip(person, 0.0, 1.0), EXPOSURE_BINS, (0.0, 1.0))[0]
    return Measured(
        skin_tone=tone,
        yaw=yaw,
        pitch=pitch,
        key_to_fill=stops,
        hair=float(((parts == PartClass.HAIR) & matte).sum() / max(1, matte.sum())),
        face=float(face.mean()),
        exposure=(counts / max(1, counts.sum())).astype(np.float32),
    )


def head_angles(head: AnyFloatArray) -> tuple[float, float]:
    """Yaw to the image's right and pitch up, degrees, of the portrait network's head output (9,)."""
    x = head[:3] / np.linalg.norm(head[:3])
    y = head[3:6] - x * (x @ head[3:6])
    forward = np.cross(x, y / np.linalg.norm(y))
    yaw = float(np.degrees(np.arctan2(forward[0], forward[2])))
    return yaw, float(np.degrees(np.arcsin(np.clip(forward[1], -1.0, 1.0))))


def measured_truth(sample: Sample) -> Measured:
    """The numbers of a sample."""
    names = ("albedo", "matte", "transport", "light", "head", "parts")
    return measured(sample.plate.astype(np.float32), {name: getattr(sample, name).astype(np.float32) for name in names})


def measured_by(model: PortraitModel, sample: Sample) -> Measured:
    """What the network says of a sample, so that its own errors show on both sides of the comparison."""
    return measured(sample.plate.astype(np.float32), model(plate_of(sample)))


def measured_real(
    data: Path | None, locator: Network, model: PortraitModel, frames_per_clip: int
) -> Iterator[tuple[str, Measured]]:
    """Name and numbers of real portraits and of frames of the real clips, of those in which a head is found."""
    for name in (*PORTRAITS, *CLIPS):
        length = clip_length(asset(data, name)) if name.endswith(".mp4") else 1
        for frame in sorted({int(i) for i in np.linspace(0, length - 1, min(frames_per_clip, length))}):
            picture = real_picture(data, name, frame)
            heads = find_heads(DECODED_BYTES[picture], locator)
            if not heads:
                continue
            try:
                box = choose_head(heads, picture.shape[1], picture.shape[0]).box
            except ChiaroError:
                continue
            plate, _ = network_input(real_crop(picture, [box.centre_x, box.centre_y, box.half_size, box.roll]))
            yield f"{Path(name).stem} {frame}", measured(plate[0, :3], model(plate))


def summary(groups: Mapping[str, list[Measured]]) -> list[tuple[str, ...]]:
    """A row per number: its name, and for each group the 5th, 50th and 95th percentile."""
    rows = []
    for name, (title, _, _) in NUMBERS.items():
        row = [title]
        for members in groups.values():
            values = np.array([getattr(member, name) for member in members])
            low, middle, high = np.nanpercentile(values, (5.0, 50.0, 95.0))
            row.append(f"{low:.2f} … {middle:.2f} … {high:.2f}")
        rows.append(tuple(row))
    rows.append(("pictures", *(str(len(members)) for members in groups.values())))
    return rows


def plot(groups: Mapping[str, list[Measured]], path: Path) -> None:
    """Histograms of every number and of exposure, the groups side by side."""
    from matplotlib.figure import Figure  # noqa: PLC0415  # slow to import, used here alone

    figure = Figure(figsize=(14, 8), layout="constrained")
    axes = figure.subplots(2, 4).ravel()
    for axis, (name, (title, low, high)) in zip(axes, NUMBERS.items(), strict=False):
        edges = np.linspace(low, high, 25)
        for group, members in groups.items():
            values = _finite(getattr(member, name) for member in members)
            weights = np.full(len(values), 1.0 / max(1, len(values)))
            axis.hist(np.clip(values, low, high), edges, weights=weights, histtype="step", linewidth=1.6, label=group)
        axis.set_title(title)
    for group, members in groups.items():
        mean = np.mean([member.exposure for member in members], axis=0)
        axes[6].stairs(mean, np.linspace(0.0, 1.0, EXPOSURE_BINS + 1), linewidth=1.6, label=group)
    axes[6].set_title("exposure (encoded luminance)")
    axes[7].axis("off")
    axes[7].legend(*axes[0].get_legend_handles_labels(), loc="center", frameon=False)
    temporary = path.with_name(f".{path.stem}.png")
    figure.savefig(temporary, dpi=90)
    temporary.replace(path)


def _finite(values: Iterable[float]) -> AnyFloatArray:
    array = np.array(list(values), np.float64)
    result: AnyFloatArray = array[np.isfinite(array)]
    return result
