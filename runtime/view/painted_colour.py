"""The field's colours brought to the plate's, for what the plate never saw.

A field of a few planes remembers colour roughly. At points that the plate shows, both colours are known. A painted
point takes the change from one to the other of points that are near it in space and look like it to the field: grey
hair behind a head goes with the grey hair beside it. Faces are what a plate shows best and a far side has least of, so
points of the face count less than hair and cloth. All this depends on the frame alone: while the camera moves, colours
stand still.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float32Array
from ..crop import inside_plate
from ..encoding import Encoding
from ..field.carved_field import PointField
from ..head import CROP_HALF_WIDTH_METRES
from ..part_names import PARTS
from .likeness import Likeness, mean_of_alike
from .seam import largest_around

IndexArray = NDArray[np.intp]

SPACING = 9
"""Pixels of a crop of 256 between the points that tell."""
FIRM = 0.95
"""Least matte around such a point."""
BORDER = 2
"""Pixels around it that have to be firm."""
LEAST_FACING = 0.25
"""Least cosine between its normal and the crop's axis: beside the outline a map of colours holds some background."""
LIKENESS = Likeness(near=0.2, alike=0.25)
"""Half widths, and how far a field's colours may be wrong."""
FACE = ("skin", "lips", "brows", "eyes", "mouth")
FACE_WEIGHT = 0.1
"""Of a point of the face, beside one of hair or cloth."""
LARGEST_RATIO = 8.0
"""The plate's albedo and the field's differ by less than this factor, or one of them is wrong."""
FLOOR = 0.003
"""Of albedo, in ratios."""


@dataclass(frozen=True)
class PlateColours:
    """Points of the plate's surface, and their two colours.

    Attributes:
        points: (A, 3) crop coordinates.
        albedo: (A, 3) the field's.
        change: (A, 3) logarithm of the plate's albedo over the field's.
        weight: (A,) how much each counts.
    """

    points: Float32Array
    albedo: Float32Array
    change: Float32Array
    weight: Float32Array

    def brought_to(self, points: Float32Array, albedo: Float32Array) -> Float32Array:
        """The field's albedo (N, 3) at (N, 3) crop coordinates, in the plate's colours, 0..1."""
        if not len(self.points):
            return albedo
        theirs, ours = LIKENESS.features(points, albedo), LIKENESS.features(self.points, self.albedo)
        change = mean_of_alike(theirs, ours, self.change, self.weight)
        changed: Float32Array = np.clip(albedo * np.exp(change), 0, 1)
        return changed


def plate_colours(encoding: Encoding, field: PointField) -> PlateColours:
    """Ask the field about points that the plate shows well; there may be none.

    Args:
        encoding: of the plate frame.
        field: of the encoding.
    """
    size = encoding.matte.shape[0]
    spacing = max(1, round(SPACING * size / 256))
    firm = -largest_around(-encoding.matte, BORDER) * inside_plate(encoding.crop)
    chosen = (firm >= FIRM) & (encoding.normal[..., 2] >= LEAST_FACING)
    rows, columns = np.nonzero(chosen[::spacing, ::spacing])
    rows, columns = spacing * rows, spacing * columns
    across = (np.stack([columns, rows], axis=-1) + 0.5) * (2 / size) - 1
    behind = (encoding.depth[rows, columns] - encoding.crop.head_distance) / CROP_HALF_WIDTH_METRES
    points = np.concatenate([across, behind[:, None]], axis=-1).astype(np.float32)
    albedo = field.surface(points)["albedo"] if len(points) else np.zeros((0, 3), np.float32)
    ratio = np.maximum(encoding.albedo[rows, columns], FLOOR) / np.maximum(albedo, FLOOR)
    change = np.log(np.clip(ratio, 1 / LARGEST_RATIO, LARGEST_RATIO)).astype(np.float32)
    return PlateColours(points, albedo, change, 1 - (1 - FACE_WEIGHT) * _face(encoding, rows, columns))


def _face(encoding: Encoding, rows: IndexArray, columns: IndexArray) -> Float32Array:
    """(A,) 0..1 how far pixels show the face; 0 where the network names no parts."""
    if encoding.parts is None:
        return np.zeros(len(rows), np.float32)
    named = encoding.parts[rows, columns][:, [PARTS.index(name) for name in FACE]]
    share: Float32Array = np.minimum(named.sum(axis=1, dtype=np.float32) * np.float32(1 / 255), np.float32(1))
    return share
