"""A drawn view kept on disk with its light taken apart, so that new pictures of it cost a sum.

Light adds up: the radiance under any mixture of environments and coloured lamps is the same mixture of the radiances
under each alone. A stored view holds a few environments and white lamps, each with its shadows and highlights, and the
truth of every covered pixel.
"""

import os
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from ..assets import AssetError
from .illumination import Lamps, SplitEnvironment
from .lamps import random_lamps
from .lights import SceneLight, random_environment
from .panorama import Panorama
from .person import BytesArray
from .pose import Pose, mesh_rotation
from .sample import HalfArray
from .view import View, lit

MARGIN = 8
"""Pixels around the crop that a stored view keeps, for crops that are moved."""
ENVIRONMENTS, LAMPS = 3, 4


@dataclass(frozen=True)
class StoredView:
    """A view of N covered pixels; axes are those of its camera.

    Attributes:
        size: pixels along each side, margin included.
        pixel: (N,) int32 row · size + column.
        matte: (N,) uint8.
        albedo: (N, 3) float16 linear.
        normal: (N, 3) float16 unit.
        depth: (N,) float16 behind the head's centre, in units of the crop's half width.
        transport: (N, 9) float16.
        parts: (N,) uint8.
        roughness: (N,) uint8 of 255.
        specular: (N,) float16 F0.
        radiance: (ENVIRONMENTS + LAMPS, N, 3) float16 under each light alone: environments of mean radiance about 1,
            lamps of irradiance 1.
        harmonics: (ENVIRONMENTS + LAMPS, 9, 3) float32 of each light.
        panorama: (ENVIRONMENTS,) int64 index of the panorama behind each environment.
        panorama_from_camera: (ENVIRONMENTS, 3, 3).
        lamp_behind: (LAMPS,) bool: whether a lamp stands behind the person.
        rotation: (3, 3) camera_from_head.
        offset: (3,) of the head's centre, metres.
        half_width: metres, of the crop without the margin.
        margin: pixels around the crop.
        reduction: pixels of the network's crop to one of these, along each side.
    """

    size: int
    pixel: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
    matte: BytesArray
    albedo: HalfArray
    normal: HalfArray
    depth: HalfArray
    transport: HalfArray
    parts: BytesArray
    roughness: BytesArray
    specular: HalfArray
    radiance: HalfArray
    harmonics: Float32Array
    panorama: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    panorama_from_camera: Float64Array
    lamp_behind: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    rotation: Float64Array
    offset: Float64Array
    half_width: float
    margin: int = MARGIN
    reduction: int = 1

    @property
    def crop_size(self) -> int:
        """Pixels along each side of the crop without the margin."""
        return self.size - 2 * self.margin

    @property
    def pose(self) -> Pose:
        """Of the head, the person's own mirroring undone."""
        return Pose(self.rotation, self.offset, self.half_width, False)


def widened(pose: Pose, size: int) -> Pose:
    """The pose in a crop with a margin: the same camera, a wider picture."""
    return Pose(pose.rotation, pose.offset, pose.half_width * (size + 2 * MARGIN) / size, pose.mirrored)


@dataclass(frozen=True)
class SeparateLights:
    """The lights that a view is lit by one after the other.

    Attributes:
        environments: no lamps, camera axes.
        lamps: white, of irradiance 1, camera axes.
    """

    environments: tuple[SceneLight, ...]
    lamps: Lamps

    def seen_from(self, camera_from_first: Float64Array) -> "SeparateLights":
        """The same lights in the axes of another camera."""
        environments = tuple(light.seen_from(camera_from_first) for light in self.environments)
        return SeparateLights(environments, self.lamps.turned(camera_from_first))

    @property
    def each(self) -> list[SceneLight]:
        """Every light alone: environments, then lamps."""
        return [*self.environments, *(self._lamp(index) for index in range(LAMPS))]

    def _lamp(self, index: int) -> SceneLight:
        one, light = slice(index, index + 1), self.environments[0]
        lamp = Lamps(self.lamps.direction[one], self.lamps.distance[one], self.lamps.radius[one], np.ones((1, 3)))
        dark = SplitEnvironment(np.zeros_like(light.environment.levels), Lamps.none())
        return SceneLight(dark, light.panorama_from_camera, lamp, light.background)


