"""One training picture and its truth, drawn from a prepared person: the same for the same (seed, index)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from ...runtime.crop import CROP_SIZE
from ...runtime.head import CROP_HALF_WIDTH_METRES
from ...runtime.light.harmonics import harmonics_rotation
from ...runtime.network_input import exposure_gain
from ...runtime.transfer import LUMINANCE, srgb_from_linear
from ..assets import AssetError, FaceModel
from .appearance import random_appearance
from .backgrounds import random_background
from .body import rotation_yaw_pitch_roll
from .camera_degradation import DECODED_BYTES, BytesArray, beyond_the_frame, photographed
from .lamps import Lamp, random_lamps, vertex_visibility
from .lights import Panorama, StageLight, environment_harmonics, panorama_rotation, synthetic_panorama
from .person import Person, PersonKind, load_person, person_path
from .shading import shade
from .skin import facial_masks
from .surface_maps import SurfaceMaps, draw_surface

MIRROR_SIGNS = np.array([1, 1, 1, -1, -1, 1, 1, -1, 1], np.float32)
"""What x ↦ −x does to each harmonic."""


@dataclass(frozen=True)
class Pose:
    """Where the head is against the crop camera.

    Attributes:
        rotation: (3, 3) crop_camera_from_head.
        offset: (3,) head centre in camera space, metres (z < 0).
        half_width: metres, true half width of the crop at the head's depth.
        mirrored: whether the mesh is mirrored.
    """

    rotation: Float64Array
    offset: Float64Array
    half_width: float
    mirrored: bool

    @property
    def tangent(self) -> float:
        """Half the crop's width at depth one."""
        return self.half_width / -float(self.offset[2])


@dataclass(frozen=True)
class Sample:
    """A picture and its truth; conventions of the portrait network's inputs and outputs.

    Attributes:
        plate: (3, h, w) float16 sRGB-encoded after the gain.
        albedo: (3, h, w) float16 linear.
        normal: (3, h, w) float16 crop camera axes.
        depth: (h, w) float16, behind the head centre, in units of the crop's true half width.
        matte: (h, w) float16.
        transport: (9, h, w) float16, crop camera axes.
        parts: (h, w) uint8.
        light: (9, 3) float32 in the units of the gained plate.
        head: (9,) float32.
        roughness: (h, w) float16.
    """

    plate: np.ndarray[tuple[int, ...], np.dtype[np.float16]]
    albedo: np.ndarray[tuple[int, ...], np.dtype[np.float16]]
    normal: np.ndarray[tuple[int, ...], np.dtype[np.float16]]
    depth: np.ndarray[tuple[int, ...], np.dtype[np.float16]]
    matte: np.ndarray[tuple[int, ...], np.dtype[np.float16]]
    transport: np.ndarray[tuple[int, ...], np.dtype[np.float16]]
    parts: BytesArray
    light: Float32Array
    head: Float32Array
    roughness: np.ndarray[tuple[int, ...], np.dtype[np.float16]]


def random_pose(random: np.random.Generator) -> Pose:
    """Yaw to ±60° (mostly under 40°), pitch to ±30°, roll to ±8°, lens from 8° to 40°, with jitter of the crop."""
    yaw = np.deg2rad(np.clip(random.normal() * 24.0, -60.0, 60.0))
    pitch = np.deg2rad(np.clip(random.normal() * 11.0, -30.0, 30.0))
    roll = np.deg2rad(np.clip(random.normal() * 4.0, -8.0, 8.0))
    half_angle = 0.5 * np.deg2rad(np.exp(random.uniform(np.log(8.0), np.log(40.0))))
    half_width = CROP_HALF_WIDTH_METRES * float(np.clip(np.exp(random.normal() * 0.08), 0.85, 1.17))
    distance = half_width / np.tan(half_angle)
    shift = random.uniform(-0.08, 0.08, 2) * half_width
    mirrored = bool(random.uniform() < 0.5)
    return Pose(rotation_yaw_pitch_roll(yaw, pitch, roll), np.array([*shift, -distance]), half_width, mirrored)


def mesh_rotation(pose: Pose) -> Float64Array:
    """(3, 3) orthogonal, camera from the mesh's axes: mirrors x first when the pose is mirrored."""
    return pose.rotation * (np.array([-1.0, 1.0, 1.0]) if pose.mirrored else 1.0)


