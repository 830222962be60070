"""The sheet of a run of the temporal network: what flickers without it, and what with it."""

from pathlib import Path

import torch
from torch import Tensor, nn

from ...runtime.arrays import Float32Array
from ..portrait.losses import rendered
from ..portrait.truth import Batch
from ..sheets import grey, look_light, write_sheet
from .temporal import GROUPS, TemporalNetwork
from .temporal_alignment import warped
from .temporal_objective import STEADIED_FRAMES, clip_of, finished, true_motion
from .temporal_window import FRAMES, Window

LOOK = look_light((0.85, 0.35, 0.4))
FLICKER_GAIN = 8.0
"""Differences between frames, some hundredths, are shown so many times as strong."""


def draw_temporal_sheet(batch: Batch, network: nn.Module, path: Path) -> None:
    """Write the PNG: a row for every clip.

    From left to right: the plate's brightness, the plain and the steadied normals, the person under a light from the
    right plain and steadied, the change of both from the frame before along the true motion, and the present frame's
    share in geometry, matte and shading.

    Args:
        batch: clips of `sequence_dataset`.
        network: a temporal network.
        path: of the PNG.

    Raises:
        TypeError: another network.
    """
    if not isinstance(network, TemporalNetwork):
        raise TypeError(f"A temporal network is expected, not a {type(network).__name__}.")
    clip, truth = clip_of({name: value.to(next(network.parameters()).device) for name, value in batch.items()})
    before, present = STEADIED_FRAMES[1:]
    with torch.no_grad():
        results = [network(clip.frames(frame + 1 - FRAMES, frame)) for frame in (before, present)]
        motion, seen = true_motion(truth.at(present), truth.at(before))
    plain = (clip.maps[:, before], clip.maps[:, present])
    steadied = (results[0].maps, results[1].maps)
    changes = [_change(maps[0], maps[1], motion) * seen for maps in (plain, steadied)]
    shares = results[1].shares[:, -1]
    tiles = [clip.luminance[:, present].expand(-1, 3, -1, -1)]
    tiles += [(finished(maps[1])["normal"] * 0.5 + 0.5) * _matte(clip, present) for maps in (plain, steadied)]
    tiles += [_relit(maps[1]) for maps in (plain, steadied)]
    tiles += [FLICKER_GAIN * change.expand(-1, 3, -1, -1) for change in changes]
    rows = []
    for index in range(len(clip.maps)):
        pictures = [tile[index].permute(1, 2, 0).cpu().numpy() for tile in tiles]
        rows.append(_row([*pictures, *(_share(shares[index, group]) for group in range(1, len(GROUPS)))]))
    write_sheet(rows, path)


def _matte(clip: Window, frame: int) -> Tensor:
    return finished(clip.maps[:, frame])["matte"].clamp(0.0, 1.0)


def _relit(maps: Tensor) -> Tensor:
    """(N, 3, h, w) the person under a light from the right, as the eye sees it."""
    piece = finished(maps)
    light = torch.from_numpy(LOOK).to(maps).expand(len(maps), -1, -1)
    relit = rendered(piece["albedo"].clamp(0.0, 1.0), piece["transport"], light) * piece["matte"].clamp(0.0, 1.0)
    return relit.clamp(0.0, 1.0).sqrt()


def _change(before: Tensor, present: Tensor, motion: Tensor) -> Tensor:
    """(N, 1, h, w) absolute change of the relit person along the motion."""
    return (_relit(present) - warped(_relit(before), motion)).abs().mean(dim=1, keepdim=True)


def _share(share: Tensor) -> Float32Array:
    wide = torch.nn.functional.interpolate(share[None, None], scale_factor=2.0)[0, 0]
    return grey(wide.cpu().numpy())


def _row(pictures: list[Float32Array]) -> Float32Array:
    joined: Float32Array = torch.cat([torch.from_numpy(picture) for picture in pictures], dim=1).numpy()
    return joined
