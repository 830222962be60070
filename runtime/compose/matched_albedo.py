"""The network's albedo in the plate's colours, for what the plate never saw."""

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..gbuffer import GBuffer
from ..view.extension import push_pull
from ..view.seam import widened
from .planes import planes
from .projection import ProjectedPlate

_LARGEST_RATIO = 4.0
"""The plate's albedo and the network's differ by less than this factor, or one of them is wrong."""


SURE_MATTE = 0.9
"""Matte less the painted share, from which a pixel shows the person alone."""
EDGE = 4 / 256
"""Share of the view's width beside the plate's matte within which its colours are not to be relied on."""
UNSURE_WEIGHT = 1e-3
"""Of those colours, where there are no others near."""


def matched_albedo(gbuffer: GBuffer, seen: BoolArray, plate: ProjectedPlate) -> Float32Array:
    """Scale the network's albedo by what the plate's is relative to it on the surface nearby.

    Args:
        gbuffer: with the network's albedo.
        seen: (h, w) what the plate saw.
        plate: the delit plate.

    Returns:
        (3, h, w) 0..1; differs from the gbuffer's albedo only in pixels that the plate never saw, or that are painted.
    """
    own = seen if gbuffer.painted is None else seen & (gbuffer.painted.share == 0)
    if not ((gbuffer.matte > 0) & ~own).any():
        return planes(gbuffer.albedo)
    weight = np.where(seen, gbuffer.confidence, np.float32(0))
    if gbuffer.painted is not None:
        weight = weight * _away_from_edges(gbuffer, gbuffer.painted.share)
    known = np.flatnonzero(weight > 0)
    in_plate = plate.at(gbuffer.plate_pixels.reshape(-1, 2)[known]).of(plate.brightest_albedo)
    network = planes(gbuffer.albedo)
    ratio = np.ones((3, weight.size), np.float32)
    relative = in_plate / np.maximum(network.reshape(3, -1)[:, known], np.float32(0.02))
    ratio[:, known] = np.clip(relative, 1 / _LARGEST_RATIO, _LARGEST_RATIO)
    smooth = push_pull(ratio.reshape(network.shape), weight)
    matched: Float32Array = np.where(own, network, np.clip(network * smooth, 0, 1))
    return matched


def _away_from_edges(gbuffer: GBuffer, share: Float32Array) -> Float32Array:
    """(h, w) 1 well inside the plate's matte, little at its edge.

    What is painted begins at that edge, so its colours come from there, and some of the background's is in them.
    """
    inside = ~widened(gbuffer.matte - share < SURE_MATTE, max(1, round(EDGE * gbuffer.camera.width)))
    return np.where(inside, np.float32(1), np.float32(UNSURE_WEIGHT))