def turned_transport(transport: Float32Array, pose: Pose) -> Float32Array:
    """(h, w, 9) transport from the mesh's head axes to the crop camera's."""
    turn = harmonics_rotation(pose.rotation) * (MIRROR_SIGNS if pose.mirrored else 1.0)
    turned: Float32Array = transport @ turn.T.astype(np.float32)
    return turned


@dataclass(frozen=True)
class Stage:
    """Everything that samples are drawn from.

    Attributes:
        folder: prepared people.
        seed: of the people and the samples.
        variants: how many are used: indices 0 to variants − 1.
        panoramas: environments.
        masks: `skin.facial_masks`.
        relights: pictures drawn from each view of a person, under as many lights.
        size: pixels.
        first_variant: index of the first one used.
    """

    folder: Path
    seed: int
    variants: int
    panoramas: tuple[Panorama, ...]
    masks: Float32Array
    relights: int = 2
    size: int = CROP_SIZE
    first_variant: int = 0

    def __post_init__(self) -> None:
        """Refuse a stage without environments or people."""
        if not self.panoramas or self.variants < 1:
            raise AssetError(
                f"The stage has {len(self.panoramas)} environments and {self.variants} people; "
                "at least one of each is needed: run `chiaro-train prepare` and check the hdri folder."
            )

    def view(self, index: int) -> list[Sample]:
        """The pictures of one view: (seed, index) decides everything."""
        random = np.random.default_rng((self.seed, 104729, index))
        chosen = self.first_variant + int(random.integers(self.variants))
        person = load_person(person_path(self.folder, PersonKind.ICT, self.seed, chosen))
        return list(_draw_view(self, person, random))


def make_stage(
    model: FaceModel,
    panoramas: tuple[Panorama, ...],
    folder: Path,
    *,
    seed: int,
    variants: int,
    first_variant: int = 0,
    relights: int = 2,
) -> Stage:
    """A stage with the model's facial masks."""
    return Stage(folder, seed, variants, panoramas, facial_masks(model), relights, CROP_SIZE, first_variant)


@dataclass(frozen=True)
class _View:
    """One person as one camera sees them, under no light yet.

    Attributes:
        maps: what the camera sees, with the visibility of the lamps of all pictures.
        transport: (h, w, 9) camera axes.
        matrix: (3, 3) camera from mesh.
        pose: of the head.
        truth: the maps that all pictures of the view share.
    """

    maps: SurfaceMaps
    transport: Float32Array
    matrix: Float64Array
    pose: Pose
    truth: dict[str, np.ndarray]  # type: ignore[type-arg]  # arrays of several types


def _draw_view(stage: Stage, person: Person, random: np.random.Generator) -> Iterator[Sample]:
    pose = random_pose(random)
    matrix = mesh_rotation(pose)
    lamp_sets = [random_lamps(random, matrix.T) for _ in range(stage.relights)]
    lamps = tuple(lamp for lamp_set in lamp_sets for lamp in lamp_set)
    maps = draw_surface(
        person,
        camera_from_head=matrix,
        offset=pose.offset,
        tangent=pose.tangent,
        size=stage.size,
        appearance=random_appearance(random),
        masks=stage.masks,
        visibility=vertex_visibility(lamps, person.visibility, person.normals),
    )
    transport = turned_transport(maps.transport, pose)
    view = _View(maps, transport, matrix, pose, _truth_maps(maps, transport, pose))
    first = 0
    for lamp_set in lamp_sets:
        yield _draw_picture(stage, view, lamp_set, first, random)
        first += len(lamp_set)


def _truth_maps(maps: SurfaceMaps, transport: Float32Array, pose: Pose) -> dict[str, np.ndarray]:  # type: ignore[type-arg]  # arrays of several types
    half = np.float16
    depth = (maps.depth + np.float32(pose.offset[2])) / np.float32(pose.half_width)
    return {
        "albedo": maps.albedo.transpose(2, 0, 1).astype(half),
        "normal": maps.normal.transpose(2, 0, 1).astype(half),
        "depth": np.where(maps.matte > 0, depth, 0.0).astype(half),
        "matte": maps.matte.astype(half),
        "transport": transport.transpose(2, 0, 1).astype(half),
        "parts": maps.parts,
        "roughness": maps.roughness.astype(half),
    }


