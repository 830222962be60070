"""Where in the plate lies what a render shows."""

from dataclasses import dataclass

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from ..small_matrices import determinant, inverse
from ..view.extension import push_pull
from .planes import planes


@dataclass(frozen=True)
class PlateMapping:
    """An affine guess of where render pixels lie in the plate; maps carry only what is left over, which is smooth.

    Attributes:
        plate_from_render: (2, 3).
    """

    plate_from_render: Float64Array

    def at(self, render_pixels: Float64Array) -> Float64Array:
        """(..., 2) guessed plate pixels."""
        guess: Float64Array = render_pixels @ self.plate_from_render[:, :2].T + self.plate_from_render[:, 2]
        return guess

    @property
    def scale(self) -> float:
        """Plate pixels per render pixel."""
        square = np.eye(3)
        square[:2, :2] = self.plate_from_render[:, :2]
        return float(np.sqrt(abs(determinant(square))))

    def left_over(self, plate_pixels: Float32Array, known: BoolArray, render_pixels: Float64Array) -> Float32Array:
        """(2, h, w) plate pixels (h, w, 2) less the guess, carried on beyond where they are known (h, w)."""
        offset = np.where(known[..., None], plate_pixels - self.at(render_pixels), 0.0)
        return push_pull(planes(offset.astype(np.float32)), known.astype(np.float32))


def plate_mapping(plate_pixels: Float32Array, known: BoolArray, render_pixels: Float64Array) -> PlateMapping:
    """Least-squares affine map from render pixels (h, w, 2) to plate pixels (h, w, 2) where these are known (h, w)."""
    if np.count_nonzero(known) < 3:
        return PlateMapping(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    render, plate = render_pixels[known][::7], plate_pixels[known][::7].astype(np.float64)
    middle, plate_middle = render.mean(axis=0), plate.mean(axis=0)
    around, plate_around = render - middle, plate - plate_middle
    spread = np.eye(3)
    spread[:2, :2] = np.einsum("ni,nj->ij", around, around)
    # Pixels on one line tell nothing of what is across it: there the map stays small.
    spread[[0, 1], [0, 1]] += 1e-9 * np.trace(spread)
    slope = np.einsum("ni,nj->ji", around, plate_around) @ inverse(spread)[:2, :2]
    return PlateMapping(np.concatenate([slope, (plate_middle - slope @ middle)[:, None]], axis=1))
