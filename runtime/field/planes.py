"""The planes of one encoded frame: all that the field knows of space."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array
from ..crop import box_reduced

PLANES = ("albedo_front", "albedo_side", "albedo_top", "shading_front", "shading_side", "shading_top")
"""Outputs of the portrait network that are planes."""


@dataclass(frozen=True)
class FieldPlanes:
    """What the field's networks read besides points; see `chiaro.training.triplanes.planes` for the axes.

    Attributes:
        albedo_front: (A, h, w) features over y, x of the crop.
        albedo_side: (A, h, w) over y and depth.
        albedo_top: (A, h, w) over depth and x.
        shading_front: (S, h, w).
        shading_side: (S, h, w).
        shading_top: (S, h, w).
        depth: (h, w) of the plate's view, half widths behind the head's centre.
        matte: (h, w) 0..1.
    """

    albedo_front: Float32Array
    albedo_side: Float32Array
    albedo_top: Float32Array
    shading_front: Float32Array
    shading_side: Float32Array
    shading_top: Float32Array
    depth: Float32Array
    matte: Float32Array

    def inputs(self) -> dict[str, Float32Array]:
        """The networks' inputs, with a batch axis."""
        maps = {"depth": self.depth[None, None], "matte": self.matte[None, None]}
        return {name: getattr(self, name)[None] for name in PLANES} | maps


def planes_of_outputs(outputs: Mapping[str, Float32Array]) -> FieldPlanes | None:
    """The planes among the portrait network's outputs; None where it has none.

    Args:
        outputs: of a batch of one; `depth` and `matte` are reduced to the front plane's pixels, as in training: depth
            is averaged over the matte, so that the background does not bleed in.
    """
    if any(name not in outputs for name in PLANES):
        return None
    planes = {name: np.ascontiguousarray(outputs[name][0], np.float32) for name in PLANES}
    factor = max(1, outputs["depth"].shape[-1] // planes["albedo_front"].shape[-1])
    full_matte = np.clip(outputs["matte"][0, 0], 0.0, 1.0)
    # A trace of every pixel keeps a depth where nobody is.
    weight = full_matte + np.float32(1e-3)
    depth = box_reduced(outputs["depth"][0, 0] * weight, factor) / box_reduced(weight, factor)
    return FieldPlanes(**planes, depth=depth, matte=box_reduced(full_matte, factor))
