"""How the product's lamps light people, against the stage's own picture under each lamp alone, part by part.

Relit pictures mix this with the albedo, the plate's own light and the exposure; here only what a lamp does to a white
surface is compared, and what is mirrored of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import BoolArray, Float32Array
from ...runtime.errors import HeadError
from ...runtime.light.lamps import lamp_irradiance
from ...runtime.light.light import Light, SunLamp
from ...runtime.light.shade import shade
from ...runtime.light.shadows import blockers_of, lamp_visibility
from ...runtime.light.surface import lit_surface
from ..lightstage.parts import PartClass
from ..lightstage.pose import mesh_rotation
from ..lightstage.stage import Stage
from ..lightstage.view import lit
from .held_out import FIRM, HeldOutCase, held_out_case, lone_lamp
from .held_out_measures import perfect, prepared
from .product import Contestant, PreparedPlate
from .stage_plate import product_light

DIRECTIONS = {"front": (35.0, 30.0), "side": (90.0, 20.0), "rim": (145.0, 30.0), "behind": (165.0, 50.0)}
"""Degrees to the person's left of the camera, and above."""
RADIUS = 0.02
"""Angular radius of the lamps, radians."""
PARTS = {"skin": PartClass.SKIN, "hair": PartClass.HAIR, "clothing": PartClass.CLOTHING}
SHOWN_POWER = 1.0 / 2.2
"""Errors are compared as a display shows them."""
IN_SHADOW = 0.4
"""Share of an unshadowed surface's light below which the stage's picture is in shadow."""
FACING = 0.25
"""Cosine from which on a surface is asked whether it lies in shadow."""
LEAST_PIXELS = 100

Numbers = dict[str, float]


@dataclass(frozen=True)
class LampTruth:
    """A person under one lamp.

    Attributes:
        lamp: world axes, of the product.
        shading: (h, w) what a white diffuse surface sends, mean of the channels.
        specular: (h, w) what is mirrored.
    """

    lamp: SunLamp
    shading: Float32Array
    specular: Float32Array


def lamp_truths(case: HeldOutCase) -> dict[str, LampTruth]:
    """The stage's picture of a case under each of DIRECTIONS."""
    truths = {}
    for name, (side, height) in DIRECTIONS.items():
        light = lone_lamp(np.deg2rad(side), np.deg2rad(height), RADIUS)
        picture = lit(case.view, light.on(mesh_rotation(case.view.pose)))
        lamp = product_light(light).lamps[0]
        assert isinstance(lamp, SunLamp)  # noqa: S101 - tells the type checker that a distant lamp is a sun
        truths[name] = LampTruth(lamp, picture.shading.mean(axis=-1), picture.specular.mean(axis=-1))
    return truths


def measured_lamps(case: HeldOutCase, plate: PreparedPlate, truths: Mapping[str, LampTruth]) -> Numbers:
    """Means and errors of the light of each lamp on each part, and how much of the skin its shadows cover.

    Args:
        case: the picture.
        plate: its scene-linear plate, encoded.
        truths: from `lamp_truths`.

    Returns:
        By "lamp, part, what"; a part of few pixels is left out.
    """
    numbers: Numbers = {}
    firm = case.view.maps.matte > FIRM
    true_normal = perfect(case.clean, case).gbuffer.normal
    for name, truth in truths.items():
        shaded = shade(plate.gbuffer, Light(lamps=(truth.lamp,)))
        ours = {"shading": shaded.shading.mean(axis=-1), "specular": shaded.specular.mean(axis=-1)}
        for part, number in PARTS.items():
            where = firm & (case.view.maps.parts == number)
            if np.count_nonzero(where) < LEAST_PIXELS:
                continue
            for kind, image in ours.items():
                true = getattr(truth, kind)[where]
                numbers[f"{name}, {part}, {kind}, true"] = float(true.mean())
                numbers[f"{name}, {part}, {kind}, ours"] = float(image[where].mean())
                numbers[f"{name}, {part}, {kind}, error"] = shown_error(image[where], true)
        skin = firm & (case.view.maps.parts == PartClass.SKIN)
        numbers |= {
            f"{name}, skin, {what}": value for what, value in shadow_numbers(plate, truth, true_normal, skin).items()
        }
    return numbers


