"""Frames of a shot encoded one after the other, each steadied by those before it."""

from collections import deque

from ..arrays import AnyFloatArray
from ..camera import Camera
from ..encode import encode
from ..encoding import Encoding
from ..head import HeadBox
from ..network import Network
from .steady import FRAMES, steadied


class StreamingEncoder:
    """Encodes frames in their order; the same as `runtime.relight.Relighter`, for programs without a plate on disk."""

    def __init__(self, portrait: Network, temporal: Network) -> None:
        """A stream before its first frame.

        Args:
            portrait: the network "portrait".
            temporal: the network "temporal" that belongs to it.
        """
        self._portrait, self._temporal = portrait, temporal
        self._window: deque[Encoding] = deque(maxlen=FRAMES)

    def begin(self) -> None:
        """A new shot: forget the last one."""
        self._window.clear()

    def encode(self, plate: AnyFloatArray, camera: Camera, box: HeadBox) -> Encoding:
        """Encode the next frame; arguments and errors as `runtime.encode.encode`."""
        self._window.append(encode(plate, camera, box, self._portrait))
        return steadied(list(self._window), self._temporal)
