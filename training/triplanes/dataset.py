"""Batches for the portrait model: pictures of stored views, and points around their people."""

from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from ..assets import AssetError
from ..lightstage.sample import Sample
from ..lightstage.stored_points import load_stored_points, stored_points_path
from ..lightstage.view_store import StoredViews
from ..portrait.dataset import start_worker
from ..portrait.truth import Batch
from ..real_plates import RealPlates

POINTS = 1024
"""Points of each picture's field in a batch."""
MAP_FIELDS = (
    "plate", "albedo", "normal", "depth", "matte", "transport", "parts", "light", "head", "roughness", "specular",
)  # fmt: skip
SINGLE_CHANNEL = ("depth", "matte", "roughness", "specular")
POINT_STREAM, REAL_STREAM = 217645199, 256203161


def point_fields(source: StoredViews, index: int, sample: Sample, random: np.random.Generator) -> dict[str, Any]:
    """Points of a picture's person in its crop's coordinates, as the field's losses want them."""
    stage = source.stage
    stored = load_stored_points(stored_points_path(stage.folder, stage.seed, source.stored(index)))
    truth = stored.chosen(random, POINTS, sample.pose)
    inside = (np.abs(truth.points) <= 1.0).all(axis=1)
    surface_inside = truth.valid & (np.abs(truth.surface) <= 1.0).all(axis=1)
    return {
        "points": truth.points,
        "point_distance": truth.signed_distance,
        "point_valid": inside.astype(np.float32),
        "surface_points": truth.surface,
        "surface_albedo": np.ascontiguousarray(truth.albedo.T),
        "surface_normal": np.ascontiguousarray(truth.normal.T),
        "surface_transport": np.ascontiguousarray(truth.transport.T),
        "surface_valid": surface_inside.astype(np.float32),
    }


class MomentBatches(Dataset[Batch]):
    """Batch b holds the pictures of views b·n … b·n + n − 1, and `reals` crops of real plates where there are any."""

    def __init__(
        self, source: StoredViews, views: int, *, first: int, count: int, real: RealPlates | None = None, reals: int = 0
    ) -> None:
        self.source, self.views, self.first, self.count = source, views, first, count
        self.real, self.reals = real, reals

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Batch:
        start = (self.first + index) * self.views
        rows: list[dict[str, Any]] = []
        for view in range(start, start + self.views):
            random = self.source.stage.random(view, POINT_STREAM)
            for sample in self.source.view(view):
                maps = {name: getattr(sample, name) for name in MAP_FIELDS}
                if sample.environment is None:
                    raise AssetError(
                        f"View {self.source.stored(view)} has no environments; "
                        "run `chiaro-train prepare-views --points`."
                    )
                maps["environment"] = sample.environment
                rows.append(maps | point_fields(self.source, view, sample, random))
        batch = {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in rows[0]}
        for name in SINGLE_CHANNEL:
            batch[name] = batch[name][:, None]
        if self.real is not None:
            random = np.random.default_rng((self.source.stage.seed, REAL_STREAM, self.first + index))
            plates, mattes = zip(*(self.real.drawn(random) for _ in range(self.reals)), strict=True)
            batch["real_plate"] = torch.from_numpy(np.stack(plates))
            batch["real_matte"] = torch.from_numpy(np.stack(mattes))[:, None]
        return batch


def moment_batches(dataset: Dataset[Batch], workers: int) -> DataLoader[Any]:
    """A loader of a data set's batches, in order."""
    return DataLoader(
        dataset,
        batch_size=None,
        num_workers=workers,
        prefetch_factor=3 if workers else None,
        worker_init_fn=start_worker if workers else None,
        multiprocessing_context="fork" if workers else None,
    )
