"""The one place where the nodes meet the engine; tests and other front ends can put their own in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..runtime.camera import Camera
    from ..runtime.head import HeadBox
    from ..runtime.mattes import Mattes
    from ..runtime.passes import Passes
    from ..runtime.plate.plate import Plate, PlateFrame
    from ..runtime.relight import Analysis, RelightRequest


class Relit(Protocol):
    """What the nodes read of `runtime.relight.RelightResult`."""

    @property
    def passes(self) -> Passes:
        """The passes at the render size."""

    @property
    def messages(self) -> tuple[str, ...]:
        """What the user should know, one sentence each."""


class Engine(Protocol):
    """What the nodes need of `runtime.relight.Relighter`."""

    def relight(self, frame: PlateFrame, request: RelightRequest, plate: Plate | None = None) -> Relit:
        """Relight one plate frame."""

    def is_analysed(
        self,
        frame: PlateFrame,
        plate_camera: Camera,
        *,
        person: int = 0,
        box: HeadBox | None = None,
        plate: Plate | None = None,
        steady: bool = True,
        mattes: Mattes | None = None,
    ) -> bool:
        """Whether relighting the frame would run neither locator nor portrait network."""

    def analyse(
        self,
        frame: PlateFrame,
        plate_camera: Camera,
        *,
        person: int = 0,
        box: HeadBox | None = None,
        plate: Plate | None = None,
        steady: bool = True,
        mattes: Mattes | None = None,
    ) -> Analysis:
        """Find the head and encode it."""

    def find_heads(self, frame: PlateFrame) -> list[HeadBox]:
        """All heads of a frame, largest first."""


@dataclass(frozen=True)
class EngineSettings:
    """The user's preferences.

    Attributes:
        cache_folder: where encodings are kept; None keeps them in memory only.
        cache_limit_bytes: size the cache folder is kept under; None for the runtime's default.
        providers: onnxruntime execution providers in order of preference; None chooses automatically.
    """

    cache_folder: Path | None = None
    cache_limit_bytes: int | None = None
    providers: tuple[str, ...] | None = None


EngineFactory = Callable[[EngineSettings], Engine]


def _runtime_engine(settings: EngineSettings) -> Engine:
    # Imported late: Blender starts without loading onnxruntime.
    from ..runtime.relight import DEFAULT_CACHE_LIMIT_BYTES, Relighter

    return Relighter(
        cache_folder=settings.cache_folder,
        cache_limit_bytes=settings.cache_limit_bytes or DEFAULT_CACHE_LIMIT_BYTES,
        providers=settings.providers,
    )


class EngineSlot:
    """Holds the engine, made on first use and made again when the settings change."""

    def __init__(self) -> None:
        self._factory: EngineFactory = _runtime_engine
        self._settings = EngineSettings()
        self._engine: Engine | None = None

    @property
    def settings(self) -> EngineSettings:
        """The preferences in use."""
        return self._settings

    def configure(self, settings: EngineSettings) -> None:
        """Use other settings from the next frame on."""
        if settings != self._settings:
            self._settings = settings
            self._engine = None

    def use_factory(self, factory: EngineFactory | None) -> None:
        """Use another engine; None goes back to the project's own."""
        self._factory = factory or _runtime_engine
        self._engine = None

    def release(self) -> None:
        """Let go of the engine and all it holds in memory."""
        self._engine = None

    def engine(self) -> Engine:
        """The engine, made if need be."""
        if self._engine is None:
            self._engine = self._factory(self._settings)
        return self._engine


ENGINE = EngineSlot()
