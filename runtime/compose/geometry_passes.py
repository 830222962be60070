"""Write depth, normal and position into passes."""

import numpy as np

from ..arrays import Float32Array
from ..camera import Camera
from .pass_canvas import PassCanvas
from .window import Band


def write_geometry(canvas: PassCanvas, geometry: Float32Array, matte: Float32Array, band: Band, camera: Camera) -> None:
    """Depth, normal and position in a band.

    Args:
        canvas: the passes.
        geometry: (rows, width, 6) position and normal, world.
        matte: (rows, width).
        band: which rows.
        camera: along whose axis depth is measured.
    """
    position, normal = geometry[..., :3], geometry[..., 3:]
    canvas.write("position", band.rows, matte, position)
    if canvas.wants("normal"):
        canvas.write("normal", band.rows, matte, _unit(normal))
    if canvas.wants("depth"):
        canvas.write("depth", band.rows, matte, _depth(position, camera))


def _unit(vectors: Float32Array) -> Float32Array:
    length = np.sqrt(np.einsum("...i,...i->...", vectors, vectors))
    unit: Float32Array = vectors / np.maximum(length, np.float32(1e-6))[..., None]
    return unit


def _depth(position: Float32Array, camera: Camera) -> Float32Array:
    backward = camera.world_from_camera[:3, 2]
    at_camera = float(camera.world_from_camera[:3, 3] @ backward)
    depth: Float32Array = np.float32(at_camera) - position @ backward.astype(np.float32)
    return depth
