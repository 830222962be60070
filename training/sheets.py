"""Contact sheets: rows of pictures to look at."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from ..runtime.arrays import AnyFloatArray, Float32Array
from ..runtime.light.harmonics import harmonics_of_distant_light
from ..runtime.transfer import srgb_from_linear
from .lightstage.sample import Sample

PART_COLOURS = np.array(
    [
        [0, 0, 0],
        [220, 170, 140],
        [220, 40, 60],
        [90, 60, 20],
        [60, 200, 255],
        [130, 0, 0],
        [240, 200, 0],
        [60, 60, 200],
        [255, 120, 220],
    ],
    np.float32,
) / np.float32(255.0)
LOOK_LIGHTS = ((-0.85, 0.35, 0.4), (0.85, 0.35, 0.4), (0.0, 0.95, 0.3))
"""Directions of the three lights of a sheet: from the left, the right and above."""


def look_light(direction: tuple[float, float, float]) -> Float32Array:
    """(9, 3) light from one side with a little fill."""
    towards = np.array(direction) / np.linalg.norm(direction)
    light = harmonics_of_distant_light(towards, np.full(3, 3.0))
    light[0] += 0.5
    return light.astype(np.float32)


def grey(values: AnyFloatArray) -> Float32Array:
    """(h, w) to (h, w, 3)."""
    return np.repeat(np.clip(values, 0.0, 1.0)[..., None], 3, axis=-1).astype(np.float32)


def shaded(transport: AnyFloatArray, light: AnyFloatArray) -> Float32Array:
    """(h, w, 3) radiance of a white surface from (9, h, w) transport and (9, 3) light."""
    result: Float32Array = np.maximum(np.einsum("khw,kc->hwc", transport, light), 0.0).astype(np.float32)
    return result


def map_row(plate: AnyFloatArray, maps: dict[str, AnyFloatArray]) -> Float32Array:
    """A row of pictures: plate, albedo, normal, depth, matte, own shading, relit by three lights.

    Args:
        plate: (3, h, w) encoded.
        maps: albedo (3, h, w), normal (3, h, w), depth (h, w), matte (h, w), transport (9, h, w), light (9, 3), and
            parts (h, w) class indices where known.
    """
    matte = np.clip(maps["matte"], 0, 1)[..., None]
    albedo = np.clip(maps["albedo"], 0, 1).transpose(1, 2, 0)
    own = shaded(maps["transport"], maps["light"])
    tiles = [
        plate[:3].transpose(1, 2, 0),
        srgb_from_linear(albedo) * matte,
        (maps["normal"].transpose(1, 2, 0) * 0.5 + 0.5) * matte,
        grey(0.5 - 0.45 * maps["depth"]) * matte,
        grey(maps["matte"]),
        srgb_from_linear(own) * matte,
    ]
    for direction in LOOK_LIGHTS:
        tiles.append(srgb_from_linear(albedo * shaded(maps["transport"], look_light(direction))) * matte)
    if "parts" in maps:
        tiles.append(PART_COLOURS[maps["parts"].astype(int)])
    return np.concatenate([np.asarray(t, np.float32) for t in tiles], axis=1)


def sample_row(sample: Sample) -> Float32Array:
    """The row of a training sample and its truth."""
    names = ("albedo", "normal", "depth", "matte", "transport", "light")
    maps = {name: getattr(sample, name).astype(np.float32) for name in names}
    maps["parts"] = sample.parts.astype(np.float32)
    return map_row(sample.plate.astype(np.float32), maps)


def write_sheet(rows: list[Float32Array], path: Path) -> None:
    """Rows under one another as a PNG, through a temporary name."""
    picture = np.clip(np.concatenate(rows, axis=0) * 255.0 + 0.5, 0, 255).astype(np.uint8)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.png")
    Image.fromarray(picture).save(temporary)
    temporary.replace(path)
