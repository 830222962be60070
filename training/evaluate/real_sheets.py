"""Sheets of real pictures to look at: maps, lights and cameras of one picture, each under its name."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...runtime.arrays import Float32Array
from ...runtime.crop import cut_crop, inside_plate
from ...runtime.light.harmonics import irradiance_from_harmonics, project_environment
from ...runtime.light.light import Environment, Light, SunLamp
from ...runtime.light.scaled import scaled_light
from ...runtime.network_input import exposure_gain
from ...runtime.orbit import looking_along_y
from ...runtime.output.contact_sheet import write_contact_sheet
from ...runtime.output.picture import depth_picture, normal_picture, shading_picture, weight_picture
from ...runtime.output.png import Picture, srgb_picture
from ...runtime.passes import Passes
from ...runtime.transfer import luminance
from ..sheets import PART_COLOURS
from .product import PreparedPlate
from .real_frames import environment_file, levelled, portrait_camera
from .real_measures import reconstruction

LAMPS = {
    "left": (-0.85, 0.3, 0.4),
    "right": (0.85, 0.3, 0.4),
    "top": (0.0, 0.95, 0.3),
    "back rim": (0.55, 0.45, -0.7),
}
"""Directions towards the lamps, camera axes."""
DAY, NIGHT = "park.hdr", "night.hdr"
YAWS = (-40.0, -20.0, 0.0, 20.0, 40.0)
FILL = 0.06
"""Radiance all around, beside a lamp of irradiance π."""
COLUMNS, CELL = 7, 224
BEYOND = np.uint8(48)
"""Grey of what lies beyond the plate's edges."""
BALL = "own light on a ball"
Cell = tuple[str, Picture]


@dataclass(frozen=True)
class SheetLights:
    """The environments of a sheet."""

    day: Light
    night: Light


def sheet_lights(data: Path | None) -> SheetLights:
    """From the asset folder."""
    return SheetLights(environment_file(data, DAY), environment_file(data, NIGHT))


def lamp_light(*lamps: tuple[tuple[float, float, float], tuple[float, float, float]]) -> Light:
    """Suns (direction in camera axes, irradiance) with a little fill."""
    rotation = looking_along_y()[:3, :3]
    fill = np.full((32, 64, 3), FILL, np.float32)
    suns = []
    for towards, irradiance in lamps:
        direction = rotation @ (np.array(towards) / np.linalg.norm(towards))
        suns.append(SunLamp(direction, np.array(irradiance), angle=np.deg2rad(2.0)))
    return Light(Environment(fill, project_environment(fill)), tuple(suns))


def write_real_sheet(plate: PreparedPlate, lights: SheetLights, path: Path) -> None:
    """Everything about one real picture.

    Args:
        plate: prepared.
        lights: environments.
        path: of the PNG.
    """
    inside = inside_plate(plate.encoding.crop)[..., None] > 0.5
    flat = [*_map_cells(plate), *_light_cells(plate, lights)]
    cells = [(name, picture if name == BALL else np.where(inside, picture, BEYOND)) for name, picture in flat]
    write_contact_sheet(path, [*cells, *_camera_cells(plate, lights)], columns=COLUMNS, cell_width=CELL)


def _gain(plate: PreparedPlate) -> np.float32:
    return np.float32(exposure_gain(cut_crop(plate.plate, plate.encoding.crop)))


def _map_cells(plate: PreparedPlate) -> list[Cell]:
    encoding, crop, gain = plate.encoding, plate.encoding.crop, _gain(plate)
    passes = plate.under(plate.own_light, wanted=frozenset({"albedo", "matte"}))
    matte = encoding.matte
    return [
        ("plate", srgb_picture(cut_crop(plate.plate, crop) * gain)),
        ("albedo, network", srgb_picture(encoding.albedo * matte[..., None])),
        ("albedo pass", srgb_picture(cut_crop(passes.albedo * passes.matte[..., None], crop))),
        ("normal", normal_picture(encoding.normal, matte)),
        ("depth", depth_picture(encoding.depth, matte)),
        ("matte pass", weight_picture(cut_crop(passes.matte[..., None], crop)[..., 0])),
        ("parts", _parts_picture(plate)),
        (BALL, _ball(plate)),
        ("own shading", shading_picture(plate.own.shading, matte)),
        ("own reflection × 4", srgb_picture(plate.own.specular * gain * np.float32(4.0) * matte[..., None])),
        ("rebuilt from the maps", srgb_picture(reconstruction(plate) * gain * matte[..., None])),
        ("openness", weight_picture(encoding.transport[..., 0] / 0.2821 * matte)),
        ("shadowless front light", srgb_picture(_under(plate, lamp_light(((0.0, 0.1, 1.0), (2.5, 2.5, 2.5)))))),
        ("specular (F0 × 10)", weight_picture(10.0 * encoding.specular * matte)),
    ]


