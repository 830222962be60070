"""Truth at points around the person of a stored view, kept beside it, for networks that learn a field."""

import os
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from ...runtime.arrays import Float32Array
from ..assets import AssetError
from .pose import Pose
from .sample import HalfArray
from .stage import Stage
from .stored_view import stored_view_path
from .view_store import stored_moment
from .volume.person_volume import load_volume, volume_path
from .volume.point_truth import BooleanArray, PointTruth, in_crop, sample_points

COUNT = 4096
POINT_STREAM = 198491317


@dataclass(frozen=True)
class StoredPoints:
    """As `PointTruth`, head frame, in the appearance of the stored view's person; half precision where it suffices."""

    points: Float32Array
    signed_distance: HalfArray
    surface: Float32Array
    normal: HalfArray
    albedo: HalfArray
    transport: HalfArray
    valid: BooleanArray

    def chosen(self, random: np.random.Generator, count: int, pose: Pose) -> PointTruth:
        """A random stretch of the points (they lie in random order) in the coordinates of a crop."""
        rows = (int(random.integers(len(self.points))) + np.arange(count)) % len(self.points)
        single = {field.name: getattr(self, field.name)[rows] for field in fields(StoredPoints)}
        arrays = {name: value if name == "valid" else value.astype(np.float32) for name, value in single.items()}
        return in_crop(PointTruth(**arrays), pose)


def stored_points_path(folder: Path, seed: int, index: int) -> Path:
    """Where the points of a stored view are kept."""
    view = stored_view_path(folder, seed, index)
    return view.with_name(view.name.replace("view_", "points_", 1))


def draw_stored_points(stage: Stage, index: int, count: int = COUNT) -> None:
    """Draw the points of stored view `index` into the cache, unless they are there.

    Raises:
        AssetError: when the volume of its person has not been prepared.
    """
    path = stored_points_path(stage.folder, stage.seed, index)
    if path.exists():
        return
    subject = stored_moment(stage, index).subject
    if subject.file is None:
        raise AssetError(f"The person of view {index} has no file; points need a prepared person with a volume.")
    truth = sample_points(
        subject.person, load_volume(volume_path(subject.file)), stage.random(index, POINT_STREAM), count,
        appearance=subject.appearance, masks=stage.masks, atlas=subject.atlas,
    )  # fmt: skip
    half = {
        name: getattr(truth, name).astype(np.float16) for name in ("signed_distance", "normal", "albedo", "transport")
    }
    whole = {name: getattr(truth, name) for name in ("points", "surface", "valid")}
    temporary = path.with_suffix(f".{os.getpid()}.part")
    with temporary.open("wb") as file:
        np.savez(file, **half, **whole)
    temporary.replace(path)


def load_stored_points(path: Path) -> StoredPoints:
    """Read points.

    Raises:
        AssetError: when they have not been prepared.
    """
    if not path.exists():
        raise AssetError(f"{path} has not been prepared; run `chiaro-train prepare-views --points` first.")
    with np.load(path, allow_pickle=False) as archive:
        return StoredPoints(**{field.name: archive[field.name] for field in fields(StoredPoints)})
