"""The pictures of the frozen benchmark with all that is true of them: other light, other cameras.

Relit truth is the renderer's own picture under the new light, before lens and sensor: with soft skin, cast shadows and
highlights. New light is brought to the level at which the person is as bright on average as in the plate.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...runtime.arrays import AnyFloatArray, BoolArray, Float32Array, Float64Array
from ...runtime.camera import Camera
from ...runtime.light.light import Light
from ...runtime.plate.colour import linear_from_srgb
from ...runtime.transfer import luminance
from ..benchmark import FIRST_SAMPLE, SEED
from ..configuration import RunConfiguration
from ..lightstage.illumination import Lamps, split_environment
from ..lightstage.lights import SceneLight
from ..lightstage.panorama import SMALL_HEIGHT, Panorama, panorama_rotation
from ..lightstage.parts import PartClass
from ..lightstage.person import BytesArray
from ..lightstage.picture import over, photograph_clip, random_shot, view_exposure
from ..lightstage.pose import mesh_rotation
from ..lightstage.stage import Stage
from ..lightstage.view import View, draw_view, lit
from ..stages import held_out_stage
from .stage_plate import StagePlate, moved_camera, moved_from_plate, product_light, stage_plate

EVALUATION_STREAM = 49979687
YAWS = (-20.0, 20.0)
"""Degrees by which the camera is carried around the head."""
FIRM = 0.9
"""Matte from which on a pixel counts as inside."""
HARD_RADIUS = 0.01
"""Angular radius of the hard lamp, radians: about twice the sun's."""
HEAD_CLASSES = (PartClass.SKIN, PartClass.LIPS, PartClass.BROWS, PartClass.EYES, PartClass.MOUTH, PartClass.HAIR)
SKIN_CLASSES = (PartClass.SKIN, PartClass.LIPS, PartClass.BROWS)


@dataclass(frozen=True)
class RelitTruth:
    """A light, and what the person looks like under it.

    Attributes:
        light: world axes, in the plate's exposure.
        radiance: (h, w, 3) linear, zero where the matte is.
    """

    light: Light
    radiance: Float32Array


@dataclass(frozen=True)
class MovedTruth:
    """What another camera sees under the plate's own light.

    Attributes:
        camera: in the product's world.
        view: the maps.
        radiance: (h, w, 3) linear, in the plate's exposure.
        known: (h, w) where the surface lies in what the plate's camera recorded, hidden or not.
    """

    camera: Camera
    view: View
    radiance: Float32Array
    known: BoolArray


@dataclass(frozen=True)
class HeldOutCase:
    """A picture of the benchmark and its truth.

    Attributes:
        index: of the benchmark's sample.
        plate: as the benchmark's camera recorded it: lens, sensor, tone curve, codec.
        clean: the same moment, light and exposure as a scene-linear plate without a camera's traces.
        view: its maps.
        own: (h, w, 3) clean radiance in the plate's exposure.
        light: (9, 3) own light, crop camera's axes, in the plate's exposure.
        environment: under a held-out environment.
        lamp: under one hard lamp.
        moved: from cameras at YAWS.
    """

    index: int
    plate: StagePlate
    clean: StagePlate
    view: View
    own: Float32Array
    light: Float64Array
    environment: RelitTruth
    lamp: RelitTruth
    moved: tuple[MovedTruth, ...]

    @property
    def inside(self) -> BoolArray:
        """(h, w) firmly the person, and recorded."""
        return (self.view.maps.matte > FIRM) & self.plate.recorded

    @property
    def skin(self) -> BoolArray:
        """(h, w) where it is skin."""
        return self.inside & np.isin(self.view.maps.parts, SKIN_CLASSES)

    @property
    def head(self) -> BoolArray:
        """(h, w) where it is no clothing."""
        return self.inside & np.isin(self.view.maps.parts, HEAD_CLASSES)

    @property
    def parts(self) -> BytesArray:
        """(h, w) classes of the network: glasses count as clothing."""
        maps = self.view.maps
        parts = np.where(maps.parts == PartClass.GLASSES, PartClass.CLOTHING, maps.parts)
        return np.where(maps.matte > 0.5, parts, PartClass.BACKGROUND).astype(np.uint8)


def benchmark_stage(data: Path | None, cache: Path | None) -> Stage:
    """The stage of the frozen benchmark: held-out people and environments."""
    return replace(held_out_stage(data, cache, RunConfiguration(seed=SEED)), relights=1)