def shown_error(ours: Float32Array, true: Float32Array) -> float:
    """RMSE of radiance as a display shows it."""
    difference = np.maximum(ours, 0.0) ** SHOWN_POWER - np.maximum(true, 0.0) ** SHOWN_POWER
    return float(np.sqrt(np.mean(difference**2)))


def shadow_numbers(plate: PreparedPlate, truth: LampTruth, true_normal: Float32Array, where: BoolArray) -> Numbers:
    """Share of facing skin in shadow, true and ours, and how well the two places agree.

    Args:
        plate: encoded.
        truth: of the lamp.
        true_normal: (h, w, 3) world.
        where: (h, w) skin.
    """
    surface = lit_surface(plate.gbuffer, plate.gbuffer.matte > 0)
    irradiance = lamp_irradiance(truth.lamp, surface.position, surface.normal).mean(axis=-1)
    visible = lamp_visibility(blockers_of(plate.gbuffer), surface, truth.lamp, irradiance > 0)
    full = float(truth.lamp.irradiance.mean())
    cosine = true_normal @ truth.lamp.direction.astype(np.float32)
    facing = where & (cosine > FACING) & (surface.on_pixels(irradiance) > 0.5 * FACING * full)
    if np.count_nonzero(facing) < LEAST_PIXELS:
        return {}
    true = (np.pi * truth.shading / (full * np.maximum(cosine, 1e-3)))[facing] < IN_SHADOW
    ours = surface.on_pixels(visible)[facing] < 0.5
    union = np.count_nonzero(true | ours)
    return {
        "shadow, true": float(true.mean()),
        "shadow, ours": float(ours.mean()),
        "shadow, overlap": float(np.count_nonzero(true & ours) / union) if union else float("nan"),
    }


def measure_lamps(stage: Stage, contestant: Contestant, numbers: Sequence[int]) -> tuple[Numbers, Numbers]:
    """Means over pictures of the benchmark: of the networks' maps, and of the true ones."""
    ours: list[Numbers] = []
    true: list[Numbers] = []
    for number in numbers:
        case = held_out_case(stage, number)
        truths = lamp_truths(case)
        try:
            ours.append(measured_lamps(case, prepared(case.clean, contestant), truths))
        except HeadError:
            continue
        true.append(measured_lamps(case, perfect(case.clean, case), truths))
    return means(ours), means(true)


def means(rows: Sequence[Numbers]) -> Numbers:
    """Of each number over the rows that have it."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: float(np.nanmean([row[name] for row in rows if name in row])) for name in names}


def table(ours: Numbers, true_maps: Numbers) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Heading and rows: a row for each lamp and part, and one for each lamp's shadows on skin."""
    heading = ("lamp, part", "true", "model", "error", "true maps", "error")
    rows = []
    for name in DIRECTIONS:
        for part in PARTS:
            rows += [
                _row(f"{name}, {part}, {kind}", ours, true_maps)
                for kind in ("shading", "specular")
                if f"{name}, {part}, {kind}, true" in ours
            ]
        if f"{name}, skin, shadow, true" in ours:
            label = f"{name}, skin, shadow"
            cells = [ours[f"{label}, true"], ours[f"{label}, ours"], ours[f"{label}, overlap"]]
            cells += [true_maps.get(f"{label}, {what}", float("nan")) for what in ("ours", "overlap")]
            share = [f"{100 * cells[0]:.1f} %", f"{100 * cells[1]:.1f} %", f"overlap {cells[2]:.2f}"]
            rows.append((f"{name}, skin in shadow", *share, f"{100 * cells[3]:.1f} %", f"overlap {cells[4]:.2f}"))
    return heading, rows


def _row(label: str, ours: Numbers, true_maps: Numbers) -> tuple[str, ...]:
    values = [ours[f"{label}, {what}"] for what in ("true", "ours", "error")]
    values += [true_maps.get(f"{label}, {what}", float("nan")) for what in ("ours", "error")]
    return (label, *(f"{value:.3f}" for value in values))
