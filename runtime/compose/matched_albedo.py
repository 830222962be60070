"""The network's albedo in the plate's colours, for what the plate never saw."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import BoolArray, Float32Array
from ..gbuffer import GBuffer
from ..view.extension import push_pull
from ..view.likeness import Likeness, mean_of_alike
from ..view.seam import widened
from .planes import planes
from .projection import ProjectedPlate

IndexArray = NDArray[np.intp]

_LARGEST_RATIO = 4.0
"""The plate's albedo and the network's differ by less than this factor, or one of them is wrong."""


SURE_MATTE = 0.9
"""Matte less the painted share, from which a pixel shows the person alone."""
EDGE = 4 / 256
"""Share of the view's width beside the plate's matte within which its colours are not to be relied on."""
UNSURE_WEIGHT = 1e-3
"""Of those colours, where there are no others near."""
LIKENESS = Likeness(near=0.05, alike=0.06)
"""Metres, and how far what is painted may differ in colour from what the plate's maps say of the same kind of thing."""
SURE_WEIGHT = 0.1
"""Confidence from which a pixel's colours tell about others."""
MOST_KNOWN = 600
"""Of such pixels, spread over the picture."""


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
    if gbuffer.painted is not None:
        _of_alike(smooth, gbuffer, np.flatnonzero(gbuffer.painted.share > 0), ratio, weight)
    matched: Float32Array = np.where(own, network, np.clip(network * smooth, 0, 1))
    return matched


def _of_alike(
    smooth: Float32Array, gbuffer: GBuffer, asked: IndexArray, ratio: Float32Array, weight: Float32Array
) -> None:
    """Where the picture is painted, the ratio of what is like it nearby: hair's behind hair, and not the cheek's."""
    known = np.flatnonzero(weight >= SURE_WEIGHT)
    known = known[:: max(1, len(known) // MOST_KNOWN)]
    if not (len(asked) and len(known)):
        return
    position, albedo = gbuffer.position.reshape(-1, 3), gbuffer.albedo.reshape(-1, 3)
    theirs, ours = (LIKENESS.features(position[pixels], albedo[pixels]) for pixels in (asked, known))
    logarithm = np.log(np.ascontiguousarray(ratio[:, known].T))
    found = np.exp(mean_of_alike(theirs, ours, logarithm, weight.reshape(-1)[known]))
    smooth.reshape(3, -1)[:, asked] = found.T


def _away_from_edges(gbuffer: GBuffer, share: Float32Array) -> Float32Array:
    """(h, w) 1 well inside the plate's matte, little at its edge.

    What is painted begins at that edge, so its colours come from there, and some of the background's is in them.
    """
    inside = ~widened(gbuffer.matte - share < SURE_MATTE, max(1, round(EDGE * gbuffer.camera.width)))
    return np.where(inside, np.float32(1), np.float32(UNSURE_WEIGHT))