def random_light(
    stage: Stage, random: np.random.Generator, lamps: tuple[Lamp, ...], matrix: Float64Array
) -> tuple[StageLight, Panorama, Float64Array]:
    """A light, the panorama for the background, and panorama_from_camera."""
    lean = rotation_yaw_pitch_roll(0.0, float(random.normal() * 0.12), 0.0)
    turn = panorama_rotation(random, lean)
    panorama = stage.panoramas[random.integers(len(stage.panoramas))]
    small, glossy = panorama.small, panorama.glossy
    if random.uniform() < 0.2:
        small = synthetic_panorama(random)
        glossy = np.broadcast_to(small, glossy.shape)
    harmonics = environment_harmonics(small, turn)
    share = random.beta(0.5, 0.5)
    if random.uniform() < 0.5:
        other = stage.panoramas[random.integers(len(stage.panoramas))]
        harmonics = share * harmonics + (1 - share) * environment_harmonics(
            other.small, panorama_rotation(random, lean)
        )
    # With lamps the environment is often only the fill.
    level = np.exp(random.uniform(np.log(0.08), np.log(1.5))) if lamps else 1.0
    tint = np.exp(random.normal(size=3) * 0.08)
    light = StageLight(
        harmonics * level * tint,
        (glossy * np.float32(level) * tint.astype(np.float32)).astype(np.float32),
        turn,
        np.array([matrix @ lamp.direction for lamp in lamps]).reshape(-1, 3),
        np.array([lamp.irradiance for lamp in lamps]).reshape(-1, 3),
    )
    return light, panorama, turn


def random_exposure(
    maps: SurfaceMaps, transport: Float32Array, harmonics: Float64Array, random: np.random.Generator
) -> float:
    """Sets the mean radiance of a white surface in the person's place to about 0.55, give or take a stop."""
    covered = maps.matte[::4, ::4] > 0.5
    shading = np.maximum(transport[::4, ::4][covered] @ harmonics.astype(np.float32), 0.0) @ LUMINANCE
    mean = float(shading.mean()) if shading.size else 1.0
    return float(np.exp(np.log(0.62) + random.normal() * 0.45)) / max(mean, 1e-3)


def _draw_picture(
    stage: Stage, view: _View, lamps: tuple[Lamp, ...], first_lamp: int, random: np.random.Generator
) -> Sample:
    """One picture of a view under its own lamps, whose visibility begins at column `first_lamp` of the maps."""
    maps, pose = view.maps, view.pose
    light, panorama, turn = random_light(stage, random, lamps, view.matrix)
    exposure = random_exposure(maps, view.transport, light.harmonics, random)
    balance = np.exp(random.normal(size=3) * np.array([0.06, 0.02, 0.08]))
    light = light.scaled(exposure * balance)
    background = random_background(random, panorama, turn, pose.tangent, stage.size)
    background = background * (np.exp(random.normal() * 0.4) * 0.6 * balance).astype(np.float32)
    visibility = np.ascontiguousarray(maps.visibility[..., first_lamp : first_lamp + len(lamps)])
    person = shade(replace(maps, visibility=visibility), view.transport, light, gloss=float(random.uniform(0.5, 1.6)))
    matte = maps.matte[..., None]
    codes = beyond_the_frame(photographed(person * matte + background * (1.0 - matte), random), random)
    linear = DECODED_BYTES[codes]
    gain = exposure_gain(linear)
    plate = srgb_from_linear(DECODED_BYTES * np.float32(gain)).astype(np.float16)[codes]
    centre = pose.offset[:2] / pose.half_width
    scale = np.log(pose.half_width / CROP_HALF_WIDTH_METRES)
    head = np.concatenate([pose.rotation[:, 0], pose.rotation[:, 1], centre, [scale]])
    return Sample(
        plate=np.ascontiguousarray(plate.transpose(2, 0, 1)),
        light=(light.harmonics * gain).astype(np.float32),
        head=head.astype(np.float32),
        **view.truth,
    )
