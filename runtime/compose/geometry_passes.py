"""Write depth, normal and position into passes."""

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..camera import Camera
from .pass_canvas import PassCanvas
from .window import Band


def write_geometry(canvas: PassCanvas, geometry: Float32Array, there: BoolArray, band: Band, camera: Camera) -> None:
    """Depth, normal and position in a band.

    Args:
        canvas: the passes.
        geometry: (6, rows, columns) position and normal, world.
        there: (rows, columns) which pixels to write.
        band: where.
        camera: along whose axis depth is measured.
    """
    position, normal = geometry[:3], geometry[3:]
    canvas.write("position", band, there, position)
    if canvas.wants("normal"):
        canvas.write("normal", band, there, _unit(normal))
    if canvas.wants("depth"):
        canvas.write("depth", band, there, _depth(position, camera))


def _unit(vectors: Float32Array) -> Float32Array:
    length = np.sqrt(vectors[0] ** 2 + vectors[1] ** 2 + vectors[2] ** 2)
    unit: Float32Array = vectors / np.maximum(length, np.float32(1e-6))
    return unit


def _depth(position: Float32Array, camera: Camera) -> Float32Array:
    backward = camera.world_from_camera[:3, 2]
    depth = np.full(position.shape[1:], float(camera.world_from_camera[:3, 3] @ backward), np.float32)
    for axis in range(3):
        depth -= position[axis] * np.float32(backward[axis])
    return depth
