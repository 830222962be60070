"""Where each point of a rendered frame lies in the next one: the mesh is known, so the motion is exact."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import AnyFloatArray, BoolArray, Float64Array
from ...runtime.crop import sample_bilinear
from ..lightstage.pose import camera_points
from ..lightstage.view import View
from .held_out import FIRM
from .picture_measures import centres

HIDDEN_METRES = 0.006
"""A point that far behind what the next frame shows in its place is hidden there."""


@dataclass(frozen=True)
class Motion:
    """From one frame to the next.

    Attributes:
        pixels: (h, w, 2) to the right and down.
        visible: (h, w) where the same point of the person is seen in both.
    """

    pixels: Float64Array
    visible: BoolArray


def true_motion(here: View, after: View) -> Motion:
    """Motion between two views of one person, whose meshes have the same triangles.

    A pixel moves as the mean of the points that it shows.

    Args:
        here: a frame.
        after: the next one.
    """
    size, samples = here.maps.matte.shape[0], here.maps.samples
    shares = np.column_stack([samples.weights, 1.0 - samples.weights.sum(axis=1)])
    moved, depth = _projected(after, np.einsum("nk,nkc->nc", shares, after.subject.person.vertices[samples.corners]))
    still, _ = _projected(here, np.einsum("nk,nkc->nc", shares, here.subject.person.vertices[samples.corners]))
    count = np.maximum(np.bincount(samples.pixel, minlength=size * size), 1)

    def mean(values: AnyFloatArray) -> Float64Array:
        total: Float64Array = np.bincount(samples.pixel, values, size * size) / count
        return total.reshape(size, size)

    pixels = np.stack([mean(moved[:, axis] - still[:, axis]) for axis in range(2)], axis=-1)
    target = centres(size, size) + pixels
    there = after.maps
    covered = sample_bilinear((there.matte > FIRM).astype(np.float32), target) > 0.999
    in_front = mean(depth) < sample_bilinear(there.depth, target) + HIDDEN_METRES
    within = (target > 1.0).all(axis=-1) & (target < size - 1.0).all(axis=-1)
    return Motion(pixels, (here.maps.matte > FIRM) & covered & in_front & within)


def _projected(view: View, points: AnyFloatArray) -> tuple[Float64Array, Float64Array]:
    """(N, 2) pixels and (N,) depth of points of the mesh in a view."""
    local = camera_points(points, view.pose)
    depth = np.maximum(-local[:, 2], 1e-6)
    size = view.maps.matte.shape[0]
    scale = size / 2 / view.pose.tangent / depth
    return np.column_stack([size / 2 + scale * local[:, 0], size / 2 - scale * local[:, 1]]), depth
