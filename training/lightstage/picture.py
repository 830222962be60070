"""A picture: a view under a light, before a background, through a camera."""

from dataclasses import dataclass, replace

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array, Float64Array
from ...runtime.network_input import exposure_gain
from ...runtime.transfer import LUMINANCE, srgb_from_linear
from .backgrounds import random_background
from .camera_degradation import (
    DECODED_BYTES,
    CameraSettings,
    frame_edges,
    photographed_clip,
    random_camera,
    repeated_beyond,
    through_the_lens,
)
from .illumination import Lamps
from .lights import SceneLight, small_environment
from .panorama import Panorama
from .pose import mesh_rotation
from .scenery import random_scenery
from .shading import Picture
from .view import View, lit

HalfArray = np.ndarray[tuple[int, ...], np.dtype[np.float16]]
MIDDLE_EXPOSURE = 0.7
"""Mean linear radiance of a white surface in the person's place at an ordinary exposure."""
MIDDLE_ALBEDO = 0.25
"""Mean albedo of a person whom a camera exposes so."""


@dataclass(frozen=True)
class Exposure:
    """What the photographer set.

    Attributes:
        level: mean radiance that a white surface in the person's place shall have, for a person of middle albedo.
        metering: how far the camera makes up for a person's albedo: 0 not at all, 1 wholly.
        balance: (3,) factors of the white balance.
        background: factor on the background.
    """

    level: float
    metering: float
    balance: Float64Array
    background: float


def random_exposure(random: np.random.Generator) -> Exposure:
    """Mostly within a stop of the middle; 9 % up to four stops under, 8 % up to one and a half over."""
    level = np.log(MIDDLE_EXPOSURE) + random.normal() * 0.42
    kind = random.uniform()
    if kind < 0.09:
        level -= random.uniform(1.0, 4.0) * np.log(2.0)
    elif kind < 0.17:
        level += random.uniform(0.5, 1.5) * np.log(2.0)
    balance = np.exp(random.normal(size=3) * np.array([0.07, 0.02, 0.09]))
    background = float(np.exp(random.normal() * 0.4) * 0.6)
    return Exposure(float(np.exp(level)), float(random.uniform(0.0, 0.8)), balance, background)


def exposure_factor(
    exposure: Exposure, transport: Float32Array, albedo: Float32Array, harmonics: Float64Array
) -> Float64Array:
    """(3,) factor on the light that brings the person to the wanted exposure.

    Args:
        exposure: what is wanted.
        transport: (N, 9) of some covered pixels, camera axes.
        albedo: (N, 3) of the same.
        harmonics: (9, 3) camera axes.
    """
    shading = np.maximum(transport @ harmonics.astype(np.float32), 0.0) @ LUMINANCE
    mean = float(shading.mean()) if shading.size else 1.0
    tone = float((albedo @ LUMINANCE).mean()) if albedo.size else MIDDLE_ALBEDO
    level = exposure.level * (MIDDLE_ALBEDO / max(tone, 0.02)) ** exposure.metering
    factor: Float64Array = level / max(mean, 1e-3) * exposure.balance
    return factor


def view_exposure(exposure: Exposure, view: View, harmonics: Float64Array) -> Float64Array:
    """(3,) `exposure_factor` of a view, from every fourth row and column."""
    covered = view.maps.matte[::4, ::4] > 0.5
    return exposure_factor(exposure, view.transport[::4, ::4][covered], view.maps.albedo[::4, ::4][covered], harmonics)


@dataclass(frozen=True)
class Backdrop:
    """What stands behind the person in every frame of a shot.

    Attributes:
        random_state: seed of everything random about it, so that frames of a shot agree.
        panorama: it may show.
        scenery: whether it is a room or a street made of shapes, which the benchmark does not have.
    """

    random_state: int
    panorama: Panorama
    scenery: bool = False

    def drawn(self, panorama_from_camera: Float64Array, tangent: float, size: int) -> Float32Array:
        """(size, size, 3) linear background as a camera sees it."""
        random = np.random.default_rng(self.random_state)
        if self.scenery:
            return random_scenery(random, size)
        return random_background(random, self.panorama, panorama_from_camera, tangent, size)


