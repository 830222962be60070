"""Light of lamps that the person's own surface throws back onto it: under the chin, in a hood, beside the nose.

Transport holds this for environments. For lamps, what a point does not see of the sky it sees of the person, and there
the light is that of the neighbourhood: the mean of albedo × direct light over some centimetres of the picture (a
screen-space gathering, as Ritschel, Grosch and Seidel, "Approximating Dynamic Global Illumination in Image Space",
I3D 2009, with the direction left out). It is linear in the light, and a convex surface gets none.
"""

import numpy as np

from ..arrays import Float32Array
from ..crop import box_reduced
from ..gbuffer import GBuffer
from .harmonics import CONSTANT

REACH_METRES = 0.04
"""Deviation of the neighbourhood: as far as most light between the parts of a head travels."""
RETURNED = 0.10
"""Of what they hide, hidden parts of the sky give so much back in the transport: 0.096 ± 0.024 on 16 people of the
light stage, whose surfaces there have the albedo 0.35 and hide much of the sky from each other."""
CELL = 4
"""Pixels of a cell in which the neighbourhood is gathered."""


def bounced(gbuffer: GBuffer, direct: Float32Array) -> Float32Array:
    """What comes back of lamps' light.

    Args:
        gbuffer: the surface.
        direct: (h, w, 3) radiance that the lamps alone make leave a white diffuse surface.

    Returns:
        (h, w, 3) what to add to it; zero where the matte is.
    """
    matte = gbuffer.matte
    inside = matte > 0
    if not inside.any():
        return np.zeros_like(direct)
    pixels = REACH_METRES * gbuffer.camera.focal_x / float(np.median(gbuffer.depth[inside]))
    leaving = np.concatenate([gbuffer.albedo * direct * matte[..., None], matte[..., None]], axis=-1)
    gathered = _neighbourhood(leaving, pixels)
    around = gathered[..., :3] / np.maximum(gathered[..., 3:], np.float32(1e-4))
    result: Float32Array = around * (hidden_share(gbuffer.transport) * inside)[..., None]
    return result


def hidden_share(transport: Float32Array) -> Float32Array:
    """(h, w) 0..1 of the sky that the person hides, from transport (h, w, 9) which holds what comes back from there."""
    open_share = transport[..., 0] * np.float32(1 / CONSTANT)
    share: Float32Array = np.clip((1 - open_share) * np.float32(1 / (1 - RETURNED)), 0, 1)
    return share


def _neighbourhood(image: Float32Array, deviation: float) -> Float32Array:
    """(h, w, C) sums under a Gaussian of so many pixels, in any unit common to all channels.

    Gathered in cells, by einsum: sums this small take a BLAS with many threads longer.
    """
    height, width = image.shape[:2]
    cells = box_reduced(image, CELL)
    rows, columns = cells.shape[:2]
    cells = np.einsum("ij,jkc->ikc", _gaussian(rows, deviation / CELL), cells)
    cells = np.einsum("ij,kjc->kic", _gaussian(columns, deviation / CELL), cells)
    return _between_cells(_between_cells(cells, height, 0), width, 1)


def _gaussian(count: int, deviation: float) -> Float32Array:
    """(count, count) weight of each cell for each other."""
    place = np.arange(count, dtype=np.float32)
    weight: Float32Array = np.exp(-0.5 * np.square((place[:, None] - place) / np.float32(max(deviation, 0.5))))
    return weight


def _between_cells(cells: Float32Array, pixels: int, axis: int) -> Float32Array:
    """Cells along an axis, linearly interpolated at the centres of pixels.

    One axis after the other: `crop.sample_bilinear` gives the same in eight times the time.
    """
    place = np.clip((np.arange(pixels) + 0.5) / CELL - 0.5, 0, cells.shape[axis] - 1)
    first = np.minimum(place.astype(np.intp), max(cells.shape[axis] - 2, 0))
    second = np.minimum(first + 1, cells.shape[axis] - 1)
    share = (place - first).astype(np.float32).reshape([-1 if dimension == axis else 1 for dimension in range(3)])
    lower = cells.take(first, axis=axis)
    result: Float32Array = lower + share * (cells.take(second, axis=axis) - lower)
    return result
