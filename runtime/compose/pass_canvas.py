"""Full-size passes into which only a window is written."""

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..camera import Camera
from ..passes import Passes
from .window import Band, Window

NO_DEPTH = 1e10
"""Depth where there is nothing: Blender's own value."""
_CHANNELS = {
    "image": 4,
    "albedo": 3,
    "shading": 3,
    "specular": 3,
    "depth": 0,
    "normal": 3,
    "position": 3,
    "matte": 0,
    "confidence": 0,
}


class PassCanvas:
    """Passes being filled; those not wanted stay zero, and cost nothing."""

    def __init__(self, camera: Camera, window: Window, wanted: frozenset[str]) -> None:
        self.camera = camera
        self._window = window
        self.wanted = wanted
        self._passes: dict[str, Float32Array] = {}
        for name, channels in _CHANNELS.items():
            shape = (camera.height, camera.width, channels) if channels else (camera.height, camera.width)
            self._passes[name] = np.zeros(shape, np.float32)
        if "depth" in wanted:
            self._passes["depth"].fill(NO_DEPTH)

    def wants(self, *names: str) -> bool:
        """Whether any of these passes is asked for."""
        return not self.wanted.isdisjoint(names)

    def whole(self, name: str) -> Float32Array:
        """The full-size array of a pass."""
        return self._passes[name]

    def write(self, name: str, band: Band, there: BoolArray, values: Float32Array) -> None:
        """Write a wanted pass into a band of the window.

        Args:
            name: of the pass.
            band: where.
            there: (rows, columns) which pixels to write.
            values: (rows, columns), or planes (C, rows, columns).
        """
        if name not in self.wanted:
            return
        target = self._passes[name][self._window.slices][band.pixels]
        if values.ndim == 2:
            np.copyto(target, values, where=there)
            return
        for channel, plane in enumerate(values):
            np.copyto(target[..., channel], plane, where=there)

    def passes(self) -> Passes:
        """What was filled."""
        return Passes(camera=self.camera, **self._passes)