@dataclass(frozen=True)
class Shot:
    """How a person under a light becomes a plate: the same for all frames of a shot.

    Attributes:
        exposure: level and white balance.
        backdrop: behind the person.
        camera: lens, sensor, codec.
        edges: of the plate inside the crop, see `frame_edges`.
        noise_state: seed of the sensor's noise.
    """

    exposure: Exposure
    backdrop: Backdrop
    camera: CameraSettings
    edges: tuple[int, int, int, int]
    noise_state: int


def random_shot(panorama: Panorama, size: int, random: np.random.Generator) -> Shot:
    """A photographer, a place (which may show the panorama) and a camera."""
    return Shot(
        exposure=random_exposure(random),
        backdrop=Backdrop(int(random.integers(2**62)), panorama),
        camera=random_camera(random),
        edges=frame_edges(size, random),
        noise_state=int(random.integers(2**62)),
    )


def over(person: AnyFloatArray, matte: Float32Array, background: AnyFloatArray) -> Float32Array:
    """(h, w, 3) person, unpremultiplied, over a background."""
    alpha = matte[..., None]
    result: Float32Array = (person * alpha + background * (1.0 - alpha)).astype(np.float32)
    return result


def exposed_clip(frames: list[Float32Array], shot: Shot) -> list[Float32Array]:
    """Frames (n, n, 3), scene-linear at the plate's exposure, as the linear plates that the camera leaves of them."""
    random = np.random.default_rng(shot.noise_state)
    if shot.camera.clean:
        clean = [through_the_lens(frame, replace(shot.camera, sharpening=0.0), random) for frame in frames]
        return [repeated_beyond(frame, shot.edges) for frame in clean]
    codes = photographed_clip(frames, shot.camera, random)
    return [DECODED_BYTES[repeated_beyond(code, shot.edges)] for code in codes]


def encoded_plate(linear: Float32Array) -> tuple[HalfArray, float]:
    """(3, h, w) what the network is shown of a linear plate, and the gain that it is shown with."""
    gain = exposure_gain(linear)
    plate = srgb_from_linear(linear * np.float32(gain)).astype(np.float16)
    return np.ascontiguousarray(plate.transpose(2, 0, 1)), gain


@dataclass(frozen=True)
class Photograph:
    """A view, lit and photographed; light in the units of the plate that the network is shown.

    Attributes:
        plate: (3, h, w) float16 sRGB-encoded after the gain.
        light: (9, 3) radiance harmonics, camera axes.
        environment: (16, 16, 3) radiance, see `lights.small_environment`.
        lamps: without the environment's suns, camera axes.
        lit: the person's clean radiance, diffuse and specular, before lens and sensor; zero where the matte is.
    """

    plate: HalfArray
    light: Float32Array
    environment: Float32Array
    lamps: Lamps
    lit: Picture


def photograph_clip(views: list[View], lights: list[SceneLight], shot: Shot) -> list[Photograph]:
    """The frames of one shot.

    Args:
        views: of each frame.
        lights: of each frame, in that frame's camera axes. The exposure is set on the first and then kept.
        shot: how they are photographed.
    """
    first, matrix = views[0], mesh_rotation(views[0].pose)
    harmonics = lights[0].on(matrix).harmonics(matrix)
    factor = view_exposure(shot.exposure, first, harmonics)
    exposed = [light.scaled(factor) for light in lights]
    persons, scenes = [], []
    for view, light in zip(views, exposed, strict=True):
        person = lit(view, light.on(mesh_rotation(view.pose)))
        size = view.maps.matte.shape[0]
        background = shot.backdrop.drawn(light.panorama_from_camera, view.pose.tangent, size)
        background = background * (shot.exposure.background * shot.exposure.balance)
        persons.append(person)
        scenes.append(over(person.radiance, view.maps.matte, background))
    frames = []
    for plate, view, light, person in zip(exposed_clip(scenes, shot), views, exposed, persons, strict=True):
        encoded, gain = encoded_plate(plate)
        matrix, gained = mesh_rotation(view.pose), light.scaled(gain)
        frames.append(
            Photograph(
                plate=encoded,
                light=gained.on(matrix).harmonics(matrix).astype(np.float32),
                environment=small_environment(gained),
                lamps=gained.lamps,
                lit=person,
            )
        )
    return frames