def _parts_picture(plate: PreparedPlate) -> Picture:
    encoding = plate.encoding
    if encoding.parts is None:
        return np.zeros((*encoding.matte.shape, 3), np.uint8)
    named = encoding.parts.astype(np.float32) / np.float32(255.0)
    scores = np.concatenate([1.0 - named.sum(axis=-1, keepdims=True), named], axis=-1)
    colours: Picture = np.rint(255.0 * PART_COLOURS[scores.argmax(axis=-1)]).astype(np.uint8)
    return colours


def _ball(plate: PreparedPlate) -> Picture:
    """A white ball under the own light, as the plate's camera sees it."""
    y, x = np.mgrid[1.0:-1.0:256j, -1.0:1.0:256j]
    squared = x * x + y * y
    normal = np.stack([x, y, np.sqrt(np.maximum(1.0 - squared, 0.0))], axis=-1)
    radiance = np.maximum(irradiance_from_harmonics(plate.encoding.light, normal) / np.pi, 0.0)
    disc = (squared < 1.0).astype(np.float32)
    return shading_picture(radiance.astype(np.float32), disc)


def _under(plate: PreparedPlate, light: Light) -> Float32Array:
    """(256, 256, 3) the crop under a light of the plate's level, shown at the crop's exposure."""
    passes = plate.under(levelled(light, plate), wanted=frozenset({"image"}))
    return cut_crop(passes.image[..., :3], plate.encoding.crop) * _gain(plate)


def _light_cells(plate: PreparedPlate, lights: SheetLights) -> list[Cell]:
    white, crop, gain = (np.pi, np.pi, np.pi), plate.encoding.crop, _gain(plate)
    level = _factor(levelled(lamp_light((LAMPS["left"], white)), plate))
    cells = []
    for name, towards in LAMPS.items():
        light = scaled_light(lamp_light((towards, white)), level)
        image = cut_crop(plate.under(light, wanted=frozenset({"image"})).image[..., :3], crop)
        cells.append((name, srgb_picture(image * gain)))
    coloured = lamp_light((LAMPS["left"], (np.pi, 0.25, 0.1)), (LAMPS["right"], (0.1, 0.35, np.pi)))
    cells += [
        ("HDRI day", srgb_picture(_under(plate, lights.day))),
        ("HDRI night", srgb_picture(_under(plate, lights.night))),
        ("red left, blue right", srgb_picture(_under(plate, coloured))),
    ]
    return cells


def _factor(light: Light) -> float:
    """What a lamp light of `lamp_light` was scaled by."""
    return float(luminance(light.environment.radiance).mean()) / FILL if light.environment is not None else 1.0


def _camera_cells(plate: PreparedPlate, lights: SheetLights) -> list[Cell]:
    gain, cells = _gain(plate), []
    for yaw in YAWS:
        passes = plate.turned(portrait_camera(plate, yaw), wanted=frozenset({"image"}))
        cells.append((f"yaw {yaw:+.0f}°", _over_grey(passes, gain)))
    camera = portrait_camera(plate, 20.0)
    day = plate.under(levelled(lights.day, plate), camera, wanted=frozenset({"image", "confidence"}))
    cells.append(("HDRI day, yaw +20°", _over_grey(day, gain)))
    cells.append(("confidence, yaw +20°", weight_picture(day.confidence)))
    return cells


def _over_grey(passes: Passes, gain: np.float32) -> Picture:
    alpha = passes.image[..., 3:]
    return srgb_picture(passes.image[..., :3] * gain * alpha + np.float32(0.05) * (1.0 - alpha))
