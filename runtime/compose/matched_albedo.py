"""The network's albedo in the plate's colours, for what the plate never saw."""

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..gbuffer import GBuffer
from ..view.extension import push_pull
from .planes import planes
from .projection import ProjectedPlate

_LARGEST_RATIO = 4.0
"""The plate's albedo and the network's differ by less than this factor, or one of them is wrong."""


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
    known = np.flatnonzero(weight > 0)
    in_plate = plate.at(gbuffer.plate_pixels.reshape(-1, 2)[known]).of(plate.brightest_albedo)
    network = planes(gbuffer.albedo)
    ratio = np.ones((3, weight.size), np.float32)
    relative = in_plate / np.maximum(network.reshape(3, -1)[:, known], np.float32(0.02))
    ratio[:, known] = np.clip(relative, 1 / _LARGEST_RATIO, _LARGEST_RATIO)
    smooth = push_pull(ratio.reshape(network.shape), weight)
    matched: Float32Array = np.where(own, network, np.clip(network * smooth, 0, 1))
    return matched