def held_out_case(stage: Stage, number: int) -> HeldOutCase:
    """A picture of the benchmark by its number, and more of the same moment.

    Args:
        stage: `benchmark_stage`.
        number: from 0.
    """
    random = stage.random(FIRST_SAMPLE + number)
    moment = stage.moment(random)
    view = draw_view(moment.subject, moment.pose, stage.size, stage.masks)
    light = stage.light(random, moment)
    shot = random_shot(light.background, stage.size, random)
    photograph = photograph_clip([view], [light], shot)[0]
    matrix = mesh_rotation(view.pose)
    exposed = light.scaled(view_exposure(shot.exposure, view, light.on(matrix).harmonics(matrix)))
    gain = _factor(exposed.on(matrix).harmonics(matrix), photograph.light)
    own = (photograph.lit.radiance * gain).astype(np.float32)
    background = shot.backdrop.drawn(exposed.panorama_from_camera, view.pose.tangent, stage.size)
    background = background * (gain * shot.exposure.background * shot.exposure.balance)
    recorded = linear_from_srgb(photograph.plate.astype(np.float32).transpose(1, 2, 0)).astype(np.float32)
    plate = stage_plate(recorded, view.pose, shot.edges)
    further = np.random.default_rng((stage.seed, EVALUATION_STREAM, number))
    return HeldOutCase(
        index=number,
        plate=plate,
        clean=stage_plate(over(own, view.maps.matte, background), view.pose, shot.edges),
        view=view,
        own=own,
        light=photograph.light.astype(np.float64),
        environment=relit_truth(view, held_out_environment(stage, further, moment.upright_from_camera), own),
        lamp=relit_truth(view, hard_lamp(further), own),
        moved=tuple(_moved(stage, view, exposed.scaled(gain), plate, np.deg2rad(yaw)) for yaw in YAWS),
    )


def _factor(before: AnyFloatArray, after: AnyFloatArray) -> float:
    """The one number that light was multiplied with."""
    return float((before * after).sum() / (before * before).sum())


def held_out_environment(stage: Stage, random: np.random.Generator, upright_from_camera: Float64Array) -> SceneLight:
    """One held-out environment at a random turn."""
    panorama = stage.panoramas[int(random.integers(len(stage.panoramas)))]
    return SceneLight(panorama.environment, panorama_rotation(random, upright_from_camera), Lamps.none(), panorama)


def hard_lamp(random: np.random.Generator) -> SceneLight:
    """One white distant lamp from the front half, 10° to 60° above and 15° to 80° to a side, and darkness else."""
    side, height = np.deg2rad(random.uniform(15.0, 80.0)), np.deg2rad(random.uniform(10.0, 60.0))
    side *= random.choice([-1.0, 1.0])
    return lone_lamp(side, height, HARD_RADIUS)


def lone_lamp(side: float, height: float, radius: float) -> SceneLight:
    """One white distant lamp of irradiance π, and darkness else.

    Args:
        side: angle to the picture's right of the camera, radians.
        height: above it, radians.
        radius: of the lamp, radians.
    """
    towards = np.array([np.cos(height) * np.sin(side), np.sin(height), np.cos(height) * np.cos(side)])
    lamps = Lamps(towards[None], np.full(1, np.inf), np.full(1, radius), np.full((1, 3), np.pi))
    dark = np.zeros((SMALL_HEIGHT, 2 * SMALL_HEIGHT, 3), np.float32)
    nothing = Panorama("dark", dark.astype(np.float16), split_environment(dark))
    return SceneLight(nothing.environment, np.eye(3), lamps, nothing)


def relit_truth(view: View, light: SceneLight, own: Float32Array) -> RelitTruth:
    """A view under another light, at the mean brightness of `own` (h, w, 3)."""
    radiance = lit(view, light.on(mesh_rotation(view.pose))).radiance
    inside = view.maps.matte > FIRM
    level = mean_luminance(own, inside) / max(mean_luminance(radiance, inside), 1e-6)
    return RelitTruth(product_light(light.scaled(level)), (radiance * np.float32(level)).astype(np.float32))


def mean_luminance(image: Float32Array, inside: BoolArray) -> float:
    """Of (h, w, 3) inside a mask; 0 where it is empty."""
    return float(luminance(image[inside]).mean(dtype=np.float64)) if inside.any() else 0.0


def _moved(stage: Stage, view: View, light: SceneLight, plate: StagePlate, yaw: float) -> MovedTruth:
    turn = moved_from_plate(view.pose, stage.size, yaw)
    pose = replace(view.pose, rotation=turn @ view.pose.rotation)
    other = draw_view(view.subject, pose, stage.size, stage.masks)
    radiance = lit(other, light.seen_from(turn).on(mesh_rotation(pose))).radiance
    camera = moved_camera(view.pose, stage.size, yaw)
    return MovedTruth(camera, other, radiance, _known(other, turn, plate))


def _known(other: View, turn: Float64Array, plate: StagePlate) -> BoolArray:
    """(h, w) where a moved view's surface lies in what the plate recorded."""
    offset, size = other.pose.offset, plate.size
    points = (other.maps.position.astype(np.float64) - offset) @ turn + offset
    depth = np.maximum(-points[..., 2], 1e-6)
    scale = size / 2 / other.pose.tangent
    column = np.floor(size / 2 + scale * points[..., 0] / depth)
    row = np.floor(size / 2 - scale * points[..., 1] / depth)
    within = (row >= plate.rows.start) & (row < plate.rows.stop)
    within &= (column >= plate.columns.start) & (column < plate.columns.stop)
    known: BoolArray = within & (other.maps.matte > FIRM)
    return known
