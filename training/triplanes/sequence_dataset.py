"""Clips for the temporal network: stored sequences under new light and camera noise, encoded frame by frame.

The encoder is frozen: the exported one, exactly as the product runs it.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from ...runtime.arrays import Float32Array
from ...runtime.encode import DEFAULT_ROUGHNESS, DEFAULT_SPECULAR
from ...runtime.field.planes import PLANES
from ...runtime.network import Network, load_network
from ...runtime.network_input import coordinate_maps, input_luminance
from ...runtime.temporal.maps import CHANNELS, REDUCTION
from ..lightstage.sample import Sample
from ..lightstage.view_store import StoredSequences
from ..portrait.dataset import start_worker
from ..portrait.truth import Batch

TRUTH_MAPS = ("albedo", "normal", "depth", "transport")


@lru_cache(maxsize=1)
def frozen_encoder(folder: Path) -> Network:
    """The portrait network of a folder, once per process, on one thread.

    Raises:
        WeightsError: it is missing or damaged.
    """
    return load_network("portrait", folder=folder, threads=1, providers=["cpu"])


def plane_channels(encoder: Network) -> tuple[int, int]:
    """Channels of each albedo plane and of each shading plane; zeros for a network without planes."""
    channels = {output.name: output.shape[1] for output in encoder.session.get_outputs()}
    return int(channels.get(PLANES[0], 0)), int(channels.get(PLANES[3], 0))


def reduced(image: Tensor) -> Tensor:
    """(C, h, w) at half the size."""
    return functional.avg_pool2d(image, REDUCTION)


def encoded_frame(sample: Sample, encoder: Network) -> dict[str, Tensor]:
    """What the temporal network sees of a frame: the fields of `temporal_window.Window` without axes N and F."""
    plate = sample.plate.astype(np.float32)
    outputs = encoder.run(plate=np.concatenate([plate, coordinate_maps(*plate.shape[1:])])[None])
    maps = torch.from_numpy(np.concatenate([_output(outputs, name) for name in CHANNELS]))
    planes = [
        np.concatenate([outputs[name][0] for name in kind]) if kind[0] in outputs else np.zeros((0, 64, 64), np.float32)
        for kind in (PLANES[:3], PLANES[3:])
    ]
    return {
        "maps": reduced(maps).half(),
        "luminance": torch.from_numpy(input_luminance(plate))[None].half(),
        "head": torch.from_numpy(outputs["head"][0, :8]),
        "albedo_planes": torch.from_numpy(planes[0]).half(),
        "shading_planes": torch.from_numpy(planes[1]).half(),
    }


def _output(outputs: Any, name: str) -> Float32Array:  # noqa: ANN401 - a mapping of arrays
    """A map (C, h, w) of the encoder's, as `runtime.encode` reads it."""
    if name == "parts":
        parts = outputs["parts"][0, 1:]
        return np.pad(parts, ((0, CHANNELS["parts"] - len(parts)), (0, 0), (0, 0)))
    if name in outputs:
        found: Float32Array = outputs[name][0]
        return found
    default = {"roughness": DEFAULT_ROUGHNESS, "specular": DEFAULT_SPECULAR}[name]
    return np.full((1, *outputs["matte"].shape[2:]), default, np.float32)


def frame_truth(sample: Sample) -> dict[str, Tensor]:
    """Truth at the maps' size: averaged over the matte, so that the background does not bleed in."""
    matte = torch.from_numpy(sample.matte.astype(np.float32))[None]
    small = reduced(matte)
    truth = {"true_matte": small.half()}
    for name in TRUTH_MAPS:
        image = torch.from_numpy(getattr(sample, name).astype(np.float32))
        image = image[None] if image.ndim == 2 else image
        truth[f"true_{name}"] = (reduced(image * matte) / small.clamp_min(1e-3)).half()
    truth["true_light"] = torch.from_numpy(sample.light)
    truth["true_head"] = torch.from_numpy(sample.head)
    return truth


class ClipBatches(Dataset[Batch]):
    """Batch b holds clips b·n … b·n + n − 1, each field (n, F, …)."""

    def __init__(self, source: StoredSequences, encoder: Path, clips: int, *, first: int, count: int) -> None:
        self.source, self.encoder, self.clips, self.first, self.count = source, encoder, clips, first, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Batch:
        torch.set_num_threads(1)
        start = (self.first + index) * self.clips
        clips = [self._clip(clip) for clip in range(start, start + self.clips)]
        return {name: torch.stack([clip[name] for clip in clips]) for name in clips[0]}

    def _clip(self, index: int) -> Batch:
        encoder = frozen_encoder(self.encoder)
        frames = [encoded_frame(sample, encoder) | frame_truth(sample) for sample in self.source.sequence(index)[0]]
        return {name: torch.stack([frame[name] for frame in frames]) for name in frames[0]}


def clip_batches(
    source: StoredSequences, encoder: Path, *, clips: int, first: int, count: int, workers: int
) -> DataLoader[Any]:
    """A loader of batches first … first + count − 1.

    Args:
        source: stored sequences.
        encoder: folder of the exported portrait network.
        clips: in a batch.
        first: index of the first batch, to resume.
        count: number of batches.
        workers: processes that draw and encode.
    """
    return DataLoader(
        ClipBatches(source, encoder, clips, first=first, count=count),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=2 if workers else None,
        worker_init_fn=start_worker if workers else None,
        multiprocessing_context="fork" if workers else None,
    )
