"""Contact sheets of many random samples: one sheet of pictures, and one of each truth, in the same places."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ..runtime.arrays import AnyFloatArray, Float32Array
from ..runtime.transfer import srgb_from_linear
from .lightstage.person import BytesArray
from .lightstage.stage import Drawn, Stage
from .lightstage.truth import MIRRORED_LANDMARKS, seen_landmarks
from .sheets import PART_COLOURS, grey, shaded, write_sheet

COLUMNS = 20


def tiles(drawn: Drawn) -> dict[str, Float32Array]:
    """The sheets' pictures (h, w, 3) 0..1 of one view under its first light, by name."""
    view, photograph = drawn.view, drawn.photographs[0]
    maps = view.maps
    matte = maps.matte[..., None]
    relative = (maps.depth + np.float32(view.pose.offset[2])) / np.float32(view.pose.half_width)
    own = shaded(view.transport.transpose(2, 0, 1), photograph.light)
    plate = photograph.plate.transpose(1, 2, 0).astype(np.float32)
    return {
        "plate": plate,
        "albedo": srgb_from_linear(maps.albedo) * matte,
        "normal": (maps.normal * 0.5 + 0.5) * matte,
        "depth": grey(0.5 - 0.45 * relative) * matte,
        "matte": grey(maps.matte),
        "parts": PART_COLOURS[maps.parts] * matte,
        "shading": srgb_from_linear(own) * matte,
        "openness": grey(view.transport[..., 0] / 0.2821) * matte,
        "gloss": np.stack([maps.roughness, 10.0 * maps.specular, 0.0 * maps.roughness], axis=-1) * matte,
        "landmarks": _with_landmarks(plate, drawn),
        "environment": _environment(photograph.environment, plate.shape[0]),
    }


def _with_landmarks(plate: Float32Array, drawn: Drawn) -> Float32Array:
    """The picture, darkened, with visible landmarks in green and hidden ones in red."""
    picture = Image.fromarray(np.clip(plate * 127.5, 0, 255).astype(np.uint8))
    pen, pose = ImageDraw.Draw(picture), drawn.view.pose
    points = drawn.view.subject.person.landmarks
    found = seen_landmarks(points[MIRRORED_LANDMARKS] if pose.mirrored else points, drawn.view)
    radius = max(1.0, plate.shape[0] / 128)
    for (x, y), visible in zip(found.pixels, found.visible, strict=True):
        if np.isfinite(x):
            box = (x - radius, y - radius, x + radius, y + radius)
            pen.ellipse(box, fill=(60, 255, 60) if visible else (255, 40, 40))
    return np.asarray(picture, np.float32) / np.float32(255.0)


def _environment(radiance: AnyFloatArray, size: int) -> Float32Array:
    bright = max(float(np.percentile(radiance, 97)), 1e-6)
    encoded = srgb_from_linear(radiance / bright)
    steps = (np.arange(size) * radiance.shape[0]) // size
    result: Float32Array = encoded[steps[:, None], steps[None, :]]
    return result


def write_contact_sheets(stage: Stage, indices: Iterable[int], folder: Path, thumbnail: int) -> list[Path]:
    """Draw samples and write `<name>.png` for each of `tiles`, COLUMNS to a row.

    Args:
        stage: the stage.
        indices: of the views.
        folder: to write into.
        thumbnail: pixels along each side of a tile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    collected: dict[str, list[Float32Array]] = {}
    for index in indices:
        for name, tile in tiles(stage.drawn(index)).items():
            collected.setdefault(name, []).append(_thumbnail(tile, thumbnail))
    paths = []
    for name, pictures in collected.items():
        filled = [*pictures, *[np.zeros_like(pictures[0])] * (-len(pictures) % COLUMNS)]
        rows = [np.concatenate(filled[i : i + COLUMNS], axis=1) for i in range(0, len(filled), COLUMNS)]
        paths.append(folder / f"{name}.png")
        write_sheet(rows, paths[-1])
    return paths


def _thumbnail(tile: Float32Array, size: int) -> Float32Array:
    codes: BytesArray = np.clip(tile * 255.0 + 0.5, 0, 255).astype(np.uint8)
    small = Image.fromarray(codes).resize((size, size), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / np.float32(255.0)
