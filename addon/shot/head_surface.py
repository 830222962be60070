"""The visible surface of the person as points on a grid, and the faces between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .analysed_shot import AnalysedFrame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...runtime.arrays import BoolArray, Float32Array

LARGEST_STEP_METRES = 0.03
"""Depth between neighbouring points (about 4 mm apart) beyond which they are two surfaces: chin and chest."""

INSIDE = 0.5
"""Matte from which a point is the person's."""

BORDER = 2
"""Points along the crop's border that are left out: the network sees less than half of their surroundings."""


@dataclass(frozen=True)
class HeadSurface:
    """Points on an n x n grid over the crop.

    Attributes:
        position: (n, n, 3) float32 metres, world; points outside the matte lie on the nearest point inside.
        plate_uv: (n, n, 2) float32 where they lie in the plate: 0..1 from its lower left corner.
        inside: (n, n) whether the point is the person's.
    """

    position: Float32Array
    plate_uv: Float32Array
    inside: BoolArray


def head_surface(frame: AnalysedFrame, size: int) -> HeadSurface:
    """The surface seen by the plate's camera.

    Args:
        frame: the analysed frame.
        size: points along each side of the grid, n; at most the crop's pixels.
    """
    import numpy as np

    from ...runtime.crop import sample_bilinear, transform_pixels
    from ...runtime.view.extension import nearest_inside

    encoding = frame.encoding
    crop = encoding.crop
    width = crop.camera.width
    centres = (np.arange(size) + 0.5) * width / size
    pixels = np.stack(np.meshgrid(centres, centres), axis=-1)
    plate = transform_pixels(crop.plate_from_crop, pixels)
    in_plate = (plate >= 0).all(axis=-1) & (plate[..., 0] <= crop.plate_width) & (plate[..., 1] <= crop.plate_height)
    inside = (sample_bilinear(encoding.matte, pixels) > INSIDE) & in_plate
    inside[:BORDER], inside[-BORDER:], inside[:, :BORDER], inside[:, -BORDER:] = False, False, False, False
    depth = sample_bilinear(encoding.depth, pixels)
    crop_points = crop.camera.directions(pixels) * depth[..., None]
    world = crop_points @ frame.world_from_crop[:3, :3].T + frame.world_from_crop[:3, 3]
    if inside.any():
        world = nearest_inside(inside, 2 * size).extended(world)
    uv = np.stack([plate[..., 0] / crop.plate_width, 1.0 - plate[..., 1] / crop.plate_height], axis=-1)
    return HeadSurface(world.astype(np.float32), uv.astype(np.float32), inside)


def grid_faces(size: int) -> NDArray[Any]:
    """((n − 1)², 4) corners of all cells of an n x n grid, counter-clockwise as the camera sees them."""
    import numpy as np

    index = np.arange(size * size, dtype=np.int32).reshape(size, size)
    corners = (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:])
    return np.stack([corner.ravel() for corner in corners], axis=-1)


def whole_faces(surface: HeadSurface) -> NDArray[Any]:
    """The cells whose four corners are the person's and lie on one surface."""
    import numpy as np

    size = surface.inside.shape[0]
    faces = grid_faces(size)
    corners = surface.position.reshape(-1, 3)[faces]
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=-1).max(axis=-1)
    kept: NDArray[Any] = faces[surface.inside.ravel()[faces].all(axis=-1) & (edges < LARGEST_STEP_METRES)]
    return kept
