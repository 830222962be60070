"""The sum of losses for a batch of clips: each frame's truth, and agreement with the frame before and the first."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from ..portrait.losses import albedo_loss, depth_loss, normal_loss, rendered, rendering_loss, transport_loss
from ..portrait.truth import Batch
from .temporal import TemporalNetwork
from .temporal_alignment import aligned_motion
from .temporal_losses import (
    head_loss,
    long_term_loss,
    plane_loss,
    short_term_loss,
    visibility,
    with_plane_noise,
)
from .temporal_window import FRAMES, Steadied, Window, named

CLIP = FRAMES + 3
"""Frames of a training clip: the first steadied one, and two neighbours some frames later."""
STEADIED_FRAMES = (FRAMES - 1, CLIP - 2, CLIP - 1)
WEIGHTS: Mapping[str, float] = {
    "albedo": 1.0,
    "normal": 0.6,
    "depth": 0.5,
    "matte": 1.0,
    "transport": 2.0,
    "relit": 1.0,
    "head": 1.0,
    "planes": 0.3,
    "short": 6.0,
    "long": 3.0,
}
SCALES: Mapping[str, float] = {"albedo": 1.0, "normal": 0.5, "depth": 0.5, "matte": 1.0, "transport": 2.0, "relit": 1.0}
"""What a change of one in each map counts in the consistency losses."""
LARGEST_PLANE_NOISE = 0.3


class TrueFrames(NamedTuple):
    """Truth of clips, each (N, F, …) float32."""

    albedo: Tensor
    normal: Tensor
    depth: Tensor
    matte: Tensor
    transport: Tensor
    light: Tensor
    head: Tensor

    def at(self, frame: int) -> dict[str, Tensor]:
        """Of one frame."""
        return {name: value[:, frame] for name, value in self._asdict().items()}


def clip_of(batch: Batch) -> tuple[Window, TrueFrames]:
    """The encoder's answers and the truth of a batch."""
    return (
        Window(*(batch[name].float() for name in Window._fields)),
        TrueFrames(*(batch[f"true_{name}"].float() for name in TrueFrames._fields)),
    )


def true_features(truth: Mapping[str, Tensor]) -> Tensor:
    """(N, 7, h, w) what tells points of the person apart, free of noise: albedo, normal and matte."""
    matte = truth["matte"]
    colour = truth["albedo"].clamp_min(0.0).sqrt() * matte
    return torch.cat([colour, 0.5 * truth["normal"] * matte, 0.5 * matte], dim=1)


def true_motion(present: Mapping[str, Tensor], past: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Motion (N, 2, h, w) between two frames found in their truth, and where it holds (N, 1, h, w)."""
    here, there = true_features(present), true_features(past)
    motion = aligned_motion(here, there)
    return motion, visibility(here, there, motion, present["matte"])


def finished(maps: Tensor) -> dict[str, Tensor]:
    """Maps by name with normals of length one, as the product finishes them (`runtime.temporal.maps.changed`)."""
    piece = named(maps)
    piece["normal"] = functional.normalize(piece["normal"], dim=1, eps=1e-4)
    return piece


def shown(maps: Tensor, light: Tensor) -> dict[str, Tensor]:
    """What flickers for the eye: perceptual albedo, geometry, matte, transport, and the picture under a light."""
    piece = finished(maps)
    relit = rendered(piece["albedo"].clamp_min(0.0), piece["transport"], light)
    return {
        "albedo": piece["albedo"].clamp_min(1e-4).sqrt(),
        "normal": piece["normal"],
        "depth": piece["depth"],
        "matte": piece["matte"],
        "transport": piece["transport"],
        "relit": (relit + 1e-3).sqrt(),
    }


def consistency_losses(results: list[Steadied], truths: list[dict[str, Tensor]], light: Tensor) -> dict[str, Tensor]:
    """Short-term and long-term losses of the last of three steadied frames; before it the neighbour and the first."""
    seen = [shown(result.maps, light) for result in results]
    losses = {}
    for name, other, loss in (("short", 1, short_term_loss), ("long", 0, long_term_loss)):
        with torch.no_grad():
            motion, visible = true_motion(truths[2], truths[other])
        losses[name] = torch.stack(
            [scale * loss(seen[2][kind], seen[other][kind], motion, visible) for kind, scale in SCALES.items()]
        ).sum()
    return losses


def truth_losses(result: Steadied, truth: Mapping[str, Tensor], light: Tensor) -> dict[str, Tensor]:
    """Errors of one steadied frame, so that what is steady is not late."""
    maps, weight = finished(result.maps), truth["matte"]
    relit = rendered(maps["albedo"].clamp_min(0.0), maps["transport"], light)
    return {
        "albedo": albedo_loss(maps["albedo"], truth["albedo"], weight),
        "normal": normal_loss(maps["normal"], truth["normal"], weight),
        "depth": depth_loss(maps["depth"], truth["depth"], weight * (weight > 0.5)),
        "matte": (maps["matte"] - weight).abs().mean(),
        "transport": transport_loss(maps["transport"], truth["transport"], weight),
        "relit": rendering_loss(relit, rendered(truth["albedo"], truth["transport"], light), weight),
        "head": head_loss(result.head, truth["head"]),
    }


def total_loss(network: TemporalNetwork, batch: Batch, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
    """The training objective of a batch of clips.

    Args:
        network: in training mode.
        batch: from `sequence_dataset`, CLIP frames.
        generator: of the planes' noise and of the length of the first window, which may be short as after a cut.

    Returns:
        The loss, and each term for the log.
    """
    clip, truth = clip_of(batch)
    level = LARGEST_PLANE_NOISE * float(torch.rand((), generator=generator))
    noisy = clip._replace(
        albedo_planes=with_plane_noise(clip.albedo_planes, level, generator),
        shading_planes=with_plane_noise(clip.shading_planes, level, generator),
    )
    shortest = int(torch.randint(2, FRAMES + 1, (), generator=generator))
    lengths = (shortest, FRAMES, FRAMES)
    results = [
        network(noisy.frames(frame + 1 - length, frame)) for frame, length in zip(STEADIED_FRAMES, lengths, strict=True)
    ]
    truths = [truth.at(frame) for frame in STEADIED_FRAMES]
    other = torch.roll(truth.light[:, -1], 1, dims=0)
    losses = consistency_losses(results, truths, other)
    each = [truth_losses(result, one, other) for result, one in zip(results, truths, strict=True)]
    losses |= {name: torch.stack([one[name] for one in each]).mean() for name in each[0]}
    if network.albedo_planes:
        losses["planes"] = torch.stack(
            [
                plane_loss(getattr(result, kind), getattr(clip, kind)[:, frame])
                for kind in ("albedo_planes", "shading_planes")
                for result, frame in zip(results, STEADIED_FRAMES, strict=True)
            ]
        ).mean()
    terms = {name: WEIGHTS[name] * value for name, value in losses.items()}
    loss = torch.stack(list(terms.values())).sum()
    return loss, {name: float(value.detach()) for name, value in terms.items()}