def separate_lights(
    panoramas: tuple[Panorama, ...], upright_from_camera: Float64Array, random: np.random.Generator
) -> SeparateLights:
    """Random environments and lamps."""
    environments = tuple(random_environment(panoramas, random, upright_from_camera) for _ in range(ENVIRONMENTS))
    return SeparateLights(environments, random_lamps(random, LAMPS))


def stored_view(view: View, pose: Pose, lights: SeparateLights, panoramas: tuple[Panorama, ...]) -> StoredView:
    """Light a view by each light alone.

    Args:
        view: drawn at `widened(pose, …)`.
        pose: of the head, for the crop without margin.
        lights: camera axes.
        panoramas: among which the environments' backgrounds are named by their index.
    """
    maps, matrix = view.maps, mesh_rotation(view.pose)
    covered = maps.matte > 0.0
    illuminations = [light.on(matrix) for light in lights.each]
    half = np.float16
    depth = (maps.depth[covered] + np.float32(pose.offset[2])) / np.float32(pose.half_width)
    return StoredView(
        size=maps.matte.shape[0],
        pixel=np.flatnonzero(covered).astype(np.int32),
        matte=_bytes(maps.matte[covered]),
        albedo=maps.albedo[covered].astype(half),
        normal=maps.normal[covered].astype(half),
        depth=depth.astype(half),
        transport=view.transport[covered].astype(half),
        parts=maps.parts[covered],
        roughness=_bytes(maps.roughness[covered]),
        specular=maps.specular[covered].astype(half),
        radiance=np.stack([lit(view, light).radiance[covered].astype(half) for light in illuminations]),
        harmonics=np.stack([light.harmonics(matrix) for light in illuminations]).astype(np.float32),
        panorama=np.array([_index(panoramas, light.background) for light in lights.environments]),
        panorama_from_camera=np.stack([light.panorama_from_camera for light in lights.environments]),
        lamp_behind=lights.lamps.direction[:, 2] < 0.0,
        rotation=pose.rotation,
        offset=pose.offset,
        half_width=pose.half_width,
    )


def _bytes(share: Float32Array) -> BytesArray:
    return np.clip(share * 255.0 + 0.5, 0, 255).astype(np.uint8)


def _index(panoramas: tuple[Panorama, ...], panorama: Panorama) -> int:
    return [candidate.name for candidate in panoramas].index(panorama.name)


def stored_view_path(folder: Path, seed: int, index: int) -> Path:
    """Where a stored view is kept."""
    return folder / "views" / f"view_{seed}_{index:06d}.npz"


def stored_frame_path(folder: Path, seed: int, index: int, frame: int) -> Path:
    """Where a frame of a stored sequence is kept."""
    return folder / "views" / f"sequence_{seed}_{index:06d}_{frame:02d}.npz"


def save_stored_view(view: StoredView, path: Path) -> None:
    """Write a view through a temporary name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.part")
    with temporary.open("wb") as file:
        np.savez(file, **{field.name: np.asarray(getattr(view, field.name)) for field in fields(StoredView)})
    temporary.replace(path)


def load_stored_view(path: Path) -> StoredView:
    """Read a view.

    Raises:
        AssetError: when it has not been prepared.
    """
    if not path.exists():
        raise AssetError(
            f"{path} has not been prepared; run `chiaro-train prepare-views`, or `prepare-small-views` for a small "
            "one, with the same seed and cache first."
        )
    with np.load(path, allow_pickle=False) as archive:
        # Views from before there were small ones name neither margin nor reduction.
        arrays = {field.name: archive[field.name] for field in fields(StoredView) if field.name in archive}
    for name, kind in (("size", int), ("margin", int), ("reduction", int), ("half_width", float)):
        if name in arrays:
            arrays[name] = kind(arrays[name])
    return StoredView(**arrays)
