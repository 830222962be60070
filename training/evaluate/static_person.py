"""A person who does not move: jitter of the relit frames while their own light speeds by, and under sensor noise."""

from dataclasses import dataclass, replace

import numpy as np

from ...runtime.arrays import BoolArray, Float32Array
from ...runtime.light.light import Light
from ...runtime.plate.colour import linear_from_srgb
from ...runtime.transfer import srgb_from_linear
from ..benchmark import FIRST_SAMPLE
from ..lightstage.camera_degradation import CameraSettings
from ..lightstage.compression import Codec
from ..lightstage.development import Tone
from ..lightstage.light_script import Change, LightScript
from ..lightstage.picture import photograph_clip, random_shot
from ..lightstage.pose import mesh_rotation
from ..lightstage.sensor import Grain
from ..lightstage.stage import Stage
from ..lightstage.view import draw_view, lit
from .held_out import EVALUATION_STREAM, FIRM, held_out_environment, mean_luminance
from .picture_measures import jitter, shown
from .product import Encoder, PreparedPlate
from .stage_plate import StagePlate, product_light, stage_plate

SPEEDS = (1, 2, 4, 7, 10)
STEP_DEGREES = 4.0
"""Turn of the person's own light from frame to frame at speed 1."""
NOISE = 0.01
"""Deviation of the noise between copies of one frame, in encoded values: some ISO 800."""


@dataclass(frozen=True)
class StaticShots:
    """Shots of one person, one for each speed, and the light to relight them with.

    Attributes:
        shots: (S,) of (F,) plates; all frames of one shot differ in their own light only.
        noisy: (F,) copies of the first frame with noise.
        light: new light, world axes.
        truth: (h, w, 3) linear radiance under it.
        inside: (h, w).
    """

    shots: tuple[tuple[StagePlate, ...], ...]
    noisy: tuple[StagePlate, ...]
    light: Light
    truth: Float32Array
    inside: BoolArray


def plain_camera() -> CameraSettings:
    """A good camera: a little softness, no noise, no codec."""
    return CameraSettings(
        clean=False, softness=0.4, motion=(0.0, 0.0), barrel=0.0, fringe=0.0, vignette=0.0, vignette_centre=(0.0, 0.0),
        grain=Grain.NONE, noise=0.0, saturation=1.0, tone=Tone.PLAIN, tone_amount=0.0, sharpening=0.0,
        sharpening_radius=1.0, resolution=1.0, codec=Codec.NONE, quality=95, quantiser=17, full_chroma=True,
    )  # fmt: skip


def static_shots(stage: Stage, number: int, frames: int) -> StaticShots:
    """A person of the benchmark's picture `number`, before a plain camera.

    Their own light turns about the vertical, `speed` times STEP_DEGREES from frame to frame.
    """
    random = stage.random(FIRST_SAMPLE + number)
    moment = stage.moment(random)
    view = draw_view(moment.subject, moment.pose, stage.size, stage.masks)
    own = stage.light(random, moment)
    shot = replace(random_shot(own.background, stage.size, random), camera=plain_camera(), edges=_all(stage.size))
    shots = []
    for speed in SPEEDS:
        turn = np.deg2rad(STEP_DEGREES * speed) * np.arange(frames)
        nothing = np.zeros((frames, 2))
        script = LightScript(Change.TURNING, own, own, np.ones(frames), turn, nothing, moment.upright_from_camera)
        photographs = photograph_clip([view] * frames, [script.at(frame) for frame in range(frames)], shot)
        gains = [np.abs(photograph.light[0]).mean() for photograph in photographs]
        linear = [linear_from_srgb(p.plate.astype(np.float32).transpose(1, 2, 0)) for p in photographs]
        level = [one * np.float32(gains[0] / gain) for one, gain in zip(linear, gains, strict=True)]
        shots.append(tuple(stage_plate(one.astype(np.float32), view.pose, shot.edges) for one in level))
    inside = view.maps.matte > FIRM
    further = np.random.default_rng((stage.seed, EVALUATION_STREAM, number, 1))
    light = held_out_environment(stage, further, moment.upright_from_camera)
    truth = lit(view, light.on(mesh_rotation(view.pose))).radiance
    level_of = mean_luminance(shots[0][0].image, inside) / max(mean_luminance(truth, inside), 1e-6)
    return StaticShots(
        tuple(shots),
        noisy_copies(shots[0][0], frames, further),
        product_light(light.scaled(level_of)),
        truth * np.float32(level_of),
        inside,
    )


def _all(size: int) -> tuple[int, int, int, int]:
    return 0, size - 1, 0, size - 1


def noisy_copies(plate: StagePlate, count: int, random: np.random.Generator) -> tuple[StagePlate, ...]:
    """Copies of a plate, each with its own noise and in eight bits."""
    encoded = srgb_from_linear(plate.image)
    copies = []
    for _ in range(count):
        codes = np.rint(255.0 * np.clip(encoded + random.normal(size=encoded.shape) * NOISE, 0.0, 1.0)) / 255.0
        copies.append(replace(plate, image=linear_from_srgb(codes).astype(np.float32)))
    return tuple(copies)


def relit_jitter(shots: StaticShots, plates: tuple[StagePlate, ...], encoder: Encoder) -> float:
    """Jitter of plates of one shot under the new light.

    Raises:
        HeadError: the head is turned too far for the product.
    """
    encoder.begin()
    pictures = []
    for plate in plates:
        ready = PreparedPlate(plate.image, plate.camera, encoder.encode(plate.image, plate.camera, plate.box))
        image = ready.under(shots.light, wanted=frozenset({"image"})).image[..., :3]
        pictures.append(shown(image, shots.truth, shots.inside))
    return jitter(pictures, shots.inside)


def plate_jitter(shots: StaticShots, plates: tuple[StagePlate, ...]) -> float:
    """Jitter of the plates themselves."""
    return jitter([shown(plate.image, shots.truth, shots.inside) for plate in plates], shots.inside)
