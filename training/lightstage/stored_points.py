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

IndexArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
COUNT = 4096
POINT_STREAM = 198491317
FAR_METRES = 0.008
"""Distance from the surface from which a point tells of the shape as a whole."""
INSIDE_SHARE, OUTSIDE_SHARE = 0.25, 0.35
"""Of the chosen points, of those far inside and far outside, as far as there are so many.

Seven in ten stored points lie nearer than FAR_METRES. Taken as they lie, they teach where the surface is and leave it
open whether there is anything at all behind a head.
"""


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
        """Some points from near and far, in the coordinates of a crop; see OUTSIDE_SHARE.

        Raises:
            ValueError: fewer points than `count` are kept.
        """
        rows = balanced_rows(random, self.signed_distance, count)
        single = {field.name: getattr(self, field.name)[rows] for field in fields(StoredPoints)}
        arrays = {name: value if name == "valid" else value.astype(np.float32) for name, value in single.items()}
        return in_crop(PointTruth(**arrays), pose)


def balanced_rows(random: np.random.Generator, signed_distance: HalfArray, count: int) -> IndexArray:
    """(count,) different rows with their shares of points far inside and far outside, the others as they come.

    The points lie in random order, so a stretch of them is a random choice.

    Raises:
        ValueError: there are fewer rows than `count`.
    """
    if len(signed_distance) < count:
        raise ValueError(f"{len(signed_distance)} points are kept, and {count} are wanted.")
    order = np.roll(np.arange(len(signed_distance)), -int(random.integers(len(signed_distance))))
    turned = signed_distance[order]
    inside = order[turned < -FAR_METRES][: round(INSIDE_SHARE * count)]
    outside = order[turned > FAR_METRES][: round(OUTSIDE_SHARE * count)]
    near = order[np.abs(turned) <= FAR_METRES]
    others = np.setdiff1d(order, np.concatenate([inside, outside, near]), assume_unique=True)
    rows: IndexArray = np.concatenate([inside, outside, near, others])[:count]
    return rows


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
