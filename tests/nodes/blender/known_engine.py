"""An engine whose every pixel is known: tells what the nodes asked for, and what the compositor must show."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from chiaro.nodes.engine import ENGINE
from chiaro.runtime.camera import Camera
from chiaro.runtime.errors import HeadError
from chiaro.runtime.head import HeadBox
from chiaro.runtime.passes import Passes
from chiaro.runtime.plate.plate import Plate, PlateFrame
from chiaro.runtime.relight import Analysis, RelightRequest

SEEDS = {
    "image": 1,
    "albedo": 2,
    "shading": 3,
    "specular": 4,
    "depth": 5,
    "normal": 6,
    "position": 7,
    "matte": 8,
    "confidence": 9,
}
CHANNELS = {"image": 4, "albedo": 3, "shading": 3, "specular": 3, "normal": 3, "position": 3}


@dataclass(frozen=True)
class KnownResult:
    """What the nodes read of a RelightResult."""

    passes: Passes
    messages: tuple[str, ...] = ()


def known_pass(name: str, request: RelightRequest, frame: PlateFrame) -> NDArray[np.float32]:
    """Noise by pass, shifted by the strength, the camera's x and the plate's frame number and mean."""
    camera = request.render_camera
    size = (camera.height, camera.width) + ((CHANNELS[name],) if name in CHANNELS else ())
    noise = np.random.default_rng(SEEDS[name]).random(size, dtype=np.float32)
    shift = request.strength + camera.world_from_camera[0, 3] + frame.frame + float(frame.image.mean())
    shifted: NDArray[np.float32] = (noise + np.float32(shift)).astype(np.float32)
    if name == "image":
        shifted[..., 3] = 1.0
    if name == "depth":
        shifted[0, 0] = 1e10
    return shifted


@dataclass
class KnownEngine:
    """Remembers every request; a plate whose first pixel is negative has "no head"."""

    requests: list[RelightRequest] = field(default_factory=list)
    frames: list[PlateFrame] = field(default_factory=list)
    messages: tuple[str, ...] = ()
    analysed: bool = True

    def is_analysed(self, frame: PlateFrame, plate_camera: Camera, **_settings: object) -> bool:
        """As told."""
        del frame, plate_camera
        return self.analysed

    def analyse(self, frame: PlateFrame, plate_camera: Camera, **_settings: object) -> Analysis:
        """It has no analyses to keep."""
        raise HeadError("The known engine analyses nothing.")

    def find_heads(self, frame: PlateFrame) -> list[HeadBox]:
        """One, anywhere."""
        return [HeadBox(frame.image.shape[1] / 2, frame.image.shape[0] / 2, 10.0)]

    def relight(self, frame: PlateFrame, request: RelightRequest, plate: Plate | None = None) -> KnownResult:
        """Known passes."""
        del plate
        if frame.image[0, 0, 0] < 0:
            raise HeadError("No head was found in the plate; draw a head box.")
        self.requests.append(request)
        self.frames.append(frame)
        return KnownResult(
            Passes(request.render_camera, **{name: known_pass(name, request, frame) for name in SEEDS}), self.messages
        )

    def expected(self, name: str, index: int = -1) -> NDArray[np.float32]:
        """What the engine returned for a request, by default the last one."""
        return known_pass(name, self.requests[index], self.frames[index])


def install() -> KnownEngine:
    """Put a known engine into the nodes."""
    engine = KnownEngine()
    ENGINE.use_factory(lambda _settings: engine)
    return engine
